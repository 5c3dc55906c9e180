"""The waiting list: first come, first served, and nobody is passed over for a card that they could have used.

A *ticket* is a member's place in line. It can be served when all that it asks for is free at once. Who waits for one
card gets the first that comes free; who waits for two would starve behind those, a card at a time. So the first in line
who needs several, of cards that nobody before them waits for, has a *promise*: the earliest time at which the ledger
has them all free together is kept for them.

    gpu0   free ........... |promised        What is free before may be used by anybody, not beyond. Nobody may delay
    gpu1   somebody's ......|promised        it: not another ticket, a new booking, or a longer one.

Batch schedulers call it EASY backfilling (Lifka, "The ANL/IBM SP scheduling system", 1995). There is one promise at a
time, so that as little as possible is kept from everybody; as every booking ends, that is enough for nobody to starve.
The line hands out what is free; another booking for later is a promise that anybody may make.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from bot.domain.card import Card, CardId, is_model
from bot.domain.member import Member
from bot.domain.policy import BookingPolicy
from bot.domain.reservation import Granted, Kind, Request, Reservation, against_policy, choose, decide
from bot.domain.window import Window

OFFER_LASTS = timedelta(minutes=10)
TICKET_LASTS = timedelta(days=7)


class TicketState(str, Enum):
    """WAITING and OFFERED are in line; the others are over."""

    WAITING = "waiting"
    OFFERED = "offered"  # cards are held for them until `offered_until`
    TAKEN = "taken"
    LEFT = "left"
    PASSED = "passed"  # they were offered cards and did not answer
    LAPSED = "lapsed"  # nothing came free in time


IN_LINE = (TicketState.WAITING, TicketState.OFFERED)


@dataclass(frozen=True)
class Wish:
    """`cards`: exactly these, together; empty = any `count` of `model`. `start` None = as soon as they are free."""

    duration: timedelta
    cards: tuple[CardId, ...] = ()
    count: int = 1
    model: str | None = None
    start: datetime | None = None
    memory_bytes: int | None = None
    note: str = ""

    def __post_init__(self) -> None:
        """Whole seconds, as the ledger counts them, whatever fraction an "until fri 18:00" leaves: what is kept for
        this wish must be found there again as it was planned, or it is written anew at every look."""
        object.__setattr__(self, "duration", timedelta(seconds=self.duration // timedelta(seconds=1)))

    @property
    def number(self) -> int:
        """How many cards it takes."""
        return len(self.cards) or self.count

    def window(self, now: datetime) -> Window:
        return Window.lasting(max(self.start or now, now), self.duration)

    @property
    def offer_lasts(self) -> timedelta:
        """How long the cards are held for an answer: at most half of the time that they are wanted for."""
        return min(OFFER_LASTS, self.duration / 2)

    def lapses_at(self, now: datetime) -> datetime:
        """A wish for a certain time is pointless from then on; any other one is asked for again after a week."""
        return now + TICKET_LASTS if self.start is None else max(self.start, now)

    def candidates(self, known: Iterable[Card]) -> tuple[Card, ...]:
        """The cards that can serve it."""
        if self.cards:
            return tuple(card for card in known if card.id in self.cards)
        return tuple(card for card in known if is_model(card, self.model))


@dataclass(frozen=True)
class Ticket:
    """Tickets are served in the order of their ids. `booking` is that of the rows promised, held for an offer, or
    taken."""

    id: int
    member_id: int
    wish: Wish
    joined_at: datetime
    lapses_at: datetime
    state: TicketState = TicketState.WAITING
    booking: int | None = None
    offered_until: datetime | None = None


@dataclass(frozen=True)
class Supply:
    """What an offer is decided on. `busy`: cards that somebody is really on, as this member sees it."""

    cards: Sequence[Card]
    members: Mapping[int, Member]
    policy: Callable[[Member], BookingPolicy]
    busy: Callable[[Member], frozenset[CardId]]


@dataclass(frozen=True)
class Promise:
    """These cards for this member from the start of the window on, at the latest."""

    ticket: Ticket
    request: Request

    @property
    def rows(self) -> list[Reservation]:
        return _held(self.request, Kind.PROMISE)


@dataclass(frozen=True)
class Plan:
    """Who is to be offered what now, first come first, and what is kept for the first who needs several cards."""

    offers: tuple[tuple[Ticket, Request], ...]
    promise: Promise | None


def make_plan(
    line: Sequence[Ticket],
    standing: Iterable[Reservation],
    supply: Supply,
    now: datetime,
    promised: Promise | None = None,
) -> Plan:
    """`line` in order; `standing` with the cards held for offers; `promised`: the promise that there is, if any."""
    standing = [r for r in standing if r.kind is not Kind.PROMISE]
    offers: list[tuple[Ticket, Request]] = []
    waiting = [ticket for ticket in line if ticket.state is TicketState.WAITING]
    promise = next((promised for ticket in waiting if promised is not None and promised.ticket.id == ticket.id), None)
    before: list[Ticket] = []
    for place, ticket in enumerate(waiting):
        spare = frozenset(card for later in waiting[place + 1 :] for card in later.wish.cards)
        own = promise if promise is not None and promise.ticket.id == ticket.id else None
        if own is None:
            request, promise = _beside(ticket, waiting, standing, supply, now, spare, promise)
        else:
            request = could_use(ticket, standing, supply, now, spare=spare) or _due(own, standing, supply, now)
        if request is not None:
            standing += _held(request, Kind.OFFER)
            offers.append((ticket, request))
            promise = None if own is not None else promise
            continue
        if promise is None or own is not None:
            promise = promise_to(ticket, standing, supply, now, before=before, so_far=own)
        before.append(ticket)
    return Plan(tuple(offers), promise)


def promise_to(
    ticket: Ticket,
    standing: Sequence[Reservation],
    supply: Supply,
    now: datetime,
    *,
    before: Sequence[Ticket] = (),
    so_far: Promise | None = None,
) -> Promise | None:
    """The earliest time at which this ticket's cards are all free together; None where there is nothing to keep:
    it asks for one card, or for a certain time, or the lab's rules forbid that booking.

    `before`: who waits in front of it; what they may get is theirs first. `so_far`: its promise so far, which neither
    they undo nor somebody who is on one of those cards without a booking.
    """
    member, wish = supply.members.get(ticket.member_id), ticket.wish
    if member is None or wish.number < 2 or wish.start is not None:
        return None
    own = frozenset(card.id for card in so_far.request.cards) if so_far is not None else frozenset()
    claimed, at_a_time = _claims(before, standing, supply, now)
    candidates = [card for card in wish.candidates(supply.cards) if card.id in own or card.id not in claimed]
    taken = [*standing, *(r for r in at_a_time if r.card not in own)]
    busy = frozenset() if wish.cards else supply.busy(member) - own
    ids = {card.id for card in candidates}
    for start in sorted({now} | {r.window.end for r in taken if r.card in ids and r.window.end > now}):
        window = Window.lasting(start, wish.duration)
        in_use = busy if start <= now else frozenset()
        chosen = choose(candidates, taken, window, wish.number, memory_bytes=wish.memory_bytes, busy=in_use)
        if chosen is not None:
            request = Request(member, chosen, window, wish.memory_bytes, wish.note)
            granted = isinstance(decide(request, standing, supply.policy(member), now), Granted)
            return Promise(ticket, request) if granted else None
    return None


def _claims(
    tickets: Iterable[Ticket], standing: Sequence[Reservation], supply: Supply, now: datetime
) -> tuple[frozenset[CardId], list[Reservation]]:
    """What these may get before anybody behind them: cards as soon as they are free, and cards at a certain time.
    Whom the rules forbid a card just now claims none."""
    cards: set[CardId] = set()
    rows: list[Reservation] = []
    for ticket in tickets:
        member, wish = supply.members.get(ticket.member_id), ticket.wish
        candidates = wish.candidates(supply.cards)
        if member is None or len(candidates) < wish.number:
            continue
        request = Request(member, candidates[: wish.number], wish.window(now), wish.memory_bytes)
        if against_policy(request, standing, supply.policy(member), now) is not None:
            continue
        if wish.start is None:
            cards |= {card.id for card in candidates}
        else:
            rows += _held(replace(request, cards=candidates), Kind.OFFER)
    return frozenset(cards), rows


def is_kept_beside(
    rows: Iterable[Reservation],
    promise: Promise,
    line: Iterable[Ticket],
    standing: Iterable[Reservation],
    supply: Supply,
    now: datetime,
) -> Promise | None:
    """The same promise once `rows` stand too, perhaps on other cards; None if they would delay it."""
    standing = [*(r for r in standing if r.kind is not Kind.PROMISE), *rows]
    before = [one for one in line if one.state is TicketState.WAITING and one.id < promise.ticket.id]
    moved = promise_to(promise.ticket, standing, supply, now, before=before, so_far=promise)
    in_time = moved is not None and moved.request.window.start <= max(promise.request.window.start, now)
    return moved if in_time else None


def _beside(
    ticket: Ticket,
    line: Sequence[Ticket],
    standing: Sequence[Reservation],
    supply: Supply,
    now: datetime,
    spare: frozenset[CardId],
    promise: Promise | None,
) -> tuple[Request | None, Promise | None]:
    """What would serve this ticket now without delaying the promise to somebody else, and that promise."""
    if promise is None:
        return could_use(ticket, standing, supply, now, spare=spare), None
    request = could_use(ticket, [*standing, *promise.rows], supply, now, spare=spare)
    if request is not None:
        return request, promise
    request = could_use(ticket, standing, supply, now, spare=spare)
    if request is None:
        return None, promise
    moved = is_kept_beside(_held(request, Kind.OFFER), promise, line, standing, supply, now)
    return (None, promise) if moved is None else (request, moved)


def _due(promise: Promise, standing: Sequence[Reservation], supply: Supply, now: datetime) -> Request | None:
    """A promise whose time has come is offered as it is, even if somebody's run is still on a card, as any booking
    begins under it. What is over of it is not made up for: somebody else's may begin where it ends."""
    window = promise.request.window
    if not window.contains(now):
        return None
    request = replace(promise.request, window=Window(now, window.end))
    granted = isinstance(decide(request, standing, supply.policy(request.member), now), Granted)
    return request if granted else None


def could_use(
    ticket: Ticket,
    standing: Sequence[Reservation],
    supply: Supply,
    now: datetime,
    *,
    spare: frozenset[CardId] = frozenset(),
) -> Request | None:
    """The booking that would serve this ticket now; None if there is none, or the lab's rules forbid it just now.

    Any card will do? Then rather one that is not in `spare`: somebody behind asks for that very card.
    """
    member, wish = supply.members.get(ticket.member_id), ticket.wish
    if member is None:
        return None
    window = wish.window(now)
    chosen = _chosen(wish, window, standing, supply, member, now, spare)
    if chosen is None:
        return None
    request = Request(member, chosen, window, wish.memory_bytes, wish.note)
    return request if isinstance(decide(request, standing, supply.policy(member), now), Granted) else None


def _chosen(
    wish: Wish,
    window: Window,
    standing: Sequence[Reservation],
    supply: Supply,
    member: Member,
    now: datetime,
    spare: frozenset[CardId],
) -> tuple[Card, ...] | None:
    candidates = wish.candidates(supply.cards)
    if wish.cards:
        return candidates if len(candidates) == len(wish.cards) else None
    busy = supply.busy(member) if window.start <= now else frozenset()

    def pick(cards: Iterable[Card]) -> tuple[Card, ...] | None:
        return choose(cards, standing, window, wish.count, memory_bytes=wish.memory_bytes, busy=busy)

    return pick(card for card in candidates if card.id not in spare) or pick(candidates)


def _held(request: Request, kind: Kind) -> list[Reservation]:
    return [
        Reservation(0, 0, card.id, request.member.id, request.window, request.memory_bytes, kind=kind)
        for card in request.cards
    ]


def people_ahead(ticket: Ticket, line: Iterable[Ticket], known: Sequence[Card]) -> int:
    """How many tickets before this one may be served with a card that this one could use."""
    wanted = set(ticket.wish.candidates(known))
    return sum(1 for one in line if one.id < ticket.id and wanted & set(one.wish.candidates(known)))
