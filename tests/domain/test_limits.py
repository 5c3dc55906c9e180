"""Limits as typed, as LXD has them, and when a disk may be made smaller."""

from __future__ import annotations

import pytest

from bot.domain.instance import Instance, InstanceStatus
from bot.domain.limits import LimitsSeen, LimitWish, config_for, devices_for, fits, limits_seen, read_limits, shrinks
from bot.domain.user_options import OptionFault

GIB = 1 << 30
ROOT = {"type": "disk", "path": "/", "pool": "default"}


def container(own: dict | None = None, config: dict | None = None) -> Instance:
    own = own or {}
    return Instance("x", InstanceStatus.RUNNING, own, {"root": ROOT, **own}, config or {})


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("cpu=4 memory=32GiB disk=200GiB", LimitWish("4", "32GiB", "200GiB")),
        ("mem=32g", LimitWish(memory="32GiB")),
        ("内存=32G 硬盘=1T", LimitWish(memory="32GiB", disk="1TiB")),
        ("cpu=0-3,8", LimitWish(cpu="0-3,8")),
        ("cpu=none memory=不限", LimitWish(cpu="", memory="")),
    ],
)
def test_what_an_admin_types(text: str, wish: LimitWish) -> None:
    assert read_limits(text.split()) == wish


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("memory", "unknown"),
        ("gpu=1", "unknown"),
        ("cpu=0", "cpu"),
        ("cpu=4;reboot", "cpu"),
        ("memory=32", "size"),
        ("memory=-1G", "size"),
        ("disk=1MiB", "size_small"),
        ("cpu=1 cpu=2", "twice"),
    ],
)
def test_what_is_wrong_has_a_sentence(text: str, key: str) -> None:
    with pytest.raises(OptionFault) as wrong:
        read_limits(text.split())
    assert wrong.value.key == key


def test_the_disk_is_a_device_and_the_rest_are_keys() -> None:
    wish = LimitWish(cpu="4", memory="", disk="200GiB")
    assert config_for(wish) == {"limits.cpu": "4", "limits.memory": None}
    assert devices_for(wish, container()) == {"root": {**ROOT, "size": "200GiB"}}
    limited = container({"root": {**ROOT, "size": "200GiB"}}, {"limits.cpu": "4"})
    assert limits_seen(limited) == LimitsSeen("4", "", "200GiB")
    assert devices_for(LimitWish(disk=""), limited) == {"root": ROOT}
    assert (config_for(LimitWish()), devices_for(LimitWish(), limited)) == ({}, {})


@pytest.mark.parametrize(
    ("present", "wanted", "smaller"),
    [("", "1TiB", True), ("100GiB", "200GiB", False), ("200GiB", "100GiB", True), ("100GiB", "", False)],
)
def test_what_makes_a_disk_smaller(present: str, wanted: str, smaller: bool) -> None:
    instance = container({"root": {**ROOT, "size": present}} if present else None)
    assert shrinks(LimitWish(disk=wanted), instance) is smaller


def test_a_disk_that_would_be_full_does_not_fit() -> None:
    assert fits(90 * GIB, "100GiB")
    assert not fits(99 * GIB, "100GiB")
    assert not fits(150 * GIB, "100GiB")
