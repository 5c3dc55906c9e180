"""What people ask about their runs, and what they want to be told of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.books import Books, Store
from bot.domain.card import Card
from bot.domain.member import Member
from bot.domain.outcome import NotChanged, Released
from bot.domain.policy import RunPolicy
from bot.domain.run_story import RunRecord
from bot.ports import Clock
from bot.services.changes import ChangeService
from bot.services.following import rest_of_booking

LOOKED_BACK = timedelta(weeks=4)
SHORTEST_SHOWN = timedelta(minutes=1)
MOST_SHOWN = 20


@dataclass(frozen=True)
class Wanted:
    """`told_from`: the shortest run whose end is told; None: none is. `bells`: cards of which one wants to hear."""

    told_from: timedelta | None
    bells: tuple[Card, ...]


class RunService:
    def __init__(self, store: Store, clock: Clock, changes: ChangeService, policy: RunPolicy) -> None:
        self._store = store
        self._clock = clock
        self._changes = changes
        self._policy = policy

    async def latest(self, member: Member | None) -> tuple[Sequence[RunRecord], Mapping[int, Member]]:
        """The runs of the last weeks, of one member or of everybody, newest first; and who is who."""
        now = self._clock.now()

        def read(books: Books) -> tuple[Sequence[RunRecord], Mapping[int, Member]]:
            found = books.runs.latest(None if member is None else member.id, now - LOOKED_BACK, 5 * MOST_SHOWN)
            shown = [one for one in found if one.ended_at is None or one.lasted(now) >= SHORTEST_SHOWN]
            return shown[:MOST_SHOWN], {one.id: one for one in books.members.all()}

        return await self._store.read(read)

    async def give_back(self, member: Member, run_id: int, origin: str) -> Released | NotChanged:
        """The rest of the booking that the run was on."""
        meant = await self._store.read(lambda books: self._rest(books, member, run_id))
        return await self._changes.release(member, lambda reservation, _card: reservation.id in meant, origin)

    async def get(self, member: Member, run_id: int) -> RunRecord | None:
        """One's own only."""
        record = await self._store.read(lambda books: books.runs.get(run_id))
        return record if record is not None and record.member == member.id else None

    async def wanted(self, member: Member) -> Wanted:
        def read(books: Books) -> Wanted:
            told_from = books.wishes.told_from(member.id, self._policy.told_from)
            bells = (books.cards.get(card) for one, card in books.wishes.bells() if one == member.id)
            return Wanted(told_from, tuple(card for card in bells if card is not None))

        return await self._store.read(read)

    async def tell_from(self, member: Member, at_least: timedelta | None) -> None:
        await self._store.write(lambda books: books.wishes.tell_from(member.id, at_least))

    async def hang_bell(self, member: Member, card: Card) -> None:
        """Tell them once when the card is free and nobody is on it."""
        await self._store.write(lambda books: books.wishes.hang_bell(member.id, card.id, self._clock.now()))

    async def take_bell(self, member: Member, card: Card) -> None:
        await self._store.write(lambda books: books.wishes.take_bell(member.id, card.id))

    def _rest(self, books: Books, member: Member, run_id: int) -> frozenset[int]:
        record = books.runs.get(run_id)
        if record is None or record.member != member.id:
            return frozenset()
        return frozenset(r.id for r, _ in rest_of_booking(books, record, self._clock.now()))
