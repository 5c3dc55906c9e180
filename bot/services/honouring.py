"""Back from `enforce` to `honour`: what each container saw before cards were taken from it, and giving that back.

While the bookings are enforced, a container's own view is remembered before it is changed for the first time. When the
mode is `honour` again, the admins are shown what giving back means, once, with a button; and what it did can be undone.
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.books import Books
from bot.domain.assignment import Changes, changes_to_view, own_view, shown
from bot.domain.container import InstanceRecord
from bot.domain.errors import InstanceError
from bot.domain.instance import Device, Instance, all_cards_device, seen_cards
from bot.domain.saying import Saying
from bot.domain.upkeep import Batch, NotDone, Regained
from bot.services.owing import owe_admins
from bot.services.workshop import By, Workshop
from bot.views import assignment as views

BEFORE = "cards.before_enforcing"  # container: its own view
AFTER = "cards.before_giving_back"  # the same, for the undo
TOLD = "cards.honour_told"


async def remember_view(shop: Workshop, instance: Instance) -> None:
    """Once; a later look would show what enforcement itself left."""

    def work(books: Books) -> None:
        views = books.facts.get(BEFORE) or {}
        if instance.name not in views:
            books.facts.put(BEFORE, {**views, instance.name: own_view(instance)})
            books.facts.put(TOLD, None)

    await shop.store.write(work)


def forget_view(books: Books, name: str) -> None:
    """An admin has said by hand what it is to see."""
    before = dict(books.facts.get(BEFORE) or {})
    if before.pop(name, None) is not None:
        books.facts.put(BEFORE, before)


class HonouringService:
    def __init__(self, workshop: Workshop, *, enforced: bool) -> None:
        self._shop = workshop
        self._enforced = enforced

    async def offer(self) -> None:
        """One tick: tell the admins, once, who sees less than before."""
        if self._enforced:
            return
        before, told = await self._shop.store.read(lambda books: (books.facts.get(BEFORE), books.facts.get(TOLD)))
        if not before or told:
            return
        try:
            regained = await self.preview()
        except InstanceError:
            return  # LXD answers later; nothing is lost

        def work(books: Books) -> None:
            if books.facts.get(TOLD):
                return
            books.facts.put(TOLD, True)
            if regained:
                message = views.honoured_again(regained, books.cards.all())
                owe_admins(books, message, self._shop.now(), story="honour")

        await self._shop.store.write(work)

    async def preview(self) -> tuple[Regained, ...]:
        """Whose view giving back would change. Raises InstanceError while LXD does not answer."""
        return tuple(
            Regained(one.name, shown(one), seen_cards(_with(one, before)))
            for one, before in await self._with_view(BEFORE)
            if changes_to_view(one, before)
        )

    async def give_back(self, by: By) -> Batch:
        return await self._restore(BEFORE, AFTER, by, "cards given back")

    async def undo(self, by: By) -> Batch:
        """As it was before giving back."""
        return await self._restore(AFTER, BEFORE, by, "giving back undone")

    async def _restore(self, of: str, keep: str, by: By, why: str) -> Batch:
        """Give each its view of `of`, and remember what that replaces under `keep`. One that fails stays to be done."""
        done: list[str] = []
        failed: dict[str, Saying] = {}
        records = {record.name: record for record in await self._shop.ready()}
        for instance, view in await self._with_view(of):
            outcome = await self._one(records[instance.name], view, by, why)
            if isinstance(outcome, NotDone):
                failed[instance.name] = outcome.why
                continue
            done.append(instance.name)
            await self._shop.store.write(lambda books, i=instance: _moved(books, i, of, keep))  # type: ignore[misc]
        return Batch(tuple(done), failed)

    async def _one(self, record: InstanceRecord, view: Changes, by: By, why: str) -> NotDone | None:
        async def work() -> None:
            instance = await self._shop.instances.get(record.name)
            await self._shop.instances.reconfigure(record.name, devices=changes_to_view(instance, view))

        return await self._shop.alone("assign", record, by, work, {"cards": why})

    async def _with_view(self, fact: str) -> list[tuple[Instance, Changes]]:
        """The members' containers that are there, with what is remembered of them."""
        views: Mapping[str, Changes] = await self._shop.store.read(lambda books: books.facts.get(fact)) or {}
        if not views:
            return []
        ready = {record.name for record in await self._shop.ready()}
        present = await self._shop.instances.list()
        return [(one, views[one.name]) for one in present if one.name in views and one.name in ready]


def _moved(books: Books, instance: Instance, of: str, keep: str) -> None:
    views = dict(books.facts.get(of) or {})
    view = views.pop(instance.name, {})
    books.facts.put(of, views)
    books.facts.put(keep, {**(books.facts.get(keep) or {}), instance.name: own_view(instance, view)})


def _with(instance: Instance, before: Changes) -> dict[str, Device]:
    """Its devices with that view. Which cards a profile's device shows, which a mask hides now, is not known: as
    junzi makes none but for all cards, that is what it is taken for."""
    own = own_view(instance, before)
    rest = {name: device for name, device in instance.expanded_devices.items() if name not in own}
    return {**rest, **{name: all_cards_device() if device is None else device for name, device in before.items()}}
