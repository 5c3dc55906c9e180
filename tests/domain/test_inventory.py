"""The container table: LXD joined with the registry, and each way in which the two can disagree."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.archive import Archive
from bot.domain.card import Card, CardId
from bot.domain.container import InstanceRecord, InstanceState
from bot.domain.disk_use import DiskFigure
from bot.domain.instance import Instance, InstanceStatus, InstanceUsage, all_cards_device, card_device, proxy_to_ssh
from bot.domain.inventory import COLUMNS, Disagreement, Row, cells, inventory
from bot.domain.member import Member, Role
from bot.domain.table import as_csv, as_markdown
from bot.texts import load
from tests.conftest import NOON

LISI = Member(1, "lisi", Role.STUDENT, 7, "李四", "zh")
CARD = Card(CardId("lab", "GPU-0"), 0, "A100", None, "0000:17:00.0")
RECORD = InstanceRecord("local", "lisi", 1, 10001, "base", InstanceState.READY, "op", NOON)
KEPT = Archive(1, "local", "lisi-archived", "lisi", 1, 10001, "base", None, {}, NOON, NOON)


def container(name: str = "lisi", port: int | None = 10001, **config: str) -> Instance:
    devices = {} if port is None else {"ssh": proxy_to_ssh(port)}
    return Instance(name, InstanceStatus.RUNNING, devices, devices, config, created_at=NOON, last_started_at=NOON)


def only(found=(), records=(), archives=(), at_work=(), used=None, counted=None) -> Row:
    pairs = [(instance, InstanceUsage()) for instance in found]
    (row,) = inventory(pairs, records, archives, {1: LISI}, {"template"}, at_work, used or {}, counted or {})
    return row


@pytest.mark.parametrize(
    ("row", "what", "mend"),
    [
        (only([container()]), Disagreement.NO_RECORD, "/adopt lisi"),
        (only([], [RECORD]), Disagreement.NO_CONTAINER, "/deluser lisi"),
        (only([container(port=10009)], [RECORD]), Disagreement.OTHER_PORT, "/adopt lisi"),
        (only([container(port=10009)], [replace(RECORD, ssh_port=None)]), Disagreement.NEW_PORT, "/adopt lisi"),
        (only([container(port=None)], [RECORD]), Disagreement.NO_PORT, "lxc config device add lisi ssh proxy"),
        (only([container(**{"user.junzi.member": "wangwu"})], [RECORD]), Disagreement.OTHER_OWNER, "/adopt lisi"),
        (only([container()], [replace(RECORD, state=InstanceState.MAKING)]), Disagreement.HALF_MADE, ""),
        (only([container(**{"user.junzi.operation": "x"})]), Disagreement.LEFTOVER, "lxc delete --force lisi"),
        (only([container("lisi-archived")], [], [KEPT]), Disagreement.UNPROTECTED, "lxc config set lisi-archived"),
        (only([], [], [KEPT]), Disagreement.NO_CONTAINER, "/deluser lisi-archived"),
    ],
)
def test_what_disagrees_is_named_with_the_command_that_mends_it(row: Row, what: Disagreement, mend: str) -> None:
    assert row.disagreements() == (what,)
    assert row.mend(what).startswith(mend)
    assert f"inventory.{what.value}" in load("en")


@pytest.mark.parametrize(
    "row",
    [
        only([container(**{"user.junzi.member": "lisi"})], [RECORD]),
        only([container("template", None)]),
        only([container()], [replace(RECORD, state=InstanceState.MAKING)], at_work={"lisi"}),
        only([container("lisi-archived")], [], [KEPT], at_work={"lisi"}),
        only([container("lisi-archived", **{"security.protection.delete": "true"})], [], [KEPT]),
    ],
    ids=["a good one", "the template", "being made", "being archived", "in the archive"],
)
def test_what_agrees_is_left_alone(row: Row) -> None:
    assert row.disagreements() == ()


def test_last_used_is_the_later_of_its_start_and_its_members_work() -> None:
    later = NOON + timedelta(hours=1)
    assert only([container()], [RECORD], used={1: later}).last_used_at == later
    assert only([container()], [RECORD], used={1: NOON - timedelta(days=1)}).last_used_at == NOON
    assert only([], [RECORD]).last_used_at is None


def test_what_disagrees_comes_first_and_archives_and_the_template_last() -> None:
    protected = {"security.protection.delete": "true"}
    found = [container("aaa-archived", **protected), container("template", None), container("lisi"), container("zzz")]
    archive = replace(KEPT, name="aaa-archived", original="aaa")
    rows = inventory([(i, InstanceUsage()) for i in found], [RECORD], [archive], {1: LISI}, {"template"}, (), {}, {})
    assert [row.name for row in rows] == ["zzz", "lisi", "aaa-archived", "template"]


def test_a_disk_of_which_lxd_does_not_say_is_as_it_was_counted() -> None:
    count = DiskFigure(7, NOON + timedelta(hours=1))
    assert only([container()], [RECORD]).disk is None
    assert only([container()], [RECORD], counted={"lisi": count}).disk == count
    assert cells(only([container()], [RECORD], counted={"lisi": count}), [])[COLUMNS.index("disk_used_bytes")] == "7"
    by_lxd = replace(only([container()], [RECORD], counted={"lisi": count}), usage=InstanceUsage(disk_bytes=9))
    assert by_lxd.disk == DiskFigure(9)
    of_one_before = DiskFigure(7, NOON - timedelta(hours=1))
    assert only([container()], [RECORD], counted={"lisi": of_one_before}).disk is None


def test_a_line_of_the_file() -> None:
    devices = {"ssh": proxy_to_ssh(10001), "gpu": card_device("0000:17:00.0"), "root": {"type": "disk", "path": "/"}}
    devices["root"]["size"] = "200GiB"
    instance = replace(container(), expanded_devices=devices, config={"limits.cpu": "4"})
    usage = InstanceUsage(("10.7.0.2",), 5, 6)
    (row,) = inventory([(instance, usage)], [RECORD], [], {1: LISI}, {"template"}, (), {}, {})
    line = dict(zip(COLUMNS, cells(row, [CARD]), strict=True))
    assert line == {
        "name": "lisi",
        "member": "李四",
        "state": "running",
        "port": "10001",
        "address": "10.7.0.2",
        "template": "base",
        "cards": "gpu0",
        "cpu": "4",
        "memory": "",
        "memory_used_bytes": "5",
        "disk": "200GiB",
        "disk_used_bytes": "6",
        "created": "2026-11-25 12:00",
        "last_used": "2026-11-25 12:00",
        "problem": "",
        "mend": "",
    }
    all_of_them = replace(instance, expanded_devices={"gpu": all_cards_device()})
    assert dict(zip(COLUMNS, cells(replace(row, instance=all_of_them), [CARD]), strict=True))["cards"] == "all"


def test_files_can_be_opened_and_run_nothing() -> None:
    rows = [("lisi", "=HYPERLINK(1)"), ("a|b", "<b>\nx")]
    content = as_csv(("name", "member"), rows)
    assert content.startswith(b"\xef\xbb\xbf")
    assert list(csv.reader(io.StringIO(content.decode("utf-8-sig")))) == [
        ["name", "member"],
        ["lisi", "'=HYPERLINK(1)"],
        ["a|b", "<b>\nx"],
    ]
    assert as_markdown(("name", "member"), rows).decode() == (
        "| name | member |\n| --- | --- |\n| lisi | =HYPERLINK(1) |\n| a\\|b | &lt;b> x |\n"
    )
