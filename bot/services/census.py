"""Counts everything worth measuring, from the books and from the last poll; asks nobody outside."""

from __future__ import annotations

from bot.books import Books, Store
from bot.domain.census import Census
from bot.domain.reservation import Kind
from bot.ports import Clock
from bot.services.board import BoardService
from bot.services.observed import Observed

MOST_OWED = 1000  # beyond that the number says enough


class CensusService:
    def __init__(self, store: Store, clock: Clock, observed: Observed, board: BoardService) -> None:
        self._store = store
        self._clock = clock
        self._observed = observed
        self._board = board

    async def take(self) -> Census:
        board, instances = await self._board.board(), self._observed.instances

        def count(books: Books) -> Census:
            now = self._clock.now()
            bookings = [r for r in books.ledger.standing(now) if r.kind is Kind.BOOKING]
            present = sum(r.window.contains(now) for r in bookings)
            people = {member.id: member.unix_name for member in books.members.all()}
            return Census(
                board=board,
                instances=instances,
                owners={r.name: people[r.member_id] for r in books.instances.all() if r.member_id in people},
                members=len(people),
                bookings_now=present,
                bookings_later=len(bookings) - present,
                waiting=len(books.waiting.line()),
                owed=len(books.outbox.due(now, MOST_OWED)),
            )

        return await self._store.read(count)
