"""Which cards a container sees: what an admin assigns, what the ledger says under `enforce`; rescue at a start."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Literal

from bot.books import Books
from bot.domain.assignment import (
    Wanted,
    changes_to_give_back,
    changes_to_see,
    gpu_devices,
    sees,
    shown,
)
from bot.domain.card import Card
from bot.domain.container import InstanceRecord, InstanceState
from bot.domain.errors import InstanceError
from bot.domain.instance import Device
from bot.domain.reservation import Kind
from bot.domain.saying import Listing, Saying
from bot.domain.upkeep import Assigned, NotDone
from bot.services.at_work import AlreadyAtWork
from bot.services.honouring import forget_view, remember_view
from bot.services.provisioning import hide_cards
from bot.services.workshop import By, Workshop

logger = logging.getLogger("junzi.cards")

NVIDIA = "10de"


class AssignmentService:
    """`enforced`: the ledger alone decides who sees what, and /assign is refused."""

    def __init__(self, workshop: Workshop, *, enforced: bool) -> None:
        self._shop = workshop
        self.enforced = enforced
        self._in_trouble: dict[str, str] = {}

    async def assign(
        self, record: InstanceRecord, wanted: Literal["all"] | tuple[Card, ...], by: By
    ) -> Assigned | NotDone:
        """At once, whether it runs or not."""
        if self.enforced:
            return NotDone(Saying("assign.enforced"))
        addresses: Wanted = "all" if wanted == "all" else tuple(card.pci_address for card in wanted)

        async def work() -> Assigned | NotDone:
            missing = await self._missing(wanted)
            if missing:
                return NotDone(Saying("assign.not_on_host", {"cards": Listing(missing, in_a_row=True)}))
            assigned = await self._show(record, addresses)
            await self._shop.store.write(lambda books: _is_as_said(books, record))
            return assigned

        return await self._shop.alone("assign", record, by, work, {"cards": addresses})

    async def _missing(self, wanted: Literal["all"] | tuple[Card, ...]) -> tuple[Card, ...]:
        """A device for a card that is not there would block the next start."""
        present = {gpu.pci_address for gpu in await self._shop.instances.host_gpus() if gpu.vendor_id == NVIDIA}
        return () if wanted == "all" else tuple(card for card in wanted if card.pci_address not in present)

    async def _show(self, record: InstanceRecord, wanted: Wanted) -> Assigned:
        instance = await self._shop.converge(record.name, lambda now: changes_to_see(now, wanted))
        return Assigned(record, shown(instance), instance.is_running)

    async def start_without_cards(self, record: InstanceRecord, by: By) -> NotDone | None:
        """A dead card must not keep a member from their files. What it saw is remembered, for `give_back`."""

        async def work() -> None:
            await self.set_cards_aside(record.server, record.name)
            await self._shop.instances.start(record.name)

        return await self._shop.alone("start", record, by, work, {"without_cards": True})

    async def set_cards_aside(self, server: str, name: str) -> None:
        """Hide every card, and remember what was seen. The caller is alone with the container."""
        fact = _fact(server, name)
        before = gpu_devices((await self._shop.instances.get(name)).devices)
        if before or await self._shop.store.read(lambda books: books.facts.get(fact)) is None:
            await self._shop.store.write(lambda books: books.facts.put(fact, before))
        await hide_cards(self._shop.instances, name)

    async def set_aside(self, record: InstanceRecord) -> bool:
        """Were its cards hidden so that it could start?"""
        return await self._shop.store.read(lambda books: books.facts.get(_fact(record.server, record.name))) is not None

    async def give_back(self, record: InstanceRecord, by: By) -> NotDone | None:
        """Show it again what it saw before; running or not."""
        fact = _fact(record.server, record.name)
        before: Mapping[str, Device] | None = await self._shop.store.read(lambda books: books.facts.get(fact))
        if before is None:
            return NotDone(Saying("assign.nothing_set_aside"))

        async def work() -> None:
            instance = await self._shop.instances.get(record.name)
            changes = changes_to_give_back(instance, before)
            await self._shop.instances.reconfigure(record.name, devices=changes)
            await self._shop.store.write(lambda books: books.facts.put(_fact(record.server, record.name), None))

        return await self._shop.alone("assign", record, by, work, {"cards": "given back"})

    async def enforce(self) -> int:
        """Let every container see the cards that its member holds now, and no others. The number of changes."""
        if not self.enforced:
            return 0
        try:
            present = {gpu.pci_address for gpu in await self._shop.instances.host_gpus()}
            seen = {instance.name: instance for instance in await self._shop.instances.list()}
        except InstanceError as error:
            self._log_once("", str(error))
            return 0
        held = await self._shop.store.read(lambda books: _held(books, self._shop))
        changed = 0
        for record, addresses in held:
            wanted = tuple(address for address in addresses if address in present)
            if record.name in seen and not sees(seen[record.name], wanted):
                await remember_view(self._shop, seen[record.name])
                changed += await self._enforce(record, wanted)
        return changed

    async def _enforce(self, record: InstanceRecord, wanted: tuple[str, ...]) -> bool:
        try:
            with self._shop.at_work.alone(record.name, "assign"):
                await self._show(record, wanted)
        except AlreadyAtWork:
            return False  # the next tick is soon
        except InstanceError as error:
            self._log_once(record.name, str(error))
            return False
        self._in_trouble.pop(record.name, None)
        await self._shop.note("enforce", record, By(None), {"cards": list(wanted)})
        return True

    def _log_once(self, name: str, words: str) -> None:
        if self._in_trouble.get(name) != words:
            self._in_trouble[name] = words
            logger.warning("the cards of %s can't be set: %s", name or "the containers", words)


def _fact(server: str, name: str) -> str:
    return f"cards_set_aside.{server}.{name}"


def _is_as_said(books: Books, record: InstanceRecord) -> None:
    """What it saw before is nothing to come back to."""
    books.facts.put(_fact(record.server, record.name), None)
    forget_view(books, record.name)


def _held(books: Books, shop: Workshop) -> Sequence[tuple[InstanceRecord, tuple[str, ...]]]:
    """Every member's container with the PCI addresses of the cards that its member holds at this instant."""
    now = shop.now()
    holding = [r for r in books.ledger.standing(now) if r.kind is Kind.BOOKING and r.window.start <= now < r.window.end]
    cards = {card.id: card.pci_address for card in books.cards.all()}
    return [
        (
            record,
            tuple(sorted({cards[r.card] for r in holding if r.member_id == record.member_id and r.card in cards})),
        )
        for record in books.instances.all()
        if record.state is InstanceState.READY
    ]
