"""The waiting list: joining, leaving, taking what is offered, handing out what is free, keeping what is promised.

`settle_waiting` is called inside every transaction that frees or books something, and by a tick: so nobody snatches a
card between its being given back and its being offered to the first in line.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from bot.books import Books, Store
from bot.domain.card import Card, CardId
from bot.domain.draft import Draft, pressable
from bot.domain.member import Member
from bot.domain.outcome import Booked
from bot.domain.queueing import InLine, NotJoined, NotTaken
from bot.domain.reservation import FOR_THE_LINE, Kind, Refused, Request, Reservation, decide
from bot.domain.saying import Message
from bot.domain.waiting import Promise, Supply, Ticket, TicketState, Wish, is_kept_beside, make_plan, people_ahead
from bot.ports import Clock
from bot.services.observed import Observed
from bot.services.owing import LASTING, owe_member
from bot.services.policies import Policies
from bot.views import waiting as views

# Each place is offered what comes free, and holds it for a while: whoever had a hundred could keep a card for themself.
MOST_PLACES = 5
ONE_SECOND = timedelta(seconds=1)


class WaitingService:
    def __init__(self, store: Store, clock: Clock, policies: Policies, observed: Observed) -> None:
        self._store = store
        self._clock = clock
        self._policies = policies
        self._observed = observed

    async def settle(self) -> None:
        """One tick; may run at any time, as often as it likes."""
        await self._store.write(lambda books: self.settle_in(books, self._clock.now()))

    def settle_in(self, books: Books, now: datetime) -> None:
        """For use cases that free or book something, inside their own transaction."""
        settle_waiting(books, now, self._policies, self._observed)

    def make_way(self, books: Books, request: Request, now: datetime) -> bool:
        """Whether what is promised to the first in line need not stand in the way of this booking: it is their own,
        or other cards serve them as early. If so it is taken out of the ledger; the next settling keeps it anew."""
        standing = books.ledger.standing(now)
        line = books.waiting.line()
        promise = _promised(books, line, standing)
        if promise is None:
            return False
        if request.member.id != promise.request.member.id:
            supply = _supply(books, self._policies, self._observed, now)
            wanted = [
                Reservation(0, 0, card.id, request.member.id, request.window, request.memory_bytes)
                for card in request.cards
            ]
            if is_kept_beside(wanted, promise, line, standing, supply, now) is None:
                return False
        _withdraw_promises(books, standing)
        return True

    async def join(self, member: Member, draft_id: int, origin: str) -> InLine | NotJoined:
        """Queue for what a draft says."""

        def work(books: Books) -> InLine | NotJoined:
            draft = pressable(books.drafts.get(draft_id), member.id)
            if isinstance(draft, Refused):
                return NotJoined(draft)
            if draft.duration is None:  # its button is a forged one
                return NotJoined(Refused("outdated"))
            return self._join(books, member, _wish(draft, draft.duration), origin)

        return await self._store.write(work)

    async def join_again(self, member: Member, ticket_id: int, origin: str) -> InLine | NotJoined:
        """Queue for the same as before, at the end of the line."""

        def work(books: Books) -> InLine | NotJoined:
            ticket = books.waiting.get(ticket_id)
            if ticket is None or ticket.member_id != member.id:
                return NotJoined(Refused("not_yours"))
            return self._join(books, member, ticket.wish, origin)

        return await self._store.write(work)

    async def take(self, member: Member, ticket_id: int, origin: str) -> Booked | NotTaken:
        """Turn what is held into a booking. A second press finds the booking that the first one made."""
        return await self._store.write(lambda books: self._take(books, member, ticket_id, origin))

    async def leave(self, member: Member, ticket_id: int, origin: str) -> InLine | None:
        """Give up one's place, and what is held for it; None if the ticket is somebody else's.

        The ticket as it was before: one that is over stays as it is.
        """
        return await self._store.write(lambda books: self._leave(books, member, ticket_id, origin))

    async def mine(self, member: Member) -> Sequence[InLine]:
        """One's tickets, first come first."""

        def read(books: Books) -> Sequence[InLine]:
            return [_seen(books, one) for one in books.waiting.line() if one.member_id == member.id]

        return await self._store.read(read)

    def _join(self, books: Books, member: Member, wish: Wish, origin: str) -> InLine | NotJoined:
        now = self._clock.now()
        line = books.waiting.line()
        same = next((one for one in line if one.member_id == member.id and one.wish == wish), None)
        if same is not None:
            return _seen(books, same, again=True)
        refusal = self._never(books, member, wish, now)
        if refusal is not None:
            return NotJoined(refusal)
        if sum(one.member_id == member.id for one in line) >= MOST_PLACES:
            return NotJoined(Refused("too_many_places", {"limit": MOST_PLACES}))
        ticket = books.waiting.add(member.id, wish, now)
        _record(books, "wait", ticket, now, member, origin)
        self.settle_in(books, now)
        return _seen(books, books.waiting.get(ticket.id) or ticket)

    def _never(self, books: Books, member: Member, wish: Wish, now: datetime) -> Refused | None:
        """Why no card that comes free could ever serve this wish."""
        candidates = wish.candidates(books.cards.all())
        if len(candidates) < wish.number:
            return Refused("no_such_cards", {"asked": wish.number, "known": len(candidates)})
        if wish.start is not None and wish.start <= now:
            return Refused("in_the_past", {"start": wish.start})
        request = Request(member, candidates[: wish.number], wish.window(now), wish.memory_bytes, wish.note)
        answer = decide(request, (), self._policies.of(books, member), now)
        return answer if isinstance(answer, Refused) else None

    def _take(self, books: Books, member: Member, ticket_id: int, origin: str) -> Booked | NotTaken:
        now = self._clock.now()
        self.settle_in(books, now)
        ticket = books.waiting.get(ticket_id)
        if ticket is None or ticket.member_id != member.id:
            return NotTaken(None)
        rows = tuple(books.ledger.of_booking(ticket.booking)) if ticket.booking is not None else ()
        if ticket.state is TicketState.TAKEN and rows:
            return Booked(member, rows, _cards(books, rows), again=True)
        if ticket.state is not TicketState.OFFERED:
            return NotTaken(_seen(books, ticket))
        refusal = self._forbidden(books, member, rows, now)
        if refusal is not None:
            return NotTaken(_seen(books, ticket), refusal)
        for row in rows:
            books.ledger.take(row.id)
        books.waiting.set_state(ticket.id, TicketState.TAKEN)
        books.audit.record("reserve", f"booking:{ticket.booking}", now, actor=member.id, origin=origin)
        taken = tuple(books.ledger.of_booking(rows[0].booking))
        return Booked(member, taken, _cards(books, taken))

    def _forbidden(self, books: Books, member: Member, rows: Sequence[Reservation], now: datetime) -> Refused | None:
        """The rules of any booking, as of the instant from which the cards were held."""
        first = rows[0]
        request = Request(member, _cards(books, rows), first.window, first.memory_bytes, first.note)
        others = [r for r in books.ledger.standing(now) if r.booking != first.booking]
        answer = decide(request, others, self._policies.of(books, member), min(now, first.window.start))
        return answer if isinstance(answer, Refused) else None

    def _leave(self, books: Books, member: Member, ticket_id: int, origin: str) -> InLine | None:
        now = self._clock.now()
        ticket = books.waiting.get(ticket_id)
        if ticket is None or ticket.member_id != member.id:
            return None
        seen = _seen(books, ticket)
        if ticket.state in (TicketState.WAITING, TicketState.OFFERED):
            _let_go(books, ticket)
            books.waiting.set_state(ticket.id, TicketState.LEFT)
            _record(books, "leave_line", ticket, now, member, origin)
            self.settle_in(books, now)
        return seen


def settle_waiting(books: Books, now: datetime, policies: Policies, observed: Observed) -> None:
    """End offers and tickets whose time is over, then offer what is free to the first in line who could use it."""
    now = now.replace(microsecond=0)  # the ledger counts whole seconds
    for ticket in books.waiting.line():
        if ticket.state is TicketState.OFFERED:
            _review_offer(books, ticket, now, observed)
        elif ticket.lapses_at <= now and not _promised_rows(books, ticket):
            _lapse(books, ticket, now)
    line = books.waiting.line()
    if not line:
        return
    standing = books.ledger.standing(now)
    supply = _supply(books, policies, observed, now)
    promised = _promised(books, line, standing)
    plan = make_plan(line, standing, supply, now, promised)
    if plan.promise != promised:
        _withdraw_promises(books, standing)
    for ticket, request in plan.offers:
        _offer(books, ticket, request, now, observed)
    if plan.promise is not None and plan.promise != promised:
        rows = books.ledger.add(plan.promise.request, now, origin=None, kind=Kind.PROMISE)
        books.waiting.promise(plan.promise.ticket.id, rows[0].booking)


def _supply(books: Books, policies: Policies, observed: Observed, now: datetime) -> Supply:
    return Supply(
        books.cards.all(),
        {member.id: member for member in books.members.all()},
        partial(policies.of, books),
        partial(_busy_for, books, observed, now),
    )


def _promised(books: Books, line: Sequence[Ticket], standing: Sequence[Reservation]) -> Promise | None:
    """What the ledger keeps for the first in line who needs several cards. Half of it, left by an admin who closed
    a card, is no promise any more."""
    for ticket in line:
        rows = [r for r in standing if r.kind is Kind.PROMISE and r.booking == ticket.booking]
        member = books.members.get(ticket.member_id)
        if member is not None and len(rows) == ticket.wish.number:
            first = rows[0]
            return Promise(ticket, Request(member, _cards(books, rows), first.window, first.memory_bytes, first.note))
    return None


def _promised_rows(books: Books, ticket: Ticket) -> Sequence[Reservation]:
    return [r for r in books.ledger.of_booking(ticket.booking or 0) if r.kind is Kind.PROMISE]


def _withdraw_promises(books: Books, standing: Sequence[Reservation]) -> None:
    for row in standing:
        if row.kind is Kind.PROMISE:
            books.ledger.cancel(row.id)


def _busy_for(books: Books, observed: Observed, now: datetime, member: Member) -> frozenset[CardId]:
    """What the last sample saw on a card whose booking has ended since is old news: it was the holder's own run."""
    if observed.sample is None:
        return frozenset()
    own = next((record.name for record in books.instances.of_member(member.id)), None)
    ended = books.ledger.ended_between(observed.sample.taken_at, now + ONE_SECOND)
    return observed.not_idle(but_for=own) - {reservation.card for reservation in ended}


def _offer(books: Books, ticket: Ticket, request: Request, now: datetime, observed: Observed) -> None:
    rows = books.ledger.add(request, now, origin=None, kind=Kind.OFFER)
    books.waiting.offer(ticket.id, rows[0].booking, now + ticket.wish.offer_lasts)
    _record(books, "offer", ticket, now)
    _tell_offer(books, ticket.id, now, observed)


def _tell_offer(books: Books, ticket_id: int, now: datetime, observed: Observed) -> None:
    ticket = books.waiting.get(ticket_id)
    member = None if ticket is None else books.members.get(ticket.member_id)
    if ticket is None or member is None:
        return
    rows = books.ledger.of_booking(ticket.booking or 0)
    seen = _seen(books, ticket)
    busy = _busy_for(books, observed, now, member) if rows[0].window.start <= now else frozenset()
    in_use = tuple(card for card in seen.cards if card.id in busy)
    _tell(books, ticket, views.offer(seen, rows[0].window, in_use), now)


def _review_offer(books: Books, ticket: Ticket, now: datetime, observed: Observed) -> None:
    """Still held, run out, or taken away by an admin. Whoever has not got the message yet is given more time."""
    held = [r for r in books.ledger.of_booking(ticket.booking or 0) if r.kind is Kind.OFFER]
    if len(held) < ticket.wish.number or any(r.window.end <= now for r in held):
        _let_go(books, ticket)
        books.waiting.set_state(ticket.id, TicketState.WAITING)
        _tell(books, ticket, views.withdrawn(_seen(books, ticket)), now)
    elif ticket.offered_until is not None and ticket.offered_until <= now:
        if books.outbox.is_owed(_story(ticket), ticket.member_id):
            books.waiting.offer(ticket.id, held[0].booking, now + ticket.wish.offer_lasts)
            _tell_offer(books, ticket.id, now, observed)
            return
        seen = _seen(books, ticket)
        _let_go(books, ticket)
        books.waiting.set_state(ticket.id, TicketState.PASSED)
        _record(books, "offer_passed", ticket, now)
        _tell(books, ticket, views.passed(seen), now)


def _lapse(books: Books, ticket: Ticket, now: datetime) -> None:
    books.waiting.set_state(ticket.id, TicketState.LAPSED)
    _record(books, "wait_lapsed", ticket, now)
    member = books.members.get(ticket.member_id)
    if member is not None:
        owe_member(books, member, views.lapsed(_seen(books, ticket)), now, lasts=LASTING)


def leave_line(books: Books, member: Member, now: datetime, actor: Member, origin: str) -> None:
    """All of somebody's tickets: they have left the lab."""
    for ticket in books.waiting.line():
        if ticket.member_id == member.id:
            _let_go(books, ticket)
            books.waiting.set_state(ticket.id, TicketState.LEFT)
            _record(books, "leave_line", ticket, now, actor, origin)


def _let_go(books: Books, ticket: Ticket) -> None:
    for row in books.ledger.of_booking(ticket.booking or 0):
        if row.kind in FOR_THE_LINE:
            books.ledger.cancel(row.id)


def _tell(books: Books, ticket: Ticket, message: Message, now: datetime) -> None:
    """One offer is one message, edited as it goes on. The line decides when it is stale, not the outbox."""
    member = books.members.get(ticket.member_id)
    if member is not None:
        owe_member(books, member, message, now, story=_story(ticket), lasts=LASTING)


def _story(ticket: Ticket) -> str:
    return f"offer:{ticket.booking}"


def _seen(books: Books, ticket: Ticket, *, again: bool = False) -> InLine:
    rows = books.ledger.of_booking(ticket.booking) if ticket.booking is not None else ()
    held, known = _cards(books, rows), books.cards.all()
    named = ticket.wish.candidates(known) if ticket.wish.cards else ()
    promised = next((row.window for row in rows if row.kind is Kind.PROMISE), None)
    return InLine(ticket, held or named, people_ahead(ticket, books.waiting.line(), known), again, promised)


def _cards(books: Books, rows: Sequence[Reservation]) -> tuple[Card, ...]:
    found = (books.cards.get(row.card) for row in rows)
    return tuple(sorted((card for card in found if card is not None), key=lambda card: (card.index, card.id)))


def _wish(draft: Draft, duration: timedelta) -> Wish:
    return Wish(duration, draft.cards, draft.count, draft.model, draft.start, draft.memory_bytes, draft.note)


def _record(
    books: Books, action: str, ticket: Ticket, now: datetime, actor: Member | None = None, origin: str | None = None
) -> None:
    books.audit.record(
        action,
        f"ticket:{ticket.id}",
        now,
        actor=None if actor is None else actor.id,
        origin=origin,
        detail={"member": ticket.member_id, "booking": ticket.booking},
    )
