"""Looking at the ledger without changing it: who holds a card, what is free when, what was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from bot.books import Books, Store
from bot.domain.agenda import Agenda, CardFree, Slot
from bot.domain.board import Holding
from bot.domain.card import Card, CardId, is_model
from bot.domain.member import Member
from bot.domain.reservation import Reservation, earliest_start
from bot.domain.window import Window, gaps
from bot.ports import Clock
from bot.services.observed import Observed

HISTORY = 15
SHORTEST_GAP = timedelta(minutes=15)


class LookService:
    def __init__(self, store: Store, clock: Clock, observed: Observed) -> None:
        self._store = store
        self._clock = clock
        self._observed = observed

    async def free(self, window: Window) -> Sequence[CardFree]:
        """Every card's gaps in that window."""
        return await self._store.read(lambda books: self._free(books, window))

    async def slots(self, count: int, duration: timedelta, model: str | None, memory: int | None) -> Sequence[Slot]:
        """The earliest slots for so many cards together: the soonest of each choice of cards, at most five."""
        return await self._store.read(lambda books: self._slots(books, count, duration, model, memory))

    async def agenda(self) -> Agenda:
        return await self._store.read(self._agenda)

    async def history(self, member: Member | None) -> tuple[Sequence[Reservation], Mapping[CardId, Card]]:
        """The last bookings that are over, of one member or of everybody, and the cards they were on."""

        def read(books: Books) -> tuple[Sequence[Reservation], Mapping[CardId, Card]]:
            rows = books.ledger.history(None if member is None else member.id, self._clock.now(), HISTORY)
            return rows, {card.id: card for card in books.cards.all()}

        return await self._store.read(read)

    def _agenda(self, books: Books) -> Agenda:
        now = self._clock.now()
        members = {member.id: member for member in books.members.all()}
        holdings = tuple(Holding(r, members.get(r.member_id)) for r in books.ledger.standing(now))
        return Agenda(tuple(books.cards.all()), holdings, now)

    def _free(self, books: Books, window: Window) -> Sequence[CardFree]:
        agenda = self._agenda(books)
        busy = self._observed.not_idle()
        rows = []
        for card in agenda.cards:
            mine = [h for h in agenda.holdings if h.reservation.card == card.id]
            free = tuple(g for g in gaps((h.reservation.window for h in mine), window) if g.duration >= SHORTEST_GAP)
            until = free[0].start if free else window.end
            before = tuple(
                h for h in mine if h.reservation.window.start < until and h.reservation.window.end > window.start
            )
            rows.append(CardFree(card, free, before, card.id in busy))
        return rows

    def _slots(
        self, books: Books, count: int, duration: timedelta, model: str | None, memory: int | None
    ) -> Sequence[Slot]:
        agenda = self._agenda(books)
        cards = [card for card in agenda.cards if is_model(card, model)]
        standing = [h.reservation for h in agenda.holdings]
        ends = sorted({agenda.now, *(r.window.end for r in standing if r.window.end > agenda.now)})
        found: dict[tuple[CardId, ...], Slot] = {}
        for start in ends:
            ready = [
                card
                for card in cards
                if earliest_start(card, [r for r in standing if r.card == card.id], duration, start, memory) == start
            ]
            for choice in _choices(ready, count):
                found.setdefault(tuple(card.id for card in choice), Slot(choice, Window.lasting(start, duration)))
            if len(found) >= 5:
                break
        return list(found.values())[:5]


def _choices(cards: Sequence[Card], count: int) -> Sequence[tuple[Card, ...]]:
    """Neighbouring cards together; not every combination, which nobody would read."""
    return [tuple(cards[i : i + count]) for i in range(len(cards) - count + 1)]
