"""The waiting list: first come, first served, and nobody is passed over for a card that they could have used.

A *ticket* is a member's place in line. It can be served when all that it asks for is free at once; until then a later
ticket may be served with what this one could not use (two are wanted, one is free). The line hands out what is free;
a booking for later is a promise that anybody may make.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from bot.domain.card import Card, CardId, is_model
from bot.domain.member import Member
from bot.domain.policy import BookingPolicy
from bot.domain.reservation import Granted, Kind, Request, Reservation, choose, decide
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
    """Tickets are served in the order of their ids. `booking` is that of the rows held for an offer, or taken."""

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


def next_offers(
    line: Sequence[Ticket], standing: Iterable[Reservation], supply: Supply, now: datetime
) -> Iterator[tuple[Ticket, Request]]:
    """Who is to be offered what now, first come first; `line` in order, `standing` with the cards held for offers."""
    standing = list(standing)
    for place, ticket in enumerate(line):
        if ticket.state is not TicketState.WAITING:
            continue
        named_later = frozenset(card for later in line[place + 1 :] for card in later.wish.cards)
        request = could_use(ticket, standing, supply, now, spare=named_later)
        if request is not None:
            standing += _held(request)
            yield ticket, request


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


def _held(request: Request) -> list[Reservation]:
    return [
        Reservation(0, 0, card.id, request.member.id, request.window, request.memory_bytes, kind=Kind.OFFER)
        for card in request.cards
    ]


def people_ahead(ticket: Ticket, line: Iterable[Ticket], known: Sequence[Card]) -> int:
    """How many tickets before this one may be served with a card that this one could use."""
    wanted = set(ticket.wish.candidates(known))
    return sum(1 for one in line if one.id < ticket.id and wanted & set(one.wish.candidates(known)))
