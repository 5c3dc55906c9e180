"""What every card is doing, who holds it, and who is really on it: the facts behind /gpus and the status post."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache, cached_property

from bot.books import Books, Store
from bot.domain.board import Board, CardRow, Holding, OnCard
from bot.domain.card import Card
from bot.domain.member import Member
from bot.domain.reservation import Reservation
from bot.domain.sample import CardReading, InInstance, Process, Sample, Unread
from bot.ports import Clock
from bot.services.observed import Observed


class _People:
    """Who is who, looked up when a card asks: a board names a handful of all members."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self.member: Callable[[int], Member | None] = cache(books.members.get)

    @cached_property
    def _owners(self) -> Mapping[str, int]:
        return {record.name: record.member_id for record in self._books.instances.all()}

    def owner(self, process: Process) -> Member | None:
        """Whose container a process is in."""
        if not isinstance(process.origin, InInstance):
            return None
        member_id = self._owners.get(process.origin.instance)
        return None if member_id is None else self.member(member_id)


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
        ids = {card.id for card in cards} & self._observed.not_idle()
        if not ids:
            return ()
        board = await self.board()
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
        people = _People(books)
        rows = tuple(self._row(card, sample, standing, people, now) for card in books.cards.all())
        return Board(
            rows,
            now,
            None if sample is None else sample.taken_at,
            None if sample is None else sample.trouble,
        )

    def _row(
        self,
        card: Card,
        sample: Sample | None,
        standing: Sequence[Reservation],
        people: _People,
        now: datetime,
    ) -> CardRow:
        its = [r for r in standing if r.card == card.id]
        present = tuple(Holding(r, people.member(r.member_id)) for r in its if r.window.contains(now))
        later = next((Holding(r, people.member(r.member_id)) for r in its if r.window.start > now), None)
        fresh = _reading_of(card, sample)
        reading, read_at, trouble = fresh, sample.taken_at if sample else None, None
        if fresh is None or fresh.lost is not None:
            trouble = _trouble(fresh, sample)
            reading, read_at = self._last_good(card)
        return CardRow(card, reading, read_at, trouble, present, later, _processes(fresh, people))

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


def _processes(reading: CardReading | None, people: _People) -> tuple[OnCard, ...] | Unread:
    if reading is None:
        return Unread("error")
    if isinstance(reading.processes, Unread):
        return reading.processes
    return tuple(OnCard(process, people.owner(process)) for process in reading.processes)
