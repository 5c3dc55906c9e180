"""When somebody is reminded of a booking: before it starts, before it ends, and when it ended under their run.

Each reminder is due in a span of time, so that a late tick still tells it and a very late one drops it:

    ----[start: remind)start====================[end: remind)end[ended: remind)----

Pure: bookings, what was told, `now` and the policy come in.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo
from enum import Enum

from bot.domain.policy import QuietHours
from bot.domain.reservation import Kind, Reservation
from bot.domain.window import Window


class ReminderKind(str, Enum):
    START = "start"
    END = "end"
    ENDED = "ended"  # and a process of the holder is still on the card


@dataclass(frozen=True)
class ReminderPolicy:
    """`made_ahead`: who booked later than this before the start knows it. `before_end` at most, and at most a quarter
    of the booking. `after_end`: how long it is worth saying that it ended. `quiet` is in `zone`'s time of day.
    """

    before_start: timedelta = timedelta(minutes=15)
    made_ahead: timedelta = timedelta(hours=1)
    before_end: timedelta = timedelta(minutes=30)
    after_end: timedelta = timedelta(minutes=10)
    quiet: QuietHours | None = None
    zone: tzinfo = timezone.utc

    def end_lead(self, window: Window) -> timedelta:
        """How long before its end a booking's holder hears of it: 30 min, 15 for an hour, 5 for 20 minutes."""
        return min(self.before_end, window.duration / 4)


@dataclass(frozen=True)
class Told:
    """A reminder that was given: of which booking, about which instant (its start or end)."""

    kind: ReminderKind
    booking: int
    at: datetime
    told_at: datetime


@dataclass(frozen=True)
class Reminder:
    """`reservations`: the cards of one booking that share a window (for ENDED, those with the holder's run)."""

    kind: ReminderKind
    reservations: tuple[Reservation, ...]

    @property
    def booking(self) -> int:
        return self.reservations[0].booking

    @property
    def member_id(self) -> int:
        return self.reservations[0].member_id

    @property
    def window(self) -> Window:
        return self.reservations[0].window

    @property
    def at(self) -> datetime:
        return self.window.start if self.kind is ReminderKind.START else self.window.end


def due_reminders(
    reservations: Iterable[Reservation],
    told: Iterable[Told],
    now: datetime,
    policy: ReminderPolicy,
    running: Collection[int] = frozenset(),
) -> tuple[Reminder, ...]:
    """What is to be said now, soonest instant first; the order of `reservations` does not matter.

    `reservations`: what stands, and what ended lately. `running`: the ids of those on whose card a process of their
    holder was seen by the last sample.
    """
    told = tuple(told)
    known = tuple(reservations)
    due = []
    for group in _bookings(known):
        for reminder in (
            Reminder(ReminderKind.START, group),
            Reminder(ReminderKind.END, group),
            _ended(group, known, now, running),
        ):
            if reminder is not None and _is_due(reminder, told, now, policy, running):
                due.append(reminder)
    return tuple(sorted(due, key=lambda one: (one.at, one.booking, one.kind.value)))


def _bookings(reservations: Iterable[Reservation]) -> list[tuple[Reservation, ...]]:
    """Cards that were booked together and still have the same window. Offers and maintenance are nobody's to extend."""
    groups: dict[tuple[int, Window], list[Reservation]] = {}
    for one in sorted(reservations, key=lambda r: r.id):
        if one.kind is Kind.BOOKING:
            groups.setdefault((one.booking, one.window), []).append(one)
    return [tuple(group) for group in groups.values()]


def _ended(
    group: tuple[Reservation, ...], known: Iterable[Reservation], now: datetime, running: Collection[int]
) -> Reminder | None:
    """Only cards with a run of the holder, and not where the holder has booked the card again since."""
    begun = [r for r in known if r.kind is Kind.BOOKING and r.window.start <= now]
    left = tuple(r for r in group if r.id in running and not any(_is_later(other, r) for other in begun))
    return Reminder(ReminderKind.ENDED, left) if left else None


def _is_later(other: Reservation, one: Reservation) -> bool:
    """Whether the same holder's other booking of the card reaches further than this one."""
    return (other.member_id, other.card) == (one.member_id, one.card) and other.window.end > one.window.end


def _is_due(
    reminder: Reminder, told: Iterable[Told], now: datetime, policy: ReminderPolicy, running: Collection[int]
) -> bool:
    span = _span(reminder, policy)
    if span is None or not span.contains(now):
        return False
    if any(_says_the_same(one, reminder, now, policy) for one in told):
        return False
    return not _is_quiet(now, policy) or _matters(reminder, policy, running)


def _span(reminder: Reminder, policy: ReminderPolicy) -> Window | None:
    """In which the reminder is worth giving."""
    at, window = reminder.at, reminder.window
    if reminder.kind is ReminderKind.ENDED:
        return Window(at, at + policy.after_end)
    if reminder.kind is ReminderKind.END:
        return Window(at - policy.end_lead(window), at)
    made_at = reminder.reservations[0].made_at
    late = made_at is not None and at - made_at < policy.made_ahead
    return None if late else Window(at - policy.before_start, at)


def _says_the_same(one: Told, reminder: Reminder, now: datetime, policy: ReminderPolicy) -> bool:
    """Told already; or the booking was just extended by a little, and its holder was spoken to a moment ago."""
    if (one.kind, one.booking) != (reminder.kind, reminder.booking):
        return False
    just_now = one.kind is ReminderKind.END and now - one.told_at < policy.end_lead(reminder.window) / 2
    return one.at == reminder.at or just_now


def _is_quiet(now: datetime, policy: ReminderPolicy) -> bool:
    return policy.quiet is not None and policy.quiet.contains(now.astimezone(policy.zone).time())


def _matters(reminder: Reminder, policy: ReminderPolicy, running: Collection[int]) -> bool:
    """In quiet hours only what can't wait till they are over: a booking that ends in them under a run."""
    at_night = _is_quiet(reminder.at, policy)
    return reminder.kind is not ReminderKind.START and at_night and any(r.id in running for r in reminder.reservations)
