"""Changing what stands: giving cards back, extending, shortening, moving, and taking back one's last change.

Every change notes in the audit log what was before, so that it can be undone by a person.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.books import Books, Change, Store
from bot.domain.card import Card, CardId
from bot.domain.member import Member
from bot.domain.outcome import Booked, Extended, Moved, NotChanged, Released, Undone
from bot.domain.reservation import (
    Granted,
    Kind,
    Refused,
    Request,
    Reservation,
    decide,
    ended_early,
    fits,
    longest_extension,
    too_much,
)
from bot.domain.shifting import Shift
from bot.domain.window import Window
from bot.ports import Clock
from bot.services.owing import LASTING, owe_member
from bot.services.policies import Policies
from bot.views.administration import given_back_to_you

Chooser = Callable[[Reservation, Card], bool]
Chosen = Sequence[tuple[Reservation, Card]]


class ChangeService:
    """`on_freed` is called inside the transaction that frees something: whoever waits for it is offered it there, and
    nobody can snatch it in between. `make_way`: whether what is promised to the line can be kept beside a longer or
    a moved booking; if so, it no longer stands there."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        policies: Policies,
        on_freed: Callable[[Books, datetime], None],
        make_way: Callable[[Books, Request, datetime], bool] = lambda _books, _request, _now: False,
    ) -> None:
        self._store = store
        self._clock = clock
        self._policies = policies
        self._on_freed = on_freed
        self._make_way = make_way

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

        An end before the present one shortens. With `as_far_as_possible`, up to the next booking if the whole is not
        free.
        """

        def work(books: Books) -> Extended | NotChanged:
            now = self._clock.now()
            chosen = _nearest(_chosen(books, member, which, now), now)
            if not chosen:
                return NotChanged("nothing_to_extend")
            end = max(r.window.end for r, _ in chosen)
            wanted = until if until is not None else end + (by or timedelta(0))
            return self._extend(books, member, chosen, wanted, as_far_as_possible, origin)

        return await self._store.write(work)

    async def move(
        self, member: Member, which: Chooser, start: datetime, duration: timedelta | None, origin: str
    ) -> Moved | NotChanged:
        """Give those reservations another start (and length, if one is said), together or not at all."""
        return await self._store.write(lambda books: self._move(books, member, which, start, duration, origin))

    async def undo(self, member: Member, origin: str) -> Undone | NotChanged:
        """Take back one's own last change, while it still can be: the past stays as it was."""
        return await self._store.write(lambda books: self._undo(books, member, origin))

    def _release(self, books: Books, member: Member, which: Chooser, origin: str) -> Released | NotChanged:
        now = self._clock.now()
        chosen = _chosen(books, member, which, now)
        if not chosen:
            return NotChanged("nothing_to_release")
        released = give_back(books, chosen, member, now, origin, "release")
        self._on_freed(books, now)
        return released

    def _extend(
        self, books: Books, member: Member, chosen: Chosen, wanted: datetime, as_far: bool, origin: str
    ) -> Extended | NotChanged:
        now = self._clock.now()
        end = max(r.window.end for r, _ in chosen)
        if wanted <= now:
            return NotChanged("in_the_past", {"start": wanted})
        start = max(r.window.start for r, _ in chosen)
        if wanted <= start:
            return NotChanged("ends_before_it_begins", {"start": start, "end": wanted})
        limited = self._too_long(books, member, [r for r, _ in chosen], wanted, now)
        limited = limited or self._too_much(books, member, chosen, wanted, now)
        if limited is not None:
            return limited
        standing = books.ledger.standing(now)
        reachable = min(_reachable(r, card, standing, wanted) for r, card in chosen)
        made_way = reachable < wanted and self._make_way(books, _longer(member, chosen, wanted), now)
        if made_way:
            standing = books.ledger.standing(now)
            reachable = min(_reachable(r, card, standing, wanted) for r, card in chosen)
        if reachable < wanted and not (as_far and reachable > end):
            if made_way:
                self._on_freed(books, now)
            return NotChanged("next_booking", {"possible": reachable, "end": end, "room": reachable > end})
        for reservation, _ in chosen:
            books.ledger.move(reservation.id, Window(reservation.window.start, reachable))
        record(books, "extend", [r for r, _ in chosen], member, now, origin)
        if reachable < end or made_way:  # what was promised is kept anew, elsewhere
            self._on_freed(books, now)
        return Extended(tuple(card for _, card in chosen), reachable, wanted if reachable < wanted else None)

    def _too_long(
        self, books: Books, member: Member, chosen: Sequence[Reservation], wanted: datetime, now: datetime
    ) -> NotChanged | None:
        """The longest booking is counted from now on: whoever renews in time may go on, a week at a time."""
        if member.is_admin or wanted <= max(r.window.end for r in chosen):
            return None
        longest = self._policies.of(books, member).longest
        latest = max(now, min(r.window.start for r in chosen)) + longest
        return NotChanged("extends_too_far", {"limit": longest, "latest": latest}) if wanted > latest else None

    def _too_much(
        self, books: Books, member: Member, chosen: Chosen, wanted: datetime, now: datetime
    ) -> NotChanged | None:
        """As if each were booked anew with the later end: a limit is none if short bookings may grow past it."""
        growing = [(r, card) for r, card in chosen if r.window.end < wanted]
        if member.is_admin or not growing:
            return None
        ids = {r.id for r, _ in growing}
        held = [r for r in books.ledger.of_member(member.id, now) if r.id not in ids]
        for reservation, card in growing:
            window = Window(max(reservation.window.start, now), wanted)
            request = Request(member, (card,), window, reservation.memory_bytes)
            refused = too_much(request, held, self._policies.of(books, member), now)
            if refused is not None:
                return NotChanged(refused.reason, dict(refused.values))
            held.append(replace(reservation, window=window))
        return None

    def _move(
        self, books: Books, member: Member, which: Chooser, start: datetime, duration: timedelta | None, origin: str
    ) -> Moved | NotChanged:
        now = self._clock.now()
        chosen = _chosen(books, member, which, now)
        if not chosen:
            return NotChanged("nothing_to_move")
        if any(r.window.start <= now for r, _ in chosen):
            return NotChanged("already_begun")
        first = chosen[0][0]
        window = Window.lasting(start, duration or first.window.duration)
        request = Request(member, tuple(card for _, card in chosen), window, first.memory_bytes, first.note)
        moving = {r.id for r, _ in chosen}
        answer = self._answer(books, request, moving, now)
        made_way = isinstance(answer, Refused) and answer.by_promise_alone and self._make_way(books, request, now)
        if made_way:
            answer = self._answer(books, request, moving, now)
        if isinstance(answer, Refused):
            if made_way:
                self._on_freed(books, now)
            return NotChanged("move_refused" if answer.reason == "taken" else answer.reason, dict(answer.values))
        for reservation, _ in chosen:
            books.ledger.move(reservation.id, window)
        record(books, "move", [r for r, _ in chosen], member, now, origin)
        self._on_freed(books, now)
        return Moved(request.cards, window)

    def _answer(self, books: Books, request: Request, moving: Collection[int], now: datetime) -> Granted | Refused:
        """May the reservations of these numbers stand there instead?"""
        others = [r for r in books.ledger.standing(now) if r.id not in moving]
        return decide(request, others, self._policies.of(books, request.member), now)

    def _undo(self, books: Books, member: Member, origin: str) -> Undone | NotChanged:
        now = self._clock.now()
        last = books.audit.last_change(member.id)
        if last is None:
            return NotChanged("nothing_to_undo")
        before = _as_before(books, last)
        if not before or any(r.window.end <= now for r in before):
            return NotChanged("too_late_to_undo")
        if any(holder.has_left for holder in _holders(books, before)):
            return NotChanged("undo_left")
        cards = tuple(card for _, card in _with_cards(books, before))
        if last.action == "reserve":
            give_back(books, _with_cards(books, before), member, now, origin, "undo")
        elif self._restore(books, before):
            record(books, "undo", before, member, now, origin)
        else:
            return NotChanged("undo_taken")
        self._on_freed(books, now)
        self._tell_holders(books, member, before, now)
        return Undone(last.action, cards)

    @staticmethod
    def _tell_holders(books: Books, actor: Member, before: Sequence[Reservation], now: datetime) -> None:
        """Who lost a booking to an admin and has it back must hear of that too."""
        for reservation, card in _with_cards(books, before):
            holder = books.members.get(reservation.member_id)
            if holder is not None and holder.id != actor.id:
                owe_member(books, holder, given_back_to_you(card, reservation.window), now, lasts=LASTING)

    @staticmethod
    def _restore(books: Books, before: Sequence[Reservation]) -> bool:
        """Put windows back as they were, if nobody has booked any of that time meanwhile, past time included."""
        ids = {r.id for r in before}
        for reservation, card in _with_cards(books, before):
            meanwhile = [r for r in books.ledger.in_the_way([card.id], reservation.window) if r.id not in ids]
            for promise in (r for r in meanwhile if r.kind is Kind.PROMISE):
                books.ledger.cancel(promise.id)  # made a moment ago, of what is undone here; it is kept anew after
            meanwhile = [r for r in meanwhile if r.kind is not Kind.PROMISE]
            if not fits(card, meanwhile, reservation.window, reservation.memory_bytes):
                return False
        for reservation in before:
            books.ledger.shift(reservation.id, reservation.card, reservation.window)
            books.ledger.restore(reservation.id, reservation.window)
        return True


def give_back(books: Books, chosen: Chosen, actor: Member, now: datetime, origin: str, action: str) -> Released:
    """End these reservations now; those that have not begun never were."""
    record(books, action, [r for r, _ in chosen], actor, now, origin)
    for reservation, _ in chosen:
        # The ledger counts whole seconds: a card given back at 12:00:00.9 is free from 12:00:00 on.
        shorter = ended_early(reservation, now.replace(microsecond=0))
        if shorter is None:
            books.ledger.cancel(reservation.id)
        else:
            books.ledger.move(reservation.id, shorter.window)
    remaining = max(r.window.end - max(now, r.window.start) for r, _ in chosen)
    return Released(tuple(card for _, card in chosen), remaining)


def shift_rows(books: Books, member: Member, shift: Shift, now: datetime, origin: str) -> Booked:
    """Give each of these reservations its other card from now on. What is over of them keeps nobody's card busy."""
    before = [r for r in (books.ledger.get(reservation_id) for reservation_id in shift) if r is not None]
    record(books, "shift", before, member, now, origin)
    start = now.replace(microsecond=0)
    for reservation in before:
        window = Window(max(start, reservation.window.start), reservation.window.end)
        books.ledger.shift(reservation.id, shift[reservation.id].id, window)
    rows = tuple(r for r in (books.ledger.get(one.id) for one in before) if r is not None)
    return Booked(member, rows, tuple(shift.values()))


def record(books: Books, action: str, before: Sequence[Reservation], actor: Member, now: datetime, origin: str) -> None:
    """One line in the audit log for one change, with every reservation as it was before."""
    parts = [
        {
            "id": r.id,
            "start": r.window.start.isoformat(),
            "end": r.window.end.isoformat(),
            "host": r.card.host,
            "uuid": r.card.uuid,
        }
        for r in before
    ]
    subject = f"booking:{before[0].booking}"
    books.audit.record(action, subject, now, actor=actor.id, origin=origin, detail={"before": parts})


def _as_before(books: Books, change: Change) -> list[Reservation]:
    """The reservations that a change touched, as they were before it (as they are, for a new booking)."""
    if change.action == "reserve":
        return list(books.ledger.of_booking(change.booking))
    found = ((books.ledger.get(reservation_id), window) for reservation_id, window in change.before)
    rows = [replace(r, window=window) for r, window in found if r is not None]
    return [replace(r, card=change.cards.get(r.id, r.card)) for r in rows]


def _reachable(reservation: Reservation, card: Card, standing: Iterable[Reservation], wanted: datetime) -> datetime:
    if wanted <= reservation.window.end:
        return wanted
    return longest_extension(reservation, card, [s for s in standing if s.card == card.id], wanted)


def _longer(member: Member, chosen: Chosen, wanted: datetime) -> Request:
    """What keeping these until then asks for beyond what is theirs."""
    window = Window(min(r.window.end for r, _ in chosen), wanted)
    return Request(member, tuple(card for _, card in chosen), window, chosen[0][0].memory_bytes)


def _chosen(books: Books, member: Member, which: Chooser, now: datetime) -> list[tuple[Reservation, Card]]:
    own = [r for r in books.ledger.of_member(member.id, now) if r.kind is Kind.BOOKING]
    return [(r, card) for r, card in _with_cards(books, own) if which(r, card)]


def _nearest(chosen: Sequence[tuple[Reservation, Card]], now: datetime) -> list[tuple[Reservation, Card]]:
    """Of several bookings of one card, what runs, else what comes first: nobody means tomorrow's by "6h more"."""
    first: dict[CardId, datetime] = {}
    for reservation, card in chosen:
        first[card.id] = min(reservation.window.start, first.get(card.id, reservation.window.start))
    return [(r, card) for r, card in chosen if r.window.start <= max(now, first[card.id])]


def _holders(books: Books, reservations: Iterable[Reservation]) -> list[Member]:
    found = (books.members.get(member_id) for member_id in {r.member_id for r in reservations})
    return [member for member in found if member is not None]


def _with_cards(books: Books, reservations: Iterable[Reservation]) -> list[tuple[Reservation, Card]]:
    pairs = ((r, books.cards.get(r.card)) for r in reservations)
    return [(r, card) for r, card in pairs if card is not None]
