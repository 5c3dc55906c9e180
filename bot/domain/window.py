"""Half-open spans of time.

    |A      |B      |      A ends at the instant at which B begins: they touch, they do not overlap.

Every question about "when" in junzi goes through here, so that there is one notion of overlap.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone


def require_aware(instant: datetime) -> datetime:
    """The same instant in UTC; ValueError for a naive datetime, which would mean a different instant per host."""
    if instant.tzinfo is timezone.utc:  # nearly always: the ledger reads thousands of these
        return instant
    if instant.tzinfo is None:
        raise ValueError(f"naive datetime: {instant!r}")
    return instant.astimezone(timezone.utc)


def elapsed(start: datetime, end: datetime) -> timedelta:
    """How long it is from one to the other. Python's own difference of two times in one zone is the wall clock's: an
    hour too little over the night when the clocks go back."""
    return require_aware(end) - require_aware(start)


@dataclass(frozen=True, order=True)
class Window:
    """`[start, end)` in aware UTC; ValueError if it is empty, reversed or naive."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "start", require_aware(self.start))
        object.__setattr__(self, "end", require_aware(self.end))
        if self.end <= self.start:
            raise ValueError(f"a window ends after it starts, not {self.start} .. {self.end}")

    @classmethod
    def lasting(cls, start: datetime, duration: timedelta) -> Window:
        """The window of that length from `start`; the length is elapsed time, whatever the clocks do."""
        return cls(start, require_aware(start) + duration)

    @property
    def duration(self) -> timedelta:
        return self.end - self.start

    def contains(self, instant: datetime) -> bool:
        return self.start <= instant < self.end

    def overlaps(self, other: Window) -> bool:
        return self.start < other.end and other.start < self.end

    def clipped(self, within: Window) -> Window | None:
        """The part of this window inside `within`; None if there is none."""
        start, end = max(self.start, within.start), min(self.end, within.end)
        return Window(start, end) if start < end else None


def gaps(taken: Iterable[Window], within: Window) -> Iterator[Window]:
    """The stretches of `within` that no window of `taken` touches, earliest first; order and overlaps don't matter."""
    cursor = within.start
    for window in sorted(taken):
        if window.start >= within.end:
            break
        if window.start > cursor:
            yield Window(cursor, window.start)
        cursor = max(cursor, window.end)
    if cursor < within.end:
        yield Window(cursor, within.end)
