"""The rules of the ledger: who may hold which card when, and why not.

Everything here is a plain function of values. What stands is passed in, `now` is an argument, and the answer is
`Granted` or `Refused` with a reason that a person can act on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum

from bot.domain.card import Card, CardId
from bot.domain.member import Member
from bot.domain.policy import BookingPolicy
from bot.domain.window import Window

# A booking "from now" is typed a moment before it is decided; a button is pressed some seconds after it was shown.
PAST_TOLERANCE = timedelta(minutes=2)


class Kind(str, Enum):
    BOOKING = "booking"
    MAINTENANCE = "maintenance"
    OFFER = "offer"  # held for the first in the waiting list while they decide
    PROMISE = "promise"  # kept from then on for the first in line who waits for several cards


# Nobody's yet: no one breaks them, and they don't lie idle.
FOR_THE_LINE = frozenset({Kind.OFFER, Kind.PROMISE})


@dataclass(frozen=True)
class Reservation:
    """A member's claim on one card for a window. Cards taken together share a `booking` number.

    `memory_bytes` is None for the whole card, else the share of its memory that is claimed. `made_at`: when it was
    promised, where that is known.
    """

    id: int
    booking: int
    card: CardId
    member_id: int
    window: Window
    memory_bytes: int | None = None
    note: str = ""
    kind: Kind = Kind.BOOKING
    made_at: datetime | None = None

    @property
    def is_exclusive(self) -> bool:
        return self.memory_bytes is None


@dataclass(frozen=True)
class Request:
    """What a member asks of the ledger: these cards, together or not at all."""

    member: Member
    cards: tuple[Card, ...]
    window: Window
    memory_bytes: int | None = None
    note: str = ""


@dataclass(frozen=True)
class Granted:
    request: Request


@dataclass(frozen=True)
class Refused:
    """`reason` is a key of the catalogues ("refused.<reason>"); `values` fill it.

    `blockers` are the reservations in the way, so that the answer can say who holds the card until when.
    """

    reason: str
    values: Mapping[str, object] = field(default_factory=dict)
    blockers: tuple[Reservation, ...] = ()

    @property
    def by_promise_alone(self) -> bool:
        """Nothing is in the way but what is kept for the first in line, who may be served as well elsewhere."""
        return bool(self.blockers) and all(blocker.kind is Kind.PROMISE for blocker in self.blockers)


def decide(
    request: Request, standing: Iterable[Reservation], policy: BookingPolicy, now: datetime
) -> Granted | Refused:
    """May this be booked? `standing` is everything that stands from now on, of anybody, on any card."""
    standing = tuple(standing)
    if not request.cards:
        return Refused("no_cards")
    limit = against_policy(request, standing, policy, now)
    if limit is not None:
        return limit
    for card in request.cards:
        refusal = _against_others(card, request, [r for r in standing if r.card == card.id])
        if refusal is not None:
            return refusal
    return Granted(request)


def against_policy(
    request: Request, standing: Sequence[Reservation], policy: BookingPolicy, now: datetime
) -> Refused | None:
    """The rule that forbids it whoever else holds what; None if none does."""
    window = request.window
    if window.start < now - PAST_TOLERANCE:
        return Refused("in_the_past", {"start": window.start})
    if window.duration < policy.shortest:
        return Refused("too_short", {"asked": window.duration, "limit": policy.shortest})
    if request.member.is_admin:
        return None
    if window.duration > policy.longest:
        return Refused("too_long", {"asked": window.duration, "limit": policy.longest})
    if window.start > now + policy.horizon:
        return Refused("too_far_ahead", {"start": window.start, "limit": policy.horizon})
    return too_much(request, standing, policy, now)


def too_much(request: Request, standing: Sequence[Reservation], policy: BookingPolicy, now: datetime) -> Refused | None:
    """Whether it would be more than the member may hold beside what of theirs stands."""
    mine = [r for r in standing if r.member_id == request.member.id and r.kind is Kind.BOOKING]
    return _too_many_cards(request, mine, policy) or _too_many_card_hours(request, mine, policy, now)


def _too_many_cards(request: Request, mine: Sequence[Reservation], policy: BookingPolicy) -> Refused | None:
    if policy.cards_at_once is None:
        return None
    overlapping = [r for r in mine if r.window.overlaps(request.window)]
    peak = max(
        (len({r.card for r in overlapping if r.window.contains(t)}) for t in _instants(overlapping, request.window)),
        default=0,
    )
    if peak + len(request.cards) <= policy.cards_at_once:
        return None
    return Refused("too_many_cards", {"asked": len(request.cards), "held": peak, "limit": policy.cards_at_once})


def _too_many_card_hours(
    request: Request, mine: Sequence[Reservation], policy: BookingPolicy, now: datetime
) -> Refused | None:
    if policy.card_hours is None:
        return None
    held = sum(
        ((r.window.end - max(r.window.start, now)) / timedelta(hours=1) for r in mine if r.window.end > now), 0.0
    )
    asked = len(request.cards) * (request.window.duration / timedelta(hours=1))
    if held + asked <= policy.card_hours:
        return None
    return Refused("too_many_card_hours", {"asked": asked, "held": held, "limit": policy.card_hours})


def _against_others(card: Card, request: Request, on_card: Sequence[Reservation]) -> Refused | None:
    in_the_way = tuple(sorted(_overlapping(on_card, request.window), key=lambda r: (r.window, r.id)))
    if request.memory_bytes is not None:
        if card.memory_total_bytes is None:
            return Refused("memory_unknown", {"card": card})
        if request.memory_bytes > card.memory_total_bytes:
            values = {"card": card, "asked_bytes": request.memory_bytes, "total_bytes": card.memory_total_bytes}
            return Refused("share_too_big", values)
    if fits(card, on_card, request.window, request.memory_bytes):
        return None
    return Refused("taken", {"card": card, "asked": len(request.cards)}, in_the_way)


def fits(card: Card, on_card: Iterable[Reservation], window: Window, memory_bytes: int | None) -> bool:
    """Is the card, or that share of its memory, free at every instant of the window?"""
    overlapping = _overlapping(on_card, window)
    if memory_bytes is None or any(r.is_exclusive for r in overlapping):
        return not overlapping
    total = card.memory_total_bytes
    return total is not None and peak_share_bytes(overlapping, window) + memory_bytes <= total


def peak_share_bytes(shares: Iterable[Reservation], window: Window) -> int:
    """The most memory claimed at any instant of the window by these shares."""
    shares = list(shares)
    return max(
        (sum(r.memory_bytes or 0 for r in shares if r.window.contains(t)) for t in _instants(shares, window)),
        default=0,
    )


def _overlapping(reservations: Iterable[Reservation], window: Window) -> list[Reservation]:
    return [r for r in reservations if r.window.overlaps(window)]


def _instants(reservations: Iterable[Reservation], window: Window) -> set[datetime]:
    """Where a sum over half-open windows can change upwards: the window's start and the starts inside it."""
    return {window.start} | {r.window.start for r in reservations if window.contains(r.window.start)}


def earliest_start(
    card: Card, on_card: Iterable[Reservation], duration: timedelta, after: datetime, memory_bytes: int | None = None
) -> datetime:
    """The first instant from `after` on at which that long a booking fits. There always is one: the ledger ends."""
    on_card = list(on_card)
    candidates = sorted({after} | {r.window.end for r in on_card if r.window.end > after})
    for start in candidates:
        if fits(card, on_card, Window.lasting(start, duration), memory_bytes):
            return start
    raise AssertionError("after the last reservation everything fits")


def until_the_next(
    cards: Iterable[Card], standing: Iterable[Reservation], window: Window, memory_bytes: int | None = None
) -> Window | None:
    """The longest beginning of a window in which these cards are free together; None if one is taken at once."""
    on_each = {card: [r for r in standing if r.card == card.id] for card in cards}
    starts = {r.window.start for of_card in on_each.values() for r in of_card}
    for end in sorted((start for start in starts if window.start < start < window.end), reverse=True):
        beginning = Window(window.start, end)
        if all(fits(card, of_card, beginning, memory_bytes) for card, of_card in on_each.items()):
            return beginning
    return None


def longest_extension(
    reservation: Reservation, card: Card, on_card: Iterable[Reservation], until: datetime
) -> datetime:
    """How far this reservation can be extended towards `until`: `until` itself, or where the next one begins.

    Its present end if there is no room at all.
    """
    others = [r for r in on_card if r.id != reservation.id]
    ends = sorted({until} | {r.window.start for r in others if reservation.window.end <= r.window.start < until})
    best = reservation.window.end
    for end in ends:
        if end > best:
            if not fits(card, others, Window(reservation.window.end, end), reservation.memory_bytes):
                break
            best = end
    return best


def choose(
    cards: Iterable[Card],
    standing: Iterable[Reservation],
    window: Window,
    count: int,
    *,
    memory_bytes: int | None = None,
    busy: frozenset[CardId] = frozenset(),
    last_used: Sequence[CardId] = (),
) -> tuple[Card, ...] | None:
    """Pick `count` cards that are free in the ledger and idle by the last sample; None if there are not so many.

    `busy` are cards that somebody is really on, or that could not be read: never handed out silently. The cards
    that this member used last come first, then by index.
    """
    on_card: dict[CardId, list[Reservation]] = {}
    for reservation in _overlapping(standing, window):  # few of them: the waiting list asks this hundreds of times
        on_card.setdefault(reservation.card, []).append(reservation)
    free = [
        card for card in cards if card.id not in busy and fits(card, on_card.get(card.id, ()), window, memory_bytes)
    ]
    rank = {card_id: position for position, card_id in enumerate(last_used)}
    free.sort(key=lambda card: (rank.get(card.id, len(rank)), card.index, card.id))
    return tuple(free[:count]) if len(free) >= count else None


def ended_early(reservation: Reservation, at: datetime) -> Reservation | None:
    """What is left of a reservation given back at `at`: it ends there, or never was if it had not begun."""
    if at <= reservation.window.start:
        return None
    return replace(reservation, window=Window(reservation.window.start, min(at, reservation.window.end)))
