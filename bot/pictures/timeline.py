"""Instants to places on the time axis, and the days, nights and hours that it is divided into.

The axis is true to elapsed time: on the night when the clocks go forward a day is 23 hours wide, and 25 when they go
back. What is a day or a night is the wall clock's affair, in the lab's zone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone, tzinfo

from bot.domain.window import Window

NIGHT_BEGINS, NIGHT_ENDS = time(22), time(7)
_HOUR_STEPS = (1, 2, 3, 6, 12)


@dataclass(frozen=True)
class Day:
    """A calendar day, or the part of it in the window."""

    date: date
    window: Window


@dataclass(frozen=True)
class Axis:
    """`window` lies from `x0` to `x1`, in points."""

    window: Window
    x0: float
    x1: float
    zone: tzinfo

    def x(self, instant: datetime) -> float:
        """Clamped to the axis."""
        share = (instant - self.window.start) / self.window.duration
        return self.x0 + min(1.0, max(0.0, share)) * (self.x1 - self.x0)

    def span(self, window: Window) -> tuple[float, float]:
        return self.x(window.start), self.x(window.end)

    def days(self) -> Iterator[Day]:
        """The calendar days of the window, the first and last cut to it."""
        day = self.window.start.astimezone(self.zone).date()
        while (start := at(day, time(), self.zone)) < self.window.end:
            next_day = day + timedelta(days=1)
            part = Window(start, at(next_day, time(), self.zone)).clipped(self.window)
            if part is not None:
                yield Day(day, part)
            day = next_day

    def nights(self) -> Iterator[Window]:
        """From ten in the evening to seven in the morning."""
        day = self.window.start.astimezone(self.zone).date() - timedelta(days=1)
        while (start := at(day, NIGHT_BEGINS, self.zone)) < self.window.end:
            day += timedelta(days=1)
            night = Window(start, at(day, NIGHT_ENDS, self.zone)).clipped(self.window)
            if night is not None:
                yield night

    def hours(self, room: float) -> Iterator[tuple[int, float]]:
        """Hours of the wall clock and their places, as many as leave `room` points for each label; never midnight."""
        per_hour = (self.x1 - self.x0) / (self.window.duration / timedelta(hours=1))
        step = next((step for step in _HOUR_STEPS if step * per_hour >= room), None)
        if step is None:
            return
        for day in self.days():
            for hour in range(step, 24, step):
                instant = at(day.date, time(hour), self.zone)
                x = self.x(instant)
                if day.window.contains(instant) and self.x0 + room / 2 <= x <= self.x1 - room / 2:
                    yield hour, x


def at(day: date, clock: time, zone: tzinfo) -> datetime:
    """That time of day in UTC. One that the clocks skip is the instant at which they skip it."""
    return datetime.combine(day, clock, zone).astimezone(timezone.utc)


def calendar_window(now: datetime, zone: tzinfo, days: int) -> Window:
    """What a calendar shows: the last hours and the days to come, to a midnight.

    It begins at 0, 6, 12 or 18 o'clock, two to eight hours before now: what just ended is still seen, and at night
    the picture is not half about the past.
    """
    local = (now - timedelta(hours=2)).astimezone(zone)
    start = at(local.date(), time(local.hour // 6 * 6), zone)
    end = at(now.astimezone(zone).date() + timedelta(days=days), time(), zone)
    return Window(start, end)
