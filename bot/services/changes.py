"""Changing what stands: giving cards back, extending, shortening."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from bot.books import Books, Store
from bot.domain.card import Card
from bot.domain.member import Member
from bot.domain.outcome import Extended, NotChanged, Released
from bot.domain.policy import BookingPolicy
from bot.domain.reservation import Reservation, ended_early, longest_extension
from bot.domain.window import Window
from bot.ports import Clock

Chooser = Callable[[Reservation, Card], bool]


class ChangeService:
    def __init__(self, store: Store, clock: Clock, policy: BookingPolicy) -> None:
        self._store = store
        self._clock = clock
        self._policy = policy

    async def release(self, member: Member, which: Chooser, origin: str) -> Released | NotChanged:
        """Give back those of one's standing reservations that `which` picks, all together."""
        return await self._store.write(lambda books: self._release(books, member, which, origin))

    async def extend(
        self,
        member: Member,
        which: Chooser,
        *,
        by: timedelta | None = None,
        until: datetime | None = None,
        as_far_as_possible: bool = False,
        origin: str,
    ) -> Extended | NotChanged:
        """Move the end of those reservations by that much or to that instant, together or not at all.

        With `as_far_as_possible`, up to the next booking if the whole is not free.
        """

        def work(books: Books) -> Extended | NotChanged:
            return self._extend(books, member, which, by, until, as_far_as_possible, origin)

        return await self._store.write(work)

    def _release(self, books: Books, member: Member, which: Chooser, origin: str) -> Released | NotChanged:
        now = self._clock.now()
        chosen = _chosen(books, member, which, now)
        if not chosen:
            return NotChanged("nothing_to_release")
        for reservation, _ in chosen:
            shorter = ended_early(reservation, _whole_second(now))
            if shorter is None:
                books.ledger.cancel(reservation.id)
            else:
                books.ledger.move(reservation.id, shorter.window)
            _record(books, "release", reservation, member, now, origin)
        remaining = max(r.window.end - max(now, r.window.start) for r, _ in chosen)
        return Released(tuple(card for _, card in chosen), remaining)

    def _extend(
        self,
        books: Books,
        member: Member,
        which: Chooser,
        by: timedelta | None,
        until: datetime | None,
        as_far_as_possible: bool,
        origin: str,
    ) -> Extended | NotChanged:
        now = self._clock.now()
        chosen = _chosen(books, member, which, now)
        if not chosen:
            return NotChanged("nothing_to_extend")
        end = max(r.window.end for r, _ in chosen)
        wanted = until if until is not None else end + (by or timedelta(0))
        if wanted <= now:
            return NotChanged("in_the_past", {"start": wanted})
        limited = self._too_long(member, [r for r, _ in chosen], wanted, now)
        if limited is not None:
            return limited
        standing = books.ledger.standing(now)
        reachable = min(
            longest_extension(r, card, [s for s in standing if s.card == card.id], wanted)
            if wanted > r.window.end
            else wanted
            for r, card in chosen
        )
        if reachable < wanted and not (as_far_as_possible and reachable > end):
            return NotChanged("next_booking", {"possible": reachable, "end": end, "room": reachable > end})
        for reservation, _ in chosen:
            books.ledger.move(reservation.id, Window(reservation.window.start, reachable))
            _record(books, "extend", reservation, member, now, origin)
        return Extended(tuple(card for _, card in chosen), reachable, wanted if reachable < wanted else None)

    def _too_long(
        self, member: Member, chosen: Sequence[Reservation], wanted: datetime, now: datetime
    ) -> NotChanged | None:
        """The longest booking is counted from now on: whoever renews in time may go on, a week at a time."""
        if member.is_admin:
            return None
        latest = max(now, min(r.window.start for r in chosen)) + self._policy.longest
        return (
            NotChanged("extends_too_far", {"limit": self._policy.longest, "latest": latest})
            if wanted > latest
            else None
        )


def _chosen(books: Books, member: Member, which: Chooser, now: datetime) -> list[tuple[Reservation, Card]]:
    pairs = ((r, books.cards.get(r.card)) for r in books.ledger.of_member(member.id, now))
    return [(r, card) for r, card in pairs if card is not None and which(r, card)]


def _whole_second(now: datetime) -> datetime:
    """The ledger counts whole seconds: a card given back at 12:00:00.9 is free from 12:00:00 on."""
    return now.replace(microsecond=0)


def _record(books: Books, action: str, before: Reservation, member: Member, now: datetime, origin: str) -> None:
    detail = {"start": before.window.start.isoformat(), "end": before.window.end.isoformat()}
    books.audit.record(action, f"reservation:{before.id}", now, actor=member.id, origin=origin, detail=detail)
