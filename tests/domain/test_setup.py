"""After a restore everything but the files is as it was meant to be."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.instance import Instance, InstanceStatus, Snapshot
from bot.domain.setup import Setup, setup_of, to_put_back
from bot.domain.size import as_bytes
from bot.domain.snapshot import free_name, snapshot_name_fault, way_back
from tests.conftest import NOON

GIB = 1 << 30
SSH = {"type": "proxy", "listen": "tcp:0.0.0.0:10001", "connect": "tcp:127.0.0.1:22"}
SNAPSHOTS = [Snapshot(name, NOON + timedelta(days=day)) for day, name in enumerate(("mon", "tue", "wed"))]


def container(devices: dict, config: dict | None = None) -> Instance:
    return Instance("x", InstanceStatus.STOPPED, devices, devices, config or {})


def root(size: str) -> dict:
    return {"type": "disk", "path": "/", "pool": "default", "size": size}


def test_old_ports_cards_limits_and_owners_go_and_the_new_come_back() -> None:
    wanted = Setup({"ssh": SSH, "gpu-a": {"type": "gpu"}}, {"limits.cpu": "4", "user.junzi.member": "lisi"})
    restored = container(
        {"ssh": {**SSH, "listen": "tcp:0.0.0.0:10009"}, "port-8888": {"type": "proxy"}},
        {"limits.cpu": "1", "limits.memory": "1GiB", "user.junzi.member": "zhangsan", "volatile.uuid": "x"},
    )
    back = to_put_back(wanted, restored, None)
    assert back.devices == {"port-8888": None, "ssh": SSH, "gpu-a": {"type": "gpu"}}
    assert back.config == {"limits.memory": None, "limits.cpu": "4", "user.junzi.member": "lisi"}


def test_what_is_right_already_is_not_touched() -> None:
    instance = container({"ssh": SSH}, {"limits.cpu": "4", "volatile.x": "1", "image.os": "debian"})
    back = to_put_back(setup_of(instance), instance, None)
    assert (back.devices, back.config, back.disk_kept) == ({}, {}, False)


def test_what_cloud_init_read_is_kept_nowhere() -> None:
    assert setup_of(container({}, {"cloud-init.user-data": "secret", "user.user-data": "secret"})).config == {}


@pytest.mark.parametrize(
    ("now", "wanted", "used", "kept"),
    [
        ("200GiB", "100GiB", 50 * GIB, False),
        ("200GiB", "100GiB", 150 * GIB, True),
        ("200GiB", "100GiB", None, True),
        ("100GiB", "200GiB", None, False),
        ("100GiB", "200GiB", 99 * GIB, False),
    ],
)
def test_a_disk_is_made_smaller_only_if_the_old_files_fit(now: str, wanted: str, used: int | None, kept: bool) -> None:
    back = to_put_back(Setup({"root": root(wanted)}), container({"root": root(now)}), used)
    assert back.disk_kept is kept
    assert back.devices == ({} if kept else {"root": root(wanted)})


def test_a_limit_that_is_new_since_counts_as_smaller() -> None:
    assert to_put_back(Setup({"root": root("1GiB")}), container({}), None).disk_kept
    assert to_put_back(Setup({}), container({"root": root("1GiB")}), None).devices == {"root": None}


@pytest.mark.parametrize(
    ("text", "count"),
    [("32GiB", 32 * GIB), ("32 g", 32 * GIB), ("32GB", 32 * 10**9), ("1.5G", GIB * 3 // 2), ("512", 512)],
)
def test_sizes(text: str, count: int) -> None:
    assert as_bytes(text) == count


@pytest.mark.parametrize("text", ["", "G", "-1G", "1X", "1 2G", "1e3", "GiB32", "٣G"])
def test_what_is_no_size(text: str) -> None:
    assert as_bytes(text) is None


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("before-cuda12", None),
        ("1125-1930", None),
        ("a", None),
        ("", "bad_characters"),
        ("-a", "bad_characters"),
        ("a-", "bad_characters"),
        ("a b", "bad_characters"),
        ("a/b", "bad_characters"),
        ("快照", "bad_characters"),
        ("x" * 24, None),
        ("x" * 25, "too_long"),
    ],
)
def test_names_of_snapshots(name: str, fault: str | None) -> None:
    assert snapshot_name_fault(name) == fault


def test_the_way_back_says_what_goes() -> None:
    assert way_back(SNAPSHOTS, "sun", "btrfs") is None
    plain = way_back(SNAPSHOTS, "mon", "btrfs")
    assert plain is not None
    assert (plain.lost, plain.keeps_now) == ((), True)
    zfs = way_back(SNAPSHOTS, "tue", "zfs")
    assert zfs is not None
    assert ([s.name for s in zfs.lost], zfs.keeps_now) == (["wed"], False)


def test_a_name_that_nobody_has() -> None:
    assert free_name("b", ["a"]) == "b"
    assert free_name("b", ["b", "b-2"]) == "b-3"
