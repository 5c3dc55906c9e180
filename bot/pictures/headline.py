"""The one line over each card of the calendar: what it is now, and until when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import Enum

from bot.pictures.bands import Band, BandKind
from bot.pictures.words import CalendarWords
from bot.pictures.writing import Writer


class State(str, Enum):
    FREE = "free"
    HELD = "held"
    SHARED = "shared"
    BLOCKED = "blocked"


@dataclass(frozen=True)
class Headline:
    """`state` and `member` choose the colour. `template` has a place for `who`: a long name can still be clipped."""

    state: State
    template: str
    who: str = ""
    member: int = 0

    def with_name(self, who: str) -> str:
        return self.template.replace("{who}", who)


def headline(bands: Sequence[Band], now: datetime, zone: tzinfo, words: CalendarWords, writer: Writer) -> Headline:
    """From all bands of the card, whether or not they are in the picture."""
    present = [band for band in bands if band.window.contains(now)]
    blocked = next((band for band in present if band.kind is BandKind.MAINTENANCE), None)
    if blocked is not None:
        end = words.dates.until(blocked.window.end, now, zone)
        return Headline(State.BLOCKED, _fill(words.blocked, end=end))
    whole = next((band for band in present if band.kind in (BandKind.BOOKING, BandKind.OFFER)), None)
    if whole is not None:
        template = words.held if whole.kind is BandKind.BOOKING else words.offered
        end = words.dates.until(whole.window.end, now, zone)
        return Headline(State.HELD, _fill(template, end=end), writer.readable(whole.who, whole.latin), whole.member)
    if present:
        left = max(0.0, 1 - sum(band.fraction for band in present))
        return Headline(State.SHARED, _fill(words.shared, percent=str(round(left * 100))))
    return _free(bands, now, zone, words)


def _free(bands: Sequence[Band], now: datetime, zone: tzinfo, words: CalendarWords) -> Headline:
    starts = [band.window.start for band in bands if band.window.start > now]
    if not starts:
        return Headline(State.FREE, words.free)
    return Headline(State.FREE, _fill(words.free_until, end=words.dates.until(min(starts), now, zone)))


def _fill(template: str, **values: str) -> str:
    """Only these placeholders: a name comes later, and may have braces of its own."""
    for name, value in values.items():
        template = template.replace("{" + name + "}", value)
    return template
