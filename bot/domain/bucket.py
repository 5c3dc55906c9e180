"""What the cards did, summed up in buckets of time: coarse enough to keep a year, and honest about what was not read.

A reading stands for the time since the reading before it. Sums are kept, not means: buckets that lie side by side, or
two halves of one, add up to exactly what one bucket of their length would hold. Seconds in which a card was asked and
did not answer are counted as unread; seconds in which nobody asked (junzi was off) are in neither count. Unknown is
never zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from bot.domain.card import CardId
from bot.domain.reservation import Kind, Reservation
from bot.domain.sample import CardReading, InInstance, Reading, Sample, Unread
from bot.domain.window import Window


@dataclass(frozen=True)
class Width:
    """How long a bucket is, and for how long it is kept."""

    length: timedelta
    kept: timedelta


FINE = Width(timedelta(minutes=5), timedelta(days=14))
COARSE = Width(timedelta(hours=1), timedelta(days=396))  # thirteen months: this month can be held against last year's
WIDTHS = (FINE, COARSE)


@dataclass(frozen=True)
class Level:
    """A value over time: `total` is its integral over the `seconds` in which it was known."""

    total: float = 0.0
    seconds: float = 0.0
    highest: float | None = None

    @property
    def mean(self) -> float | None:
        return self.total / self.seconds if self.seconds > 0 else None

    def __add__(self, other: Level) -> Level:
        return Level(self.total + other.total, self.seconds + other.seconds, highest(self.highest, other.highest))


@dataclass(frozen=True)
class CardUse:
    """One card in one bucket. Load is in percent, memory in bytes, temperature in degrees Celsius.

    `traced_seconds`: in which it is known whether anybody was on the card; `busy_seconds`: in which somebody was.
    """

    card: CardId
    start: datetime
    length: timedelta
    read_seconds: float = 0.0
    unread_seconds: float = 0.0
    load: Level = Level()
    memory: Level = Level()
    temperature_highest: float | None = None
    traced_seconds: float = 0.0
    busy_seconds: float = 0.0


@dataclass(frozen=True)
class MemberUse:
    """One member on one card in one bucket. `used_seconds`: something of theirs ran on it; `idle_seconds`: they held
    it and nothing of theirs ran. Seconds in which the card's processes could not be read are in neither."""

    member_id: int
    card: CardId
    start: datetime
    length: timedelta
    used_seconds: float = 0.0
    idle_seconds: float = 0.0


def highest(one: float | None, other: float | None) -> float | None:
    known = [value for value in (one, other) if value is not None]
    return max(known, default=None)


def bucket_start(instant: datetime, length: timedelta) -> datetime:
    """Buckets are cut from 1970 on, in UTC: the clocks going back makes none of them longer."""
    seconds = int(length.total_seconds())
    return datetime.fromtimestamp(int(instant.timestamp()) // seconds * seconds, timezone.utc)


def parts(span: Window, length: timedelta) -> Iterator[tuple[datetime, Window]]:
    """The start of each bucket that the span touches, and the part of the span in it."""
    start = bucket_start(span.start, length)
    while start < span.end:
        part = Window.lasting(start, length).clipped(span)
        if part is not None:
            yield start, part
        start += length


def span_of(sample: Sample, before: datetime | None, longest_gap: timedelta) -> Window | None:
    """The time a sample stands for: since the one before it. None if it is the first, or after a long silence."""
    if before is None or not timedelta(0) < sample.taken_at - before <= longest_gap:
        return None
    return Window(before, sample.taken_at)


def card_uses(sample: Sample, cards: Iterable[CardId], span: Window, length: timedelta) -> Iterator[CardUse]:
    """What to add to the buckets of these cards. One that is not in the sample was asked for in vain."""
    readings = {reading.card.id: reading for reading in sample.cards if reading.lost is None and sample.trouble is None}
    for card in cards:
        for start, part in parts(span, length):
            seconds = part.duration.total_seconds()
            reading = readings.get(card)
            if reading is None:
                yield CardUse(card, start, length, unread_seconds=seconds)
            else:
                yield _card_use(reading, start, length, seconds)


def _card_use(reading: CardReading, start: datetime, length: timedelta, seconds: float) -> CardUse:
    traced = isinstance(reading.processes, tuple)
    temperature = reading.temperature_celsius
    return CardUse(
        reading.card.id,
        start,
        length,
        read_seconds=seconds,
        load=_level(reading.load_percent, seconds),
        memory=_level(reading.memory_used_bytes, seconds),
        temperature_highest=None if isinstance(temperature, Unread) else float(temperature),
        traced_seconds=seconds if traced else 0.0,
        busy_seconds=seconds if traced and reading.processes else 0.0,
    )


def _level(value: Reading[int], seconds: float) -> Level:
    return Level() if isinstance(value, Unread) else Level(value * seconds, seconds, float(value))


def member_uses(
    sample: Sample, owners: Mapping[str, int], standing: Sequence[Reservation], span: Window, length: timedelta
) -> Iterator[MemberUse]:
    """What to add to the buckets of members, for the cards whose processes could be read."""
    if sample.trouble is not None:
        return
    for reading in sample.cards:
        if reading.lost is not None or isinstance(reading.processes, Unread):
            continue
        present = _present(reading, owners)
        held = [r for r in standing if r.card == reading.card.id and r.kind is Kind.BOOKING]
        for start, part in parts(span, length):
            seconds = part.duration.total_seconds()
            for member_id in sorted(present):
                yield MemberUse(member_id, reading.card.id, start, length, used_seconds=seconds)
            for member_id in sorted({r.member_id for r in held} - present):
                idle = _held_seconds([r for r in held if r.member_id == member_id], part)
                if idle > 0:
                    yield MemberUse(member_id, reading.card.id, start, length, idle_seconds=idle)


def _present(reading: CardReading, owners: Mapping[str, int]) -> set[int]:
    """Members with a process on the card. Nobody is counted for what runs on the host or can't be traced."""
    processes = reading.processes if isinstance(reading.processes, tuple) else ()
    named = (p.origin.instance for p in processes if isinstance(p.origin, InInstance))
    return {owners[name] for name in named if name in owners}


def _held_seconds(reservations: Sequence[Reservation], part: Window) -> float:
    """One member's bookings of one card may be two shares at a time: an instant counts once."""
    windows = sorted(w for w in (r.window.clipped(part) for r in reservations) if w is not None)
    seconds, until = 0.0, part.start
    for window in windows:
        start = max(window.start, until)
        if window.end > start:
            seconds += (window.end - start).total_seconds()
            until = window.end
    return seconds
