"""Cards by the ledger (`enforce`), and cards set aside so that a container starts."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.demo.hardware import made_up_cards
from bot.demo.lxd import MadeUpInstances
from bot.domain.container import InstanceRecord, InstanceState
from bot.domain.errors import InstanceError, LxdUnreachable
from bot.domain.instance import Device, all_cards_device, card_device, seen_cards
from bot.domain.member import Member, Role
from bot.domain.reservation import Request
from bot.domain.saying import Message
from bot.domain.upkeep import NotDone
from bot.domain.window import Window
from bot.services.assignments import AssignmentService
from bot.services.at_work import AtWork
from bot.services.honouring import HonouringService
from bot.services.new_users import HostFacts
from bot.services.workshop import By, Workshop
from storage.database import Database
from tests.conftest import NOON, FakeClock

if TYPE_CHECKING:
    from bot.books import Books

CARDS = made_up_cards()
HOUR = timedelta(hours=1)


class Enforced:
    def __init__(self, database: Database, clock: FakeClock) -> None:
        self.lxd = MadeUpInstances()
        self.database = database
        self.at_work = AtWork()
        host = HostFacts("gpu-lab", range(10001, 10010), "template")
        shop = Workshop(database, clock, self.lxd, host, self.at_work)
        self.service = AssignmentService(shop, enforced=True)
        for name in ("lisi", "wangwu"):
            self.lxd.plant(name, devices={"gpu": all_cards_device()}, running=name == "lisi")

    async def members(self) -> dict[str, Member]:
        def work(books: Books) -> dict[str, Member]:
            books.cards.see(CARDS, NOON)
            made = {}
            for number, name in enumerate(("lisi", "wangwu")):
                made[name] = books.members.add(name, Role.STUDENT, NOON)
                port = 10001 + number
                record = InstanceRecord(
                    "local", name, made[name].id, port, "template", InstanceState.READY, f"op{number}", NOON
                )
                books.instances.add(record)
            return made

        return await self.database.write(work)

    async def book(self, member: Member, card: int, start: int, end: int, share: int | None = None) -> None:
        window = Window(NOON + start * HOUR, NOON + end * HOUR)
        request = Request(member, (CARDS[card],), window, share)
        await self.database.write(lambda books: books.ledger.add(request, NOON, origin=None))

    async def seen(self, name: str) -> list[int]:
        devices = (await self.lxd.get(name)).expanded_devices
        assert not seen_cards(devices).all
        return [card.index for card in CARDS if card.pci_address in seen_cards(devices).pci_addresses]


@pytest.fixture
def enforced(database: Database, clock: FakeClock) -> Enforced:
    return Enforced(database, clock)


async def test_a_card_is_shown_to_its_holder_for_the_time_of_the_booking(enforced: Enforced, clock: FakeClock) -> None:
    people = await enforced.members()
    await enforced.book(people["lisi"], 0, 0, 2)
    await enforced.book(people["wangwu"], 0, 2, 4)
    assert await enforced.service.enforce() == 2
    assert (await enforced.seen("lisi"), await enforced.seen("wangwu")) == ([0], [])
    assert await enforced.service.enforce() == 0
    clock.advance(hours=2, seconds=-1)
    assert await enforced.service.enforce() == 0
    clock.advance(seconds=1)
    assert await enforced.service.enforce() == 2
    assert (await enforced.seen("lisi"), await enforced.seen("wangwu")) == ([], [0])


async def test_both_holders_of_a_shared_card_see_it(enforced: Enforced) -> None:
    people = await enforced.members()
    for name in people:
        await enforced.book(people[name], 2, 0, 2, share=8 << 30)
    await enforced.service.enforce()
    assert (await enforced.seen("lisi"), await enforced.seen("wangwu")) == ([2], [2])


async def test_what_an_admin_changed_by_hand_is_put_right(enforced: Enforced) -> None:
    await enforced.members()
    await enforced.service.enforce()
    await enforced.lxd.set_device("lisi", "mine", all_cards_device())
    assert await enforced.service.enforce() == 1
    assert await enforced.seen("lisi") == []


async def test_a_booked_card_that_died_blocks_nobody(enforced: Enforced) -> None:
    people = await enforced.members()
    await enforced.book(people["lisi"], 3, 0, 2)
    enforced.lxd.host.gpus.pop()
    await enforced.service.enforce()
    assert await enforced.seen("lisi") == []


async def test_trouble_with_one_container_or_with_lxd_waits_for_the_next_tick(enforced: Enforced) -> None:
    await enforced.members()
    enforced.lxd.fail_next("reconfigure", InstanceError("busy"))
    assert await enforced.service.enforce() == 1
    assert await enforced.service.enforce() == 1
    enforced.lxd.fail_next("list", LxdUnreachable("away"))
    assert await enforced.service.enforce() == 0
    await enforced.lxd.set_device("lisi", "mine", all_cards_device())
    with enforced.at_work.alone("lisi", "restore"):
        assert await enforced.service.enforce() == 0
    assert await enforced.service.enforce() == 1


async def test_by_hand_nothing_is_assigned_then(enforced: Enforced) -> None:
    await enforced.members()
    (record, _) = await enforced.database.read(lambda books: list(books.instances.all()))
    outcome = await enforced.service.assign(record, "all", By(None))
    assert isinstance(outcome, NotDone)
    assert outcome.why.key == "assign.enforced"


# Back from `enforce` to `honour`.


class Honoured:
    """The same lab, started again with `policy.mode = "honour"`."""

    def __init__(self, enforced: Enforced) -> None:
        self.lab = enforced
        shop = enforced.service._shop
        self.service = HonouringService(shop, enforced=False)
        self.assignments = AssignmentService(shop, enforced=False)

    async def told(self) -> list[Message]:
        """What the admins are owed, once the tick has run twice."""
        await self.service.offer()
        await self.service.offer()
        due = await self.lab.database.write(lambda books: books.outbox.due(NOON))
        return [owed.notice.message for owed in due]

    async def devices(self) -> dict[str, dict[str, Device]]:
        return {name: dict((await self.lab.lxd.get(name)).expanded_devices) for name in ("lisi", "wangwu")}


async def test_the_admins_are_asked_once_and_what_everybody_saw_comes_back_by_one_tap(enforced: Enforced) -> None:
    await enforced.members()
    boss = await enforced.database.write(lambda books: books.members.add("boss", Role.ADMIN, NOON, telegram_id=1))
    await enforced.lxd.reconfigure("lisi", devices={"gpu": None, "mine": card_device(CARDS[2].pci_address)})
    honoured = Honoured(enforced)
    assert await honoured.told() == [], "the bookings never were enforced"
    before = await honoured.devices()
    await enforced.service.enforce()
    assert (await enforced.seen("lisi"), await enforced.seen("wangwu")) == ([], [])

    (asked,) = await honoured.told()
    assert asked.buttons[0][0].data == "honour:give"
    assert [(one.name, one.now.all, one.before.all) for one in await honoured.service.preview()] == [
        ("lisi", False, False),
        ("wangwu", False, True),
    ]
    assert (await honoured.devices()) != before, "nothing happens before the tap"
    given = await honoured.service.give_back(By(boss))
    assert (sorted(given.done), given.failed) == (["lisi", "wangwu"], {})
    assert await honoured.devices() == before
    assert (await honoured.service.give_back(By(boss))).done == (), "a second press finds nothing left to do"

    await honoured.service.undo(By(boss))
    assert (await enforced.seen("lisi"), await enforced.seen("wangwu")) == ([], [])
    await honoured.service.give_back(By(boss))
    assert await honoured.devices() == before


async def test_what_lxd_refuses_stays_to_be_given_back(enforced: Enforced) -> None:
    await enforced.members()
    await enforced.service.enforce()
    honoured = Honoured(enforced)
    enforced.lxd.fail_next("reconfigure", InstanceError("busy"))
    given = await honoured.service.give_back(By(None))
    assert (len(given.done), len(given.failed)) == (1, 1)
    assert (await honoured.service.give_back(By(None))).done == tuple(given.failed)


async def test_what_an_admin_assigned_since_is_not_overruled(enforced: Enforced) -> None:
    await enforced.members()
    await enforced.service.enforce()
    honoured = Honoured(enforced)
    (record,) = [r for r in await enforced.service._shop.ready() if r.name == "lisi"]
    await honoured.assignments.assign(record, (CARDS[1],), By(None))
    assert [one.name for one in await honoured.service.preview()] == ["wangwu"]
