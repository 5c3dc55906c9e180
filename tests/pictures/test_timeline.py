"""Days, nights and hours on the axis, right across the nights when the clocks change."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone, tzinfo
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.window import Window
from bot.pictures.timeline import Axis, calendar_window
from tests.pictures.paper import BERLIN, HOUR, SHANGHAI

CAIRO = ZoneInfo("Africa/Cairo")  # clocks go forward at midnight: that day has no 00:00


def days_from(year: int, month: int, day: int, count: int, zone: tzinfo, width: float = 100.0) -> Axis:
    start = datetime(year, month, day, tzinfo=zone)
    end = start + timedelta(days=count)  # wall clock
    return Axis(Window(start, end), 0.0, width, zone)


@pytest.mark.parametrize(
    ("start", "zone", "hours"),
    [
        ((2026, 3, 28), BERLIN, [24, 23, 24]),  # forward on the 29th
        ((2026, 10, 24), BERLIN, [24, 25, 24]),  # back on the 25th
        ((2026, 11, 25), SHANGHAI, [24, 24, 24]),
        ((2026, 4, 23), CAIRO, [24, 23, 24]),  # the 24th begins at 01:00
    ],
)
def test_a_day_is_as_wide_as_it_is_long(start: tuple[int, int, int], zone: tzinfo, hours: list[int]) -> None:
    axis = days_from(*start, 3, zone, width=10.0 * sum(hours))
    days = list(axis.days())
    assert [day.window.duration / HOUR for day in days] == hours
    assert [axis.span(day.window)[1] - axis.span(day.window)[0] for day in days] == pytest.approx(
        [h * 10 for h in hours]
    )
    assert [day.date.day for day in days] == [start[2], start[2] + 1, start[2] + 2]


def test_hours_are_the_wall_clocks_on_both_sides_of_the_change() -> None:
    axis = days_from(2026, 3, 29, 1, BERLIN, width=230.0)  # 23 hours, 10 points each
    assert dict(axis.hours(room=25.0)) == pytest.approx(
        {3: 20.0, 6: 50.0, 9: 80.0, 12: 110.0, 15: 140.0, 18: 170.0, 21: 200.0}
    )


def test_hours_are_left_out_where_there_is_no_room() -> None:
    assert list(days_from(2026, 11, 25, 7, SHANGHAI, width=100.0).hours(room=29.0)) == []


def test_nights_are_nine_hours_but_for_the_change() -> None:
    axis = days_from(2026, 10, 24, 3, BERLIN)
    assert [night.duration / HOUR for night in axis.nights()] == [7, 10, 9, 2]


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)),
    st.integers(1, 9),
    st.sampled_from([BERLIN, SHANGHAI, CAIRO]),
)
def test_days_tile_every_calendar_window(naive: datetime, days: int, zone: tzinfo) -> None:
    now = naive.replace(tzinfo=timezone.utc)
    window = calendar_window(now, zone, days)
    assert window.contains(now)
    assert 2 * HOUR <= now - window.start <= 9 * HOUR  # 9: through a night in which the clocks go back
    parts = [day.window for day in Axis(window, 0, 1, zone).days()]
    assert parts[0].start == window.start
    assert parts[-1].end == window.end
    assert all(a.end == b.start for a, b in pairwise(parts))
    assert len(parts) in (days, days + 1)
    assert window.end.astimezone(zone).date() == now.astimezone(zone).date() + timedelta(days=days)


def test_places_outside_the_axis_are_at_its_ends() -> None:
    axis = days_from(2026, 11, 25, 1, SHANGHAI)
    assert axis.x(axis.window.start - HOUR) == 0.0
    assert axis.x(axis.window.start + 12 * HOUR) == 50.0
    assert axis.x(axis.window.end + HOUR) == 100.0
