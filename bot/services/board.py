"""What every card is doing, who holds it, and who is really on it: the facts behind /gpus and the status post."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.books import Books, Store
from bot.domain.board import Board, CardRow, Holding, OnCard
from bot.domain.card import Card
from bot.domain.member import Member
from bot.domain.reservation import Reservation
from bot.domain.sample import CardReading, InInstance, Process, Sample, Unread
from bot.ports import Clock
from bot.services.observed import Observed


class BoardService:
    def __init__(self, store: Store, clock: Clock, observed: Observed) -> None:
        self._store = store
        self._clock = clock
        self._observed = observed

    async def board(self) -> Board:
        """From the last poll and the ledger as it stands."""
        return await self._store.read(self._board)

    async def others_on(self, cards: Sequence[Card], member: Member) -> Sequence[CardRow]:
        """Those of the cards on which somebody else is by the last poll: worth a word to who books them."""
        board = await self.board()
        ids = {card.id for card in cards}
        return [
            row
            for row in board.rows
            if row.card.id in ids
            and isinstance(row.processes, tuple)
            and any(on.member is None or on.member.id != member.id for on in row.processes)
        ]

    def _board(self, books: Books) -> Board:
        now = self._clock.now()
        sample = self._observed.sample
        standing = books.ledger.standing(now)
        members = {member.id: member for member in books.members.all()}
        owners = {record.name: members.get(record.member_id) for record in books.instances.all()}
        rows = tuple(self._row(card, sample, standing, members, owners, now) for card in books.cards.all())
        return Board(
            rows,
            now,
            None if sample is None else sample.taken_at,
            None if sample is None else sample.trouble,
            () if sample is None else sample.warnings,
        )

    def _row(
        self,
        card: Card,
        sample: Sample | None,
        standing: Sequence[Reservation],
        members: Mapping[int, Member],
        owners: Mapping[str, Member | None],
        now: datetime,
    ) -> CardRow:
        mine = [Holding(r, members.get(r.member_id)) for r in standing if r.card == card.id]
        present = tuple(h for h in mine if h.reservation.window.contains(now))
        later = next((h for h in mine if h.reservation.window.start > now), None)
        fresh = _reading_of(card, sample)
        reading, read_at, trouble = fresh, sample.taken_at if sample else None, None
        if fresh is None or fresh.lost is not None:
            trouble = _trouble(fresh, sample)
            reading, read_at = self._last_good(card)
        return CardRow(card, reading, read_at, trouble, present, later, _processes(fresh, owners))

    def _last_good(self, card: Card) -> tuple[CardReading | None, datetime | None]:
        found = self._observed.last_good.get(card.id)
        return (None, None) if found is None else (found[0], found[1].taken_at)


def _reading_of(card: Card, sample: Sample | None) -> CardReading | None:
    if sample is None or sample.trouble is not None:
        return None
    return next((reading for reading in sample.cards if reading.card.id == card.id), None)


def _trouble(reading: CardReading | None, sample: Sample | None) -> Unread:
    if reading is not None and reading.lost is not None:
        return reading.lost
    if sample is None:
        return Unread("not_yet")
    return sample.trouble or Unread("lost")


def _processes(reading: CardReading | None, owners: Mapping[str, Member | None]) -> tuple[OnCard, ...] | Unread:
    if reading is None:
        return Unread("error")
    if isinstance(reading.processes, Unread):
        return reading.processes
    return tuple(OnCard(process, _owner(process, owners)) for process in reading.processes)


def _owner(process: Process, owners: Mapping[str, Member | None]) -> Member | None:
    return owners.get(process.origin.instance) if isinstance(process.origin, InInstance) else None
