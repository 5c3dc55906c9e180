"""Cards given to and taken from running containers by a real LXD that believes in made-up ones."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from bot.adapters.host_keys import make_host_keys
from bot.adapters.lxd import LxdInstances
from bot.adapters.ssh_banner import wait_for_ssh
from bot.books import Books
from bot.domain.card import Card, CardId
from bot.domain.container import InstanceRecord, InstanceState
from bot.domain.errors import CardDeviceMissing
from bot.domain.instance import card_device, card_device_name, seen_cards
from bot.domain.member import Member, Role
from bot.domain.password import new_password
from bot.domain.provisioning import Plan, Step, WithoutCards
from bot.domain.reservation import Request
from bot.domain.upkeep import Assigned
from bot.domain.window import Window
from bot.services.assignments import AssignmentService
from bot.services.at_work import AtWork
from bot.services.honouring import HonouringService
from bot.services.new_users import HostFacts
from bot.services.provisioning import hide_cards, provision
from bot.services.workshop import By, Workshop
from storage.database import Database
from tests.conftest import NOON, FakeClock
from tests.real.conftest import skip_without_lxd
from tests.real.lxd_gpus import pci_address
from tests.real.lxd_lab import TEMPLATE, Lab, free_port

pytestmark = pytest.mark.real_lxd

FIRST, SECOND = pci_address(0), pci_address(1)


@pytest.fixture(scope="module")
def cards_lab() -> Iterator[Lab]:
    skip_without_lxd()
    lab = Lab(cards=2)
    try:
        lab.start()
        yield lab
    finally:
        lab.close()


@pytest.fixture
async def lxd(cards_lab: Lab) -> AsyncIterator[LxdInstances]:
    instances = LxdInstances(cards_lab.socket)
    yield instances
    await instances.close()
    cards_lab.clear()


async def seen(lxd: LxdInstances) -> list[str]:
    return (await lxd.run("zhangsan", ["ls", "/dev/dri"])).stdout.split()


async def make(lxd: LxdInstances, cards) -> WithoutCards | None:
    async def on_step(_step: Step) -> None:
        return None

    plan = Plan("op", "zhangsan", "zhangsan", "zhangsan", TEMPLATE, free_port(), new_password(), cards=cards)
    return (await provision(lxd, plan, make_host_keys, wait_for_ssh, on_step)).without_cards


async def test_cards_are_listed_in_lxds_form(lxd: LxdInstances):
    assert [(gpu.pci_address, gpu.vendor_id) for gpu in await lxd.host_gpus()] == [(FIRST, "10de"), (SECOND, "10de")]


async def test_a_new_container_sees_all_cards_and_loses_and_gets_them_while_it_runs(lxd: LxdInstances):
    assert await make(lxd, "all") is None
    assert await seen(lxd) == ["card0", "card1"]
    await hide_cards(lxd, "zhangsan")
    assert await seen(lxd) == []
    await lxd.set_device("zhangsan", card_device_name(SECOND), card_device(SECOND))
    assert await seen(lxd) == ["card1"]
    assert seen_cards((await lxd.get("zhangsan")).expanded_devices).pci_addresses == (SECOND,)
    await lxd.remove_device("zhangsan", card_device_name(SECOND))
    assert await seen(lxd) == []


async def test_a_new_container_sees_the_cards_it_was_given_and_no_other(lxd: LxdInstances):
    gone = "0000:99:00.0"
    assert await make(lxd, (FIRST, gone)) == WithoutCards("not_on_host", (gone,))
    assert await seen(lxd) == ["card0"]


async def test_a_card_that_falls_off_the_bus_blocks_the_next_start_until_it_is_hidden(
    cards_lab: Lab, lxd: LxdInstances
):
    assert await make(lxd, (FIRST, SECOND)) is None
    await lxd.stop("zhangsan", timeout_seconds=0, force=True)
    with pulled(cards_lab, 1):
        with pytest.raises(CardDeviceMissing):
            await lxd.start("zhangsan")
        await hide_cards(lxd, "zhangsan")
        await lxd.start("zhangsan")
        assert await seen(lxd) == []


async def test_cards_are_assigned_and_enforced_while_it_runs(lxd: LxdInstances, database: Database, clock: FakeClock):
    """/assign one, both, none, all; then by the ledger: its holder's for the time of the booking; then as before."""
    await make(lxd, "all")
    cards = [Card(CardId("gpu-lab", f"GPU-{n}"), n, "A100", None, pci_address(n)) for n in range(2)]
    record, member = await database.write(lambda books: _registered(books, cards))
    shop = Workshop(database, clock, lxd, HostFacts("gpu-lab", range(10001, 10010), TEMPLATE), AtWork())
    by_hand = AssignmentService(shop, enforced=False)
    for wanted, shown in (((1,), ["card1"]), ((0, 1), ["card0", "card1"]), ((), []), ("all", ["card0", "card1"])):
        chosen = "all" if wanted == "all" else tuple(cards[n] for n in wanted)
        assert isinstance(await by_hand.assign(record, chosen, By(member)), Assigned)
        assert await seen(lxd) == shown

    by_the_ledger = AssignmentService(shop, enforced=True)
    window = Window(clock.now(), clock.now() + timedelta(hours=2))
    await database.write(lambda books: books.ledger.add(Request(member, (cards[1],), window), clock.now(), origin=None))
    assert await by_the_ledger.enforce() == 1
    assert await seen(lxd) == ["card1"]
    clock.advance(hours=2)
    assert await by_the_ledger.enforce() == 1
    assert await seen(lxd) == []

    back = HonouringService(shop, enforced=False)
    assert [(one.name, one.before.all) for one in await back.preview()] == [("zhangsan", True)]
    assert (await back.give_back(By(member))).done == ("zhangsan",)
    assert await seen(lxd) == ["card0", "card1"]
    assert (await back.undo(By(member))).done == ("zhangsan",)
    assert await seen(lxd) == []


def _registered(books: Books, cards: list[Card]) -> tuple[InstanceRecord, Member]:
    books.cards.see(cards, NOON)
    member = books.members.add("zhangsan", Role.STUDENT, NOON)
    record = InstanceRecord("local", "zhangsan", member.id, 10001, TEMPLATE, InstanceState.READY, "op", NOON)
    books.instances.add(record)
    return record, member


@contextmanager
def pulled(lab: Lab, number: int) -> Iterator[None]:
    """The card is away: its place on the bus, as LXD sees it, is empty."""
    place = lab.directory / "cards" / "devices" / pci_address(number)
    away = place.with_suffix(".away")
    place.rename(away)
    yield
    away.rename(place)
