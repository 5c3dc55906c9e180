"""/archive, /restoreuser, /deluser: every step done, failed, and killed in the middle."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.archive import ARCHIVE_KEY, PROTECTION_KEY, Archived, Deleted, Farewell, NotDone, Restored
from bot.domain.container import UserAdded
from bot.domain.errors import CardDeviceMissing, InstanceError, LxdUnreachable
from bot.domain.instance import proxy_to_ssh, seen_cards, ssh_port
from bot.domain.saying import Listing, Saying
from bot.domain.user_options import UserWish
from bot.services.deletion import CODE_LASTS
from bot.services.disk_counts import FACT as COUNTS
from bot.services.members import Account, Claimed, MemberService
from bot.views.archives import ask_delete
from storage.database import Database
from tests.conftest import FakeClock
from tests.services.lifecycle_lab import Lab, quiet

KEPT = "zhangsan-archived-20261125"


@pytest.fixture
def lab(database: Database, clock: FakeClock) -> Lab:
    return Lab(database, clock)


async def archive(lab: Lab, name: str = "zhangsan", origin: str = "update:1", **more) -> Archived | NotDone:
    return await lab.archives.archive(lab.admin, name, quiet, origin, **more)


async def restore(lab: Lab, name: str = "zhangsan", origin: str = "update:2") -> Restored | NotDone:
    return await lab.returning.restore(lab.admin, name, quiet, origin)


async def delete(lab: Lab, name: str, origin: str = "update:3") -> Deleted | NotDone:
    code = await lab.deletion.ask(lab.admin, name)
    return await lab.deletion.delete(lab.admin, name, code, quiet, origin)


def record(lab: Lab, name: str = "zhangsan"):
    return lab.write(lambda books: books.instances.get("local", name))


def member(lab: Lab, name: str = "zhangsan"):
    return lab.write(lambda books: books.members.by_name(name))


def archives(lab: Lab):
    return lab.write(lambda books: books.archives.all())


async def is_untouched(lab: Lab) -> bool:
    """As it was before anything was asked."""
    instance = await lab.lxd.get("zhangsan")
    return (
        instance.is_running
        and ssh_port(instance.devices) == 10001
        and PROTECTION_KEY not in instance.config
        and list(await lab.lxd.snapshots("zhangsan")) == []
        and record(lab) is not None
        and not member(lab).has_left
        and archives(lab) == []
    )


async def is_archived(lab: Lab) -> bool:
    instance = await lab.lxd.get(KEPT)
    return (
        not instance.is_running
        and "ssh" not in instance.devices
        and (instance.config[PROTECTION_KEY], instance.config[ARCHIVE_KEY]) == ("true", "zhangsan")
        and [snapshot.name for snapshot in await lab.lxd.snapshots(KEPT)] == ["junzi-archived"]
        and "zhangsan" not in lab.names()
        and record(lab) is None
        and member(lab).has_left
        and [one.name for one in archives(lab)] == [KEPT]
    )


async def test_who_leaves_gives_everything_back_and_is_remembered(lab: Lab):
    zhangsan = lab.plant("zhangsan", 10001, telegram_id=7)
    lab.book(zhangsan)
    steps: list[str] = []

    async def on_step(step: str) -> None:
        steps.append(step)

    outcome = await lab.archives.archive(lab.admin, "zhangsan", on_step, "update:1")
    assert isinstance(outcome, Archived)
    assert outcome.bookings == 1
    assert outcome.archive.keep_until == lab.clock.now() + timedelta(days=90)
    assert steps == ["stop", "snapshot", "rename", "protect"]
    assert await is_archived(lab)
    assert lab.freed == 1
    assert lab.write(lambda books: books.ledger.of_member(zhangsan.id, lab.clock.now())) == []
    assert lab.told(zhangsan) == ["archive.farewell"]
    assert lab.write(lambda books: books.instances.ports("local")) == frozenset()
    with pytest.raises(InstanceError, match="protected"):
        await lab.lxd.delete(KEPT)


async def test_who_has_left_is_a_stranger_and_their_name_stays(lab: Lab):
    zhangsan = lab.plant("zhangsan", 10001, telegram_id=7)
    people = MemberService(lab.store, lab.clock)
    account = Account(7, "Zhang San", None, "zh")
    assert await people.who(account) is not None
    await archive(lab)
    assert await people.who(account) is None
    assert await people.by_name("zhangsan") is None
    assert lab.write(lambda books: books.members.get(zhangsan.id)).unix_name == "zhangsan"


async def test_the_same_press_twice_archives_once(lab: Lab):
    lab.plant("zhangsan", 10001)
    first, second = await archive(lab), await archive(lab)
    assert isinstance(first, Archived)
    assert isinstance(second, Archived)
    assert second.archive == first.archive
    later = await archive(lab, origin="update:9")
    assert isinstance(later, NotDone)
    assert later.why.key == "archive.already"


async def test_what_there_is_not_can_not_be_archived(lab: Lab):
    lab.lxd.plant("foreign")
    for name in ("nobody", "foreign", "template"):
        outcome = await archive(lab, name)
        assert isinstance(outcome, NotDone)
        assert outcome.why.key == "archive.unknown"
    lab.plant("zhangsan", 10001, running=False)
    await lab.lxd.delete("zhangsan")
    gone = await archive(lab)
    assert isinstance(gone, NotDone)
    assert gone.why.key == "archive.no_container"


async def test_one_that_does_not_shut_down_is_left_running_unless_it_is_forced(lab: Lab):
    lab.plant("zhangsan", 10001)
    lab.lxd.ignoring_shutdown.add("zhangsan")
    outcome = await archive(lab)
    assert isinstance(outcome, NotDone)
    assert (outcome.step, outcome.may_force, outcome.left_behind) == ("stop", True, None)
    assert await is_untouched(lab)
    assert isinstance(await archive(lab, origin="update:2", force=True), Archived)
    assert await is_archived(lab)


@pytest.mark.parametrize(
    ("call", "step"),
    [("stop", "stop"), ("snapshot", "snapshot"), ("rename", "rename"), ("reconfigure", "protect")],
)
async def test_a_step_of_archiving_that_fails_leaves_nothing(lab: Lab, call: str, step: str):
    lab.plant("zhangsan", 10001)
    lab.lxd.fail_next(call, InstanceError("no space left on device"))
    outcome = await archive(lab)
    assert isinstance(outcome, NotDone)
    assert (outcome.step, outcome.left_behind) == (step, None)
    assert await is_untouched(lab)
    assert isinstance(await archive(lab, origin="update:2"), Archived)


async def test_what_can_not_be_undone_at_once_is_undone_later_and_told(lab: Lab):
    lab.plant("zhangsan", 10001)
    lab.lxd.fail_next("rename", InstanceError("no space left on device"))
    lab.lxd.fail_next("delete_snapshot", LxdUnreachable("away"))
    outcome = await archive(lab)
    assert isinstance(outcome, NotDone)
    assert outcome.left_behind is not None
    assert await lab.operations.reconcile() == 1
    assert await is_untouched(lab)
    assert lab.told() == ["archive.undone_after_stop"]
    assert await lab.operations.reconcile() == 0


ARCHIVE_CALLS = ["stop", "snapshot", "rename", "reconfigure"]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("call", ARCHIVE_CALLS)
async def test_killed_at_any_step_the_next_start_finishes_archiving(lab: Lab, call: str, after: bool):
    lab.plant("zhangsan", 10001)
    await lab.killed_at(call, lambda: archive(lab), after=after)
    assert await lab.operations.reconcile() == 1
    assert await is_archived(lab)
    assert lab.told() == ["archive.finished_after_stop"]
    assert await lab.operations.reconcile() == 0
    assert isinstance(await archive(lab), Archived)  # the press is taken up again


async def test_killed_and_then_lxd_is_away_it_is_finished_when_lxd_is_back(lab: Lab):
    lab.plant("zhangsan", 10001)
    await lab.killed_at("rename", lambda: archive(lab), after=True)
    lab.lxd.unreachable = True
    assert await lab.operations.reconcile() == 0
    lab.lxd.unreachable = False
    assert await lab.operations.reconcile() == 1
    assert await is_archived(lab)


async def test_killed_and_then_it_can_not_be_finished_it_is_undone(lab: Lab):
    lab.plant("zhangsan", 10001)
    await lab.killed_at("snapshot", lambda: archive(lab), after=True)
    lab.lxd.fail_next("rename", InstanceError("no space left on device"))
    assert await lab.operations.reconcile() == 1
    assert await is_untouched(lab)
    assert lab.told() == ["archive.undone_after_stop"]


async def test_while_one_runs_another_is_told_what(lab: Lab):
    lab.plant("zhangsan", 10001)
    with lab.at_work.alone("zhangsan", "restart"):
        outcome = await archive(lab)
        assert isinstance(outcome, NotDone)
        assert outcome.why.key == "fault.at_work"
        assert await lab.operations.reconcile() == 0
    assert await is_untouched(lab)


async def test_back_from_the_archive_with_the_same_port(lab: Lab):
    lab.plant("zhangsan", 10001, telegram_id=7)
    await archive(lab)
    outcome = await restore(lab)
    assert isinstance(outcome, Restored)
    assert (outcome.port, outcome.port_changed, outcome.cards_hidden, outcome.ssh_answers) == (
        10001,
        False,
        False,
        True,
    )
    assert outcome.claim_code is None
    instance = await lab.lxd.get("zhangsan")
    assert instance.config == {"user.junzi.member": "zhangsan"}
    assert await is_untouched(lab)
    again = await restore(lab)
    assert isinstance(again, Restored)
    assert await archive(lab, origin="update:5")


async def test_back_with_another_port_where_somebody_has_the_old_one(lab: Lab):
    lab.plant("zhangsan", 10001)
    await archive(lab)
    lab.plant("lisi", 10001)
    lab.in_use = {10002}  # in use on the host
    outcome = await restore(lab)
    assert isinstance(outcome, Restored)
    assert (outcome.port, outcome.port_changed) == (10003, True)
    assert ssh_port((await lab.lxd.get("zhangsan")).devices) == 10003
    assert record(lab).ssh_port == 10003
    assert outcome.claim_code is not None


async def test_back_without_its_cards_where_one_is_gone(lab: Lab):
    lab.plant("zhangsan", 10001)
    await archive(lab)
    lab.lxd.fail_next("start", CardDeviceMissing("Failed to detect requested GPU device"))
    outcome = await restore(lab)
    assert isinstance(outcome, Restored)
    assert outcome.cards_hidden
    assert not seen_cards((await lab.lxd.get("zhangsan")).expanded_devices).all


async def test_what_is_not_archived_does_not_come_back(lab: Lab):
    outcome = await restore(lab)
    assert isinstance(outcome, NotDone)
    assert outcome.why.key == "archive.not_archived"
    lab.plant("zhangsan", 10001)
    await archive(lab)
    lab.lxd.plant("zhangsan")
    outcome = await restore(lab)
    assert isinstance(outcome, NotDone)
    assert outcome.why.key == "archive.name_taken"


@pytest.mark.parametrize(("call", "step"), [("rename", "rename"), ("reconfigure", "unprotect"), ("start", "start")])
async def test_a_step_of_restoring_that_fails_leaves_it_in_the_archive(lab: Lab, call: str, step: str):
    lab.plant("zhangsan", 10001)
    await archive(lab)
    lab.lxd.fail_next(call, InstanceError("no space left on device"))
    outcome = await restore(lab)
    assert isinstance(outcome, NotDone)
    assert (outcome.step, outcome.left_behind) == (step, None)
    assert await is_archived(lab)
    assert isinstance(await restore(lab, origin="update:3"), Restored)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("call", ["rename", "reconfigure", "start", "delete_snapshot"])
async def test_killed_at_any_step_the_next_start_finishes_restoring(lab: Lab, call: str, after: bool):
    lab.plant("zhangsan", 10001)
    await archive(lab)
    await lab.killed_at(call, lambda: restore(lab), after=after)
    assert await lab.operations.reconcile() == 1
    assert await is_untouched(lab)
    assert lab.told() == ["archive.restored_after_stop"]
    assert isinstance(await restore(lab), Restored)


async def test_deleting_takes_the_name_and_a_code_that_works_once_and_expires(lab: Lab):
    lab.plant("zhangsan", 10001)
    code = await lab.deletion.ask(lab.admin, "zhangsan")
    wrong = f"{(int(code) + 1) % 10_000:04d}"
    for name, typed in (("zhangsan", wrong), ("zhangsan", code)):  # a wrong one makes the right one worthless
        outcome = await lab.deletion.delete(lab.admin, name, typed, quiet, "update:3")
        assert isinstance(outcome, NotDone)
        assert outcome.why.key == "deluser.wrong_code"
    code = await lab.deletion.ask(lab.admin, "zhangsan")
    other = await lab.deletion.delete(lab.admin, "lisi", code, quiet, "update:3")
    assert isinstance(other, NotDone)
    code = await lab.deletion.ask(lab.admin, "zhangsan")
    lab.clock.instant += CODE_LASTS
    late = await lab.deletion.delete(lab.admin, "zhangsan", code, quiet, "update:3")
    assert isinstance(late, NotDone)
    assert late.why.key == "deluser.too_late"
    assert await is_untouched(lab)


async def test_a_code_is_one_admins_own(lab: Lab):
    lab.plant("zhangsan", 10001)
    code = await lab.deletion.ask(lab.admin, "zhangsan")
    outcome = await lab.deletion.delete(member(lab), "zhangsan", code, quiet, "update:3")
    assert isinstance(outcome, NotDone)


async def test_deleted_is_deleted_and_the_name_is_remembered(lab: Lab):
    zhangsan = lab.plant("zhangsan", 10001, telegram_id=7)
    lab.book(zhangsan)
    outcome = await delete(lab, "zhangsan")
    assert isinstance(outcome, Deleted)
    assert outcome.bookings == 1
    assert lab.names() == ["template"]
    assert record(lab) is None
    assert member(lab).has_left
    assert isinstance(await lab.deletion.delete(lab.admin, "zhangsan", "0000", quiet, "update:3"), Deleted)


async def test_an_archive_is_deleted_too(lab: Lab):
    lab.plant("zhangsan", 10001)
    await archive(lab)
    assert isinstance(await delete(lab, "zhangsan"), Deleted)
    assert lab.names() == ["template"]
    assert archives(lab) == []


async def test_an_archive_that_can_not_be_deleted_stays_protected(lab: Lab):
    lab.plant("zhangsan", 10001)
    await archive(lab)
    lab.lxd.fail_next("delete", InstanceError("dataset is busy"))
    outcome = await delete(lab, "zhangsan")
    assert isinstance(outcome, NotDone)
    assert outcome.step == "delete"
    assert await is_archived(lab)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("call", ["set_config", "delete"])
@pytest.mark.parametrize("archived", [False, True], ids=["container", "archive"])
async def test_killed_while_deleting_the_next_start_goes_on(lab: Lab, call: str, after: bool, archived: bool):
    lab.plant("zhangsan", 10001)
    if archived:
        await archive(lab)
    await lab.killed_at(call, lambda: delete(lab, "zhangsan"), after=after)
    assert await lab.operations.reconcile() == 1
    assert lab.names() == ["template"]
    assert lab.told() == ["deluser.finished_after_stop"]


async def test_a_container_of_unknown_size_is_a_container_all_the_same(lab: Lab):
    """btrfs says for none how full it is: the person who deletes must read no less."""
    lab.plant("zhangsan", 10001)
    lab.lxd.host.has_quotas = False
    farewell = await lab.archives.farewell("zhangsan")
    assert isinstance(farewell, Farewell)
    asked = ask_delete(farewell)
    costs = asked.saying.values["costs"]
    assert isinstance(costs, Listing)
    assert [cost.key for cost in costs.items if isinstance(cost, Saying)] == [
        "deluser.cost_all",
        "deluser.cost_for_good",
    ]
    assert "archive:ask:zhangsan:0" in [button.data for button in asked.buttons[0]]


async def test_a_member_without_a_container_can_leave(lab: Lab):
    lab.plant("zhangsan", 10001, running=False)
    await lab.lxd.delete("zhangsan")
    assert isinstance(await delete(lab, "zhangsan"), Deleted)
    assert member(lab).has_left
    assert record(lab) is None


async def test_archives_are_offered_when_their_time_is_over_and_again_after_a_month(lab: Lab):
    lab.plant("zhangsan", 10001)
    await archive(lab, keep=timedelta(days=30))
    assert await lab.archives.offer() == 0
    lab.clock.advance(days=30)
    assert await lab.archives.offer() == 1
    assert await lab.archives.offer() == 0
    assert lab.told() == ["archive.offer"]
    (kept,) = archives(lab)
    assert await lab.archives.keep_longer(lab.admin, kept.id, "update:8") is not None
    lab.clock.advance(days=29)
    assert await lab.archives.offer() == 0
    lab.clock.advance(days=1)
    assert await lab.archives.offer() == 1
    lab.clock.advance(days=30)
    assert await lab.archives.offer() == 1


async def test_another_port_that_somebody_else_has_now_does_not_come_back(lab: Lab):
    lab.plant("zhangsan", 10001)
    await lab.lxd.set_device("zhangsan", "web", {**proxy_to_ssh(10005), "connect": "tcp:127.0.0.1:80"})
    await lab.lxd.set_device("zhangsan", "old", {**proxy_to_ssh(10006), "connect": "tcp:127.0.0.1:81"})
    await archive(lab)
    lab.plant("lisi", 10006)
    await restore(lab)
    assert sorted((await lab.lxd.get("zhangsan")).devices) == ["gpu", "ssh", "web"]


async def test_what_is_not_undone_yet_is_waited_for_by_everything_else(lab: Lab):
    lab.plant("zhangsan", 10001)
    lab.lxd.fail_next("rename", InstanceError("no space left on device"))
    lab.lxd.fail_next("delete_snapshot", LxdUnreachable("away"))
    await archive(lab)
    again, gone = await archive(lab, origin="update:2"), await delete(lab, "zhangsan")
    assert isinstance(again, NotDone)
    assert isinstance(gone, NotDone)
    assert (again.why.key, gone.why.key) == ("fault.busy", "fault.busy")
    await lab.operations.reconcile()
    assert await is_untouched(lab)
    assert isinstance(await archive(lab, origin="update:5"), Archived)


async def test_who_left_and_is_here_again_by_another_name_gets_in(lab: Lab):
    lab.plant("zhangsan", 10001, telegram_id=7)
    await archive(lab)
    added = await lab.new_users.add(lab.admin, UserWish("zhang"), quiet, "update:6")
    assert isinstance(added, UserAdded)
    people = MemberService(lab.store, lab.clock)
    account = Account(7, "Zhang San", None, "zh")
    assert isinstance(await people.claim(added.claim_code, account), Claimed)
    now = await people.who(account)
    assert now is not None
    assert now.unix_name == "zhang"


@pytest.mark.parametrize(("age", "bytes_known"), [(-1, 7), (1, None)])
async def test_where_lxd_does_not_say_the_last_count_of_that_very_container_is_told(
    lab: Lab, age: int, bytes_known: int | None
) -> None:
    """`age`: hours from the count to the making of the container; one of before was another of that name."""
    lab.plant("zhangsan", 10001)
    lab.lxd.host.has_quotas = False
    made_at = (await lab.lxd.get("zhangsan")).created_at
    assert made_at is not None
    lab.write(lambda books: books.facts.put(COUNTS, {"zhangsan": (7, made_at - timedelta(hours=age))}))
    farewell = await lab.archives.farewell("zhangsan")
    assert isinstance(farewell, Farewell)
    assert farewell.disk_bytes == bytes_known
