"""/adduser with options, one and many: refused before anything is made, taken back, finished after a kill."""

from __future__ import annotations

import asyncio

import pytest

from bot.domain.archive import Archived
from bot.domain.batch import BatchState, Planned
from bot.domain.container import NotAdded, UserAdded
from bot.domain.errors import InstanceError, LxdUnreachable
from bot.domain.instance import seen_cards, ssh_port
from bot.domain.user_options import UserWish, read_wish
from bot.services.batches import BatchService
from storage.database import Database
from tests.conftest import FakeClock
from tests.services.lifecycle_lab import CARDS, Lab, quiet


@pytest.fixture
def lab(database: Database, clock: FakeClock) -> Lab:
    return Lab(database, clock)


async def add(lab: Lab, typed: str = "zhangsan", origin: str = "update:1") -> UserAdded | NotAdded:
    return await lab.new_users.add(lab.admin, read_wish(typed), quiet, origin)


def nothing_is_left(lab: Lab, name: str = "zhangsan") -> bool:
    return (
        name not in lab.names()
        and lab.write(lambda books: books.instances.all()) == []
        and lab.write(lambda books: books.members.by_name(name)) is None
        and lab.write(lambda books: books.operations.unfinished()) == []
    )


async def test_a_container_as_it_was_asked_for(lab: Lab):
    lab.lxd.plant("base")
    outcome = await add(lab, "zhangsan template=base port=20022 cpu=4 memory=32g disk=200GiB cards=gpu1,gpu3")
    assert isinstance(outcome, UserAdded)
    instance = await lab.lxd.get("zhangsan")
    assert ssh_port(instance.devices) == 20022
    assert (instance.config["limits.cpu"], instance.config["limits.memory"]) == ("4", "32GiB")
    assert instance.devices["root"]["size"] == "200GiB"
    assert seen_cards(instance.expanded_devices).pci_addresses == (CARDS[1].pci_address, CARDS[3].pci_address)
    assert (outcome.record.template, outcome.record.ssh_port) == ("base", 20022)


async def test_without_cards_if_none_are_wanted(lab: Lab):
    await add(lab, "zhangsan cards=none")
    seen = seen_cards((await lab.lxd.get("zhangsan")).expanded_devices)
    assert (seen.all, seen.pci_addresses) == (False, ())


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("zhangsan template=nope", "adduser.no_template"),
        ("zhangsan cards=gpu9", "adduser.no_card"),
        ("zhangsan port=10001", "adduser.port_taken"),
        ("zhangsan port=10005", "adduser.port_taken"),
        ("lisi", "adduser.exists"),
    ],
)
async def test_what_can_not_be_is_refused_before_anything_is_made(lab: Lab, typed: str, key: str):
    lab.plant("lisi", 10001)
    lab.in_use = {10005}
    outcome = await add(lab, typed)
    assert isinstance(outcome, NotAdded)
    assert (outcome.why.key, outcome.step) == (key, None)
    assert lab.names() == ["lisi", "template"]
    assert lab.write(lambda books: books.operations.unfinished()) == []


async def test_a_name_in_the_archive_is_kept_for_it(lab: Lab):
    lab.plant("zhangsan", 10001)
    assert isinstance(await lab.archives.archive(lab.admin, "zhangsan", quiet, "update:0"), Archived)
    outcome = await add(lab)
    assert isinstance(outcome, NotAdded)
    assert outcome.why.key == "adduser.archived"


async def test_the_name_of_somebody_who_left_goes_to_somebody_else(lab: Lab):
    """The old Telegram account must not get in with it."""
    lab.plant("zhangsan", 10001, telegram_id=7)
    code = await lab.deletion.ask(lab.admin, "zhangsan")
    await lab.deletion.delete(lab.admin, "zhangsan", code, quiet, "update:0")
    lab.lxd.fail_next("copy", InstanceError("no space left on device"))
    assert isinstance(await add(lab), NotAdded)
    assert lab.write(lambda books: books.members.by_name("zhangsan")).has_left
    outcome = await add(lab, origin="update:2")
    assert isinstance(outcome, UserAdded)
    member = lab.write(lambda books: books.members.by_name("zhangsan"))
    assert (member.has_left, member.telegram_id) == (False, None)


@pytest.mark.parametrize("call", ["copy", "write_file", "start", "run", "set_config"])
async def test_a_step_that_fails_leaves_nothing(lab: Lab, call: str):
    lab.lxd.fail_next(call, InstanceError("no space left on device"))
    assert isinstance(await add(lab), NotAdded)
    assert nothing_is_left(lab)


async def test_what_can_not_be_taken_back_at_once_is_taken_back_later(lab: Lab):
    lab.lxd.fail_next("start", InstanceError("no space left on device"))
    lab.lxd.fail_next("delete", LxdUnreachable("away"))
    outcome = await add(lab)
    assert isinstance(outcome, NotAdded)
    assert outcome.left_behind is not None
    assert await lab.operations.reconcile() == 1
    assert nothing_is_left(lab)
    assert lab.told() == ["adduser.cleaned_up"]


KILLS = [("copy", 0), ("write_file", 0), ("write_file", 3), ("start", 0), ("run", 0), ("run", 1), ("set_config", 0)]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(("call", "skip"), KILLS)
async def test_killed_at_any_step_the_next_start_takes_it_back_or_finishes_it(
    lab: Lab, call: str, skip: int, after: bool
):
    await lab.killed_at(call, lambda: add(lab), skip=skip, after=after)
    assert await lab.operations.reconcile() == 1
    finished = (call, after) == ("set_config", True)
    assert lab.told() == ["adduser.finished_after_stop" if finished else "adduser.undone_after_stop"]
    assert finished or nothing_is_left(lab)
    again = await add(lab)  # the message is taken up again
    assert isinstance(again, UserAdded)
    assert again.claim_code
    assert lab.names() == ["template", "zhangsan"]
    assert await lab.operations.reconcile() == 0


async def test_two_at_once_for_one_name(lab: Lab):
    outcomes = await asyncio.gather(add(lab), add(lab, origin="update:2"))
    refused = [one for one in outcomes if isinstance(one, NotAdded)]
    assert len(refused) == 1
    assert refused[0].why.key in ("fault.at_work", "adduser.exists")


@pytest.fixture
def batches(lab: Lab) -> BatchService:
    return batches_of(lab)


def batches_of(lab: Lab) -> BatchService:
    users = lab.new_users
    return BatchService(lab.store, lab.clock, lab.lxd, users._host, users._tools, users)


async def unseen(_state: BatchState) -> None:
    return None


async def test_a_table_is_made_side_by_side(lab: Lab, batches: BatchService):
    plan = await batches.plan(lab.admin, b"name,port,cpu\nzhangsan,,2\nlisi,10001,\nwangwu,,\n")
    assert isinstance(plan, Planned)
    assert plan.ports == {"zhangsan": 10002, "lisi": 10001, "wangwu": 10003}
    seen: list[BatchState] = []

    async def on_change(state: BatchState) -> None:
        seen.append(state)

    state = await batches.run(lab.admin, plan.token, on_change, "update:5")
    assert state is not None
    assert sorted(state.done) == ["lisi", "wangwu", "zhangsan"]
    assert state.failed == {}
    assert len(seen[0].doing) == 3
    assert ssh_port((await lab.lxd.get("lisi")).devices) == 10001
    assert (await lab.lxd.get("zhangsan")).config["limits.cpu"] == "2"
    assert await batches.run(lab.admin, plan.token, unseen, "update:6") is None


async def test_a_table_is_checked_whole_against_the_lab(lab: Lab, batches: BatchService):
    lab.plant("lisi", 10001)
    faults = await batches.plan(
        lab.admin, b"name,port,template,cards\nzhangsan,10001,,\nlisi,,,\nwangwu,,nope,\nzhaoliu,,,gpu9\nsunqi,,,\n"
    )
    assert not isinstance(faults, Planned)
    assert [(fault.line, fault.why.key) for fault in faults] == [
        (2, "adduser.port_taken"),
        (3, "adduser.exists"),
        (4, "adduser.no_template"),
        (5, "adduser.no_card"),
    ]
    assert lab.names() == ["lisi", "template"]


async def test_more_people_than_ports(lab: Lab, batches: BatchService):
    content = "name\n" + "".join(f"s{number}\n" for number in range(10))
    faults = await batches.plan(lab.admin, content.encode())
    assert not isinstance(faults, Planned)
    assert [(fault.line, fault.why.key) for fault in faults] == [(11, "adduser.no_port")]


async def test_one_that_fails_does_not_hold_up_the_others(lab: Lab, batches: BatchService):
    plan = await batches.plan(lab.admin, b"name\nzhangsan\nlisi\nwangwu\n")
    assert isinstance(plan, Planned)
    lab.lxd.fail_next("copy", InstanceError("no space left on device"))
    state = await batches.run(lab.admin, plan.token, unseen, "update:5")
    assert state is not None
    assert (len(state.done), len(state.failed)) == (2, 1)
    assert set(lab.names()) == {"template", *state.done}


async def test_a_port_that_the_host_uses_is_not_planned(lab: Lab, batches: BatchService):
    lab.in_use = {10001, 10003}
    plan = await batches.plan(lab.admin, b"name\nzhangsan\nlisi\n")
    assert isinstance(plan, Planned)
    assert plan.ports == {"zhangsan": 10002, "lisi": 10004}
    faults = await batches.plan(lab.admin, b"name,port\nzhangsan,10003\n")
    assert not isinstance(faults, Planned)
    assert faults[0].why.key == "adduser.port_taken"


async def test_an_older_table_counts_no_more(lab: Lab, batches: BatchService):
    first = await batches.plan(lab.admin, b"name\nzhangsan\n")
    second = await batches.plan(lab.admin, b"name\nlisi\n")
    assert isinstance(first, Planned)
    assert isinstance(second, Planned)
    assert await batches.run(lab.admin, first.token, unseen, "update:5") is None
    assert await batches.run(lab.admin, second.token, unseen, "update:6") is not None


async def test_killed_in_the_middle_of_a_table_the_press_goes_on_with_it(lab: Lab, batches: BatchService):
    plan = await batches.plan(lab.admin, b"name\nzhangsan\nlisi\n")
    assert isinstance(plan, Planned)
    await lab.new_users.add(lab.admin, UserWish("zhangsan"), quiet, "update:5:zhangsan")  # as far as it came
    await lab.killed_at("start", lambda: add(lab, "lisi", "update:5:lisi"), after=True)
    assert await lab.operations.reconcile() == 1
    state = await batches_of(lab).run(lab.admin, plan.token, unseen, "update:5")
    assert state is not None
    assert sorted(state.done) == ["lisi", "zhangsan"]
    assert all(added.claim_code for added in state.done.values())
