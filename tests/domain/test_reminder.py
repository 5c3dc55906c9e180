"""When a reminder is due: a table with both sides of every edge, and properties of any run of ticks."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.card import CardId
from bot.domain.policy import QuietHours
from bot.domain.reminder import ReminderKind, ReminderPolicy, Told, due_reminders
from bot.domain.reservation import Kind, Reservation
from bot.domain.window import Window
from tests.conftest import NOON

START, END, ENDED = ReminderKind.START, ReminderKind.END, ReminderKind.ENDED
POLICY = ReminderPolicy()
SECOND = timedelta(seconds=1)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def booking(
    start: float,
    end: float,
    *,
    number: int = 1,
    made: float = -600,
    kind: Kind = Kind.BOOKING,
    card: int = 0,
    row: int = 1,
) -> Reservation:
    """Times in minutes from noon."""
    window = Window(NOON + minutes(start), NOON + minutes(end))
    return Reservation(row, number, CardId("lab", f"GPU-{card}"), 1, window, kind=kind, made_at=NOON + minutes(made))


def kinds(now: datetime, *reservations: Reservation, told: tuple[Told, ...] = (), **rest: object) -> list[ReminderKind]:
    policy = rest.pop("policy", POLICY)
    return [r.kind for r in due_reminders(reservations, told, now, policy, **rest)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "first", "after_last", "kind"),
    [
        # 15 minutes before it starts, until it starts
        (booking(60, 600), 45, 60, START),
        # half an hour before it ends, until it ends
        (booking(-600, 60), 30, 60, END),
        (booking(-60, 60), 30, 60, END),
        # an hour: a quarter of it
        (booking(0, 60), 45, 60, END),
        (booking(0, 20), 15, 20, END),
    ],
)
def test_a_reminder_is_due_in_its_span_and_not_a_second_longer(
    one: Reservation, first: float, after_last: float, kind: ReminderKind
) -> None:
    assert kinds(NOON + minutes(first) - SECOND, one) == []
    assert kinds(NOON + minutes(first), one) == [kind]
    assert kinds(NOON + minutes(after_last) - SECOND, one) == [kind]
    assert kind not in kinds(NOON + minutes(after_last), one)


def test_whoever_booked_within_the_hour_knows_when_it_starts() -> None:
    assert kinds(NOON, booking(10, 600, made=-50 + 1 / 60)) == []
    assert kinds(NOON, booking(10, 600, made=-50)) == [START]


def test_it_is_told_once_and_again_if_the_booking_was_moved() -> None:
    one = booking(-600, 20)
    told = Told(END, 1, one.window.end, NOON - minutes(10))
    assert kinds(NOON, one, told=(told,)) == []
    moved = booking(-600, 300)
    assert kinds(NOON + minutes(275), moved, told=(told,)) == [END]


def test_a_small_extension_is_not_answered_by_the_next_reminder_at_once() -> None:
    told = Told(END, 1, NOON + minutes(20), NOON - minutes(10))
    longer = booking(-600, 25)
    assert kinds(NOON, longer, told=(told,)) == []
    assert kinds(NOON + minutes(5), longer, told=(told,)) == [END]


def test_offers_and_maintenance_are_nobodys_to_extend() -> None:
    assert kinds(NOON, booking(-600, 20, kind=Kind.OFFER), booking(-600, 20, kind=Kind.MAINTENANCE, row=2)) == []


def test_cards_that_were_booked_together_are_one_reminder() -> None:
    pair = (booking(-600, 20, row=1), booking(-600, 20, row=2, card=1))
    (reminder,) = due_reminders(pair, (), NOON, POLICY)
    assert reminder.reservations == pair


def test_a_booking_that_ended_is_spoken_of_only_where_a_run_of_its_holder_is_left() -> None:
    pair = (booking(-600, -2, row=1), booking(-600, -2, row=2, card=1))
    (reminder,) = due_reminders(pair, (), NOON, POLICY, {2})
    assert (reminder.kind, reminder.reservations) == (ENDED, pair[1:])
    assert kinds(NOON, *pair) == []
    assert kinds(NOON + minutes(8), *pair, running={2}) == []
    assert kinds(NOON + minutes(8) - SECOND, *pair, running={2}) == [ENDED]


def test_whoever_booked_the_card_again_is_not_told_that_it_ended() -> None:
    assert kinds(NOON, booking(-600, -2), booking(-2, 300, number=2, row=2), running={1, 2}) == []


def test_of_two_bookings_that_ended_one_after_the_other_only_the_last_is_spoken_of() -> None:
    first, second = booking(-600, -6), booking(-5, -1, number=2, row=2)
    (reminder,) = due_reminders((first, second), (), NOON, POLICY, {1, 2})
    assert reminder.reservations == (second,)


NIGHT = ReminderPolicy(quiet=QuietHours(time(23), time(8)), zone=ZoneInfo("Asia/Shanghai"))
# Noon in UTC is 20:00 in Shanghai: the quiet hours are from 180 to 720.


@pytest.mark.parametrize(
    ("now", "one", "running", "expected"),
    [
        (170, booking(-600, 190), (), [END]),  # before they begin
        (185, booking(-600, 200), (), []),  # it ends in them, but nothing runs
        (185, booking(-600, 200), (1,), [END]),  # a run would be lost
        (715, booking(-600, 735), (1,), []),  # it ends after them: told when they are over
        (720, booking(-600, 735), (1,), [END]),
        (185, booking(195, 900), (1,), []),  # nobody is woken for a start
        (205, booking(-600, 200), (1,), [ENDED]),
    ],
)
def test_quiet_hours(now: float, one: Reservation, running: tuple[int, ...], expected: list[ReminderKind]) -> None:
    assert kinds(NOON + minutes(now), one, running=frozenset(running), policy=NIGHT) == expected


@st.composite
def bookings(draw: st.DrawFn) -> list[Reservation]:
    made = []
    for row in range(draw(st.integers(1, 4))):
        start = draw(st.integers(-300, 300))
        length, ahead = draw(st.integers(5, 900)), draw(st.integers(0, 200))
        made.append(booking(start, start + length, number=row, row=row, card=row, made=start - ahead))
    return made


@given(bookings(), st.lists(st.integers(0, 1300), max_size=60), st.randoms())
def test_however_often_and_late_it_is_asked_each_is_told_once_and_in_time(
    reservations: list[Reservation], ticks: list[int], dice: object
) -> None:
    told: list[Told] = []
    for tick in sorted(ticks):
        now = NOON - minutes(320) + minutes(tick)
        shuffled = list(reservations)
        dice.shuffle(shuffled)  # type: ignore[attr-defined]
        due = due_reminders(shuffled, told, now, POLICY, {0, 1})
        assert due == due_reminders(reservations, told, now, POLICY, {0, 1}), "the order does not matter"
        for reminder in due:
            late = POLICY.after_end if reminder.kind is ENDED else timedelta(0)
            assert now < reminder.at + late
            told.append(Told(reminder.kind, reminder.booking, reminder.at, now))
    assert all(count == 1 for count in Counter((one.kind, one.booking, one.at) for one in told).values())


@settings(max_examples=25)
@given(bookings())
def test_whoever_asks_every_minute_misses_nothing(reservations: list[Reservation]) -> None:
    told: list[Told] = []
    for tick in range(1600):
        now = NOON - minutes(320) + minutes(tick)
        told += [Told(r.kind, r.booking, r.at, now) for r in due_reminders(reservations, told, now, POLICY)]
    assert {one.booking for one in told if one.kind is END} == {r.booking for r in reservations}
    early = {r.booking for r in reservations if r.made_at and r.window.start - r.made_at >= POLICY.made_ahead}
    assert {one.booking for one in told if one.kind is START} == early
