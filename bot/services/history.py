"""What was and what is promised in a stretch of time: the facts behind the pictures, the digest and the files."""

from __future__ import annotations

from datetime import datetime

from bot.books import Books, Store
from bot.domain.board import Holding
from bot.domain.bucket import Width
from bot.domain.past import Past
from bot.domain.reservation import Reservation
from bot.domain.window import Window
from bot.ports import Clock


class HistoryService:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def look(self, window: Window, width: Width | None = None) -> Past:
        """With `width`, what the cards did too, in buckets of it."""
        return await self._store.look_back(lambda books: past(books, window, self._clock.now(), width))


def past(books: Books, window: Window, now: datetime, width: Width | None = None) -> Past:
    people = tuple(books.members.all())
    members = {member.id: member for member in people}
    return Past(
        window,
        now,
        tuple(books.cards.all()),
        tuple(Holding(r, members.get(r.member_id)) for r in _touching(books, window, now)),
        people,
        width,
        () if width is None else tuple(books.usage.of_cards(window, width.length)),
        () if width is None else tuple(books.usage.of_members(window, width.length)),
    )


def _touching(books: Books, window: Window, now: datetime) -> list[Reservation]:
    """The ledger keeps what is over apart from what stands: both, as far as they touch the window."""
    over = books.ledger.ended_between(min(window.start, now), now)
    found = [r for r in (*over, *books.ledger.standing(now)) if r.window.overlaps(window)]
    return sorted(found, key=lambda r: (r.window, r.id))
