"""What the words of a phrase stand for, one small value each. A row of them is what `scan` makes of a text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta


@dataclass(frozen=True)
class CardWish:
    """Which cards were asked for. `count` and `model` may come together ("2x a100"); a model alone means one of it."""

    indices: tuple[int, ...] = ()
    every: bool = False
    count: int | None = None
    model: str | None = None


@dataclass(frozen=True)
class Length:
    """A length of elapsed time. `unit` is the smallest unit said, in seconds: 1d12h goes on from day to hour."""

    elapsed: timedelta
    unit: float


@dataclass(frozen=True)
class Broken:
    """Something that looks like an amount but can't be one: `key` says what is wrong with it."""

    key: str


@dataclass(frozen=True)
class Memory:
    """A share of a card's memory: an amount in GiB, or a fraction of the card."""

    gib: float | None = None
    fraction: float | None = None


@dataclass(frozen=True)
class Day:
    """A day as it was said, not yet on the calendar. One of the four ways is set."""

    offset: int | None = None
    weekday: int | None = None
    week: int | None = None  # with `weekday`: 0 this week, 1 next week, None the next such day
    month_day: tuple[int, int] | None = None
    day_of_month: int | None = None
    exact: date | None = None
    weekend: bool = False  # with `week`: Saturday 0:00 to Monday 0:00


@dataclass(frozen=True)
class Part:
    """A part of the day (morning, 下午, tonight's evening)."""

    name: str


@dataclass(frozen=True)
class Clock:
    """A reading of the clock. `either` is true where 5 could be 5:00 or 17:00 (5点, "at 5"), false for 5:00 and 5pm."""

    hour: int
    minute: int = 0
    second: int = 0
    half_day: str = ""  # "am" or "pm" where it was said
    either: bool = False

    def at(self) -> time:
        return time(self.hour % 24, self.minute, self.second)


@dataclass(frozen=True)
class Instant:
    """A full date, time and offset, as a computer writes it; naive where the offset is unsaid."""

    when: datetime


@dataclass(frozen=True)
class Moment:
    """Adjacent day, part and clock, put together. `day_last`: "9:00 tomorrow", where the day may serve two clocks."""

    day: Day | None = None
    part: str | None = None
    clock: Clock | None = None
    day_last: bool = False
    instant: datetime | None = None


@dataclass(frozen=True)
class Integer:
    """A bare number: a card, an hour or nothing, as its neighbours have it."""

    value: int


@dataclass(frozen=True)
class Mark:
    """A word that says what its neighbour is for: until, from, later, begins, closes, in, at, to, all, vague, noise."""

    name: str


Atom = CardWish | Length | Broken | Memory | Day | Part | Clock | Instant | Moment | Integer | Mark | tuple[Day, Part]


@dataclass(frozen=True)
class Token:
    """An atom and where it stands in the text."""

    atom: Atom
    start: int
    end: int
