"""A week in numbers, for everybody: what was promised, what was really used, and when.

Fair by construction: people come in the order of their names, nobody is ranked, and a promise that was broken counts
against no name.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone, tzinfo

from bot.domain.bucket import CardUse, Level, MemberUse
from bot.domain.card import Card
from bot.domain.member import Member
from bot.domain.past import Past
from bot.domain.reservation import Kind, Reservation
from bot.domain.window import Window

# Somebody else on a booked card for less than this in all is a slip, not a broken promise.
SLIP = timedelta(minutes=5)
HOURS = 24


@dataclass(frozen=True)
class MemberWeek:
    """Card-hours of one member: promised to them, and with something of theirs running."""

    member: Member
    booked_hours: float
    used_hours: float


@dataclass(frozen=True)
class CardWeek:
    """`known_hours`: in which it is known whether anybody was on the card, `busy_hours`: in which somebody was."""

    card: Card
    booked_hours: float
    busy_hours: float
    known_hours: float
    load: float | None


@dataclass(frozen=True)
class DayShares:
    """For each hour of the lab's clock the share of cards that somebody was on; None for not known."""

    day: date
    shares: tuple[float | None, ...]


@dataclass(frozen=True)
class Digest:
    """`promises`: whole cards that were promised to somebody; `kept`: those that nobody else was on."""

    window: Window
    members: tuple[MemberWeek, ...]
    cards: tuple[CardWeek, ...]
    days: tuple[DayShares, ...]
    promises: int
    kept: int

    @property
    def booked_hours(self) -> float:
        return sum(card.booked_hours for card in self.cards)

    @property
    def busy_hours(self) -> float:
        return sum(card.busy_hours for card in self.cards)

    @property
    def known_hours(self) -> float:
        return sum(card.known_hours for card in self.cards)

    @property
    def is_read(self) -> bool:
        """Whether anything is known of what ran; if not, no use and no disturbance was seen, nor their absence."""
        return self.known_hours > 0


def week_before(now: datetime, zone: tzinfo) -> Window:
    """The seven days before the last midnight of the lab's clock."""
    today = now.astimezone(zone).date()
    return Window(_midnight(today - timedelta(days=7), zone), _midnight(today, zone))


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(timezone.utc)


def digest(week: Past, present: Iterable[MemberUse], zone: tzinfo) -> Digest:
    """`week` with buckets of an hour; `present`: who was on which card, in buckets small enough to tell turns apart."""
    bookings = [r for r in week.reservations if r.kind is Kind.BOOKING]
    whole = [r for r in bookings if r.is_exclusive]
    disturbed = disturbances(whole, present)
    return Digest(
        week.window,
        _members(week, bookings),
        tuple(_card(card, bookings, week) for card in week.cards),
        _days(week.uses, week.window, zone),
        len(whole),
        sum(disturbed[r.id] < SLIP for r in whole),
    )


def disturbances(bookings: Sequence[Reservation], present: Iterable[MemberUse]) -> Mapping[int, timedelta]:
    """How long somebody else was on each booked card. Only buckets that lie wholly in the booking are looked at: at
    its edges the one before may still have been within their own time."""
    by_card = defaultdict(list)
    for booking in bookings:
        by_card[booking.card].append(booking)
    found = {booking.id: timedelta() for booking in bookings}
    for use in present:
        if use.used_seconds <= 0:
            continue
        for booking in by_card[use.card]:
            window, end = booking.window, use.start + use.length
            if booking.member_id != use.member_id and window.start <= use.start and end <= window.end:
                found[booking.id] += timedelta(seconds=use.used_seconds)
    return found


def _members(week: Past, bookings: Sequence[Reservation]) -> tuple[MemberWeek, ...]:
    booked: dict[int, float] = defaultdict(float)
    used: dict[int, float] = defaultdict(float)
    for booking in bookings:
        booked[booking.member_id] += _hours(booking, week.window)
    for use in week.member_uses:
        used[use.member_id] += use.used_seconds / 3600
    people = sorted(week.people, key=lambda member: (member.display_name.casefold(), member.id))
    return tuple(
        MemberWeek(member, booked[member.id], used[member.id])
        for member in people
        if booked[member.id] > 0 or used[member.id] > 0
    )


def _card(card: Card, bookings: Sequence[Reservation], week: Past) -> CardWeek:
    """Two people's shares of one card at a time are one booked hour of the card, as one process is one busy hour."""
    windows = sorted(w for w in (r.window.clipped(week.window) for r in bookings if r.card == card.id) if w is not None)
    uses = [use for use in week.uses if use.card == card.id]
    return CardWeek(
        card,
        _covered(windows) / timedelta(hours=1),
        sum(use.busy_seconds for use in uses) / 3600,
        sum(use.traced_seconds for use in uses) / 3600,
        sum((use.load for use in uses), Level()).mean,
    )


def _covered(windows: Sequence[Window]) -> timedelta:
    """The time that at least one of the windows holds; they come sorted."""
    covered, until = timedelta(), None
    for window in windows:
        start = window.start if until is None else max(window.start, until)
        if window.end > start:
            covered += window.end - start
            until = window.end
    return covered


def _hours(booking: Reservation, within: Window) -> float:
    part = booking.window.clipped(within)
    return 0.0 if part is None else part.duration / timedelta(hours=1)


def _days(uses: Sequence[CardUse], window: Window, zone: tzinfo) -> tuple[DayShares, ...]:
    """An hour that the clocks repeat is the mean of both; one that they skip stays unknown."""
    busy: dict[tuple[date, int], float] = defaultdict(float)
    traced: dict[tuple[date, int], float] = defaultdict(float)
    for use in uses:
        local = use.start.astimezone(zone)
        busy[local.date(), local.hour] += use.busy_seconds
        traced[local.date(), local.hour] += use.traced_seconds
    first, last = window.start.astimezone(zone).date(), window.end.astimezone(zone).date()
    days = [first + timedelta(days=n) for n in range((last - first).days)]
    return tuple(DayShares(day, tuple(_share(busy, traced, (day, hour)) for hour in range(HOURS))) for day in days)


def _share(
    busy: Mapping[tuple[date, int], float], traced: Mapping[tuple[date, int], float], cell: tuple[date, int]
) -> float | None:
    return busy.get(cell, 0.0) / traced[cell] if traced.get(cell, 0.0) > 0 else None
