"""What every picture over time has: days and hours above, nights in the ground of a track, and the line of now."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from bot.pictures.palette import Theme, legible_on
from bot.pictures.scene import BODY, SMALL, Box, Corners, Rect, Shape, Text, Weight
from bot.pictures.timeline import Axis
from bot.pictures.words import DateWords
from bot.pictures.writing import Writer

HEAD_HEIGHT = 48.0
_DAY_MIDDLE, _HOUR_MIDDLE = 8.0, 29.0  # below the top of the head
_LABEL_ROOM = 29.0  # for "18" and the air around it
_OVERSHOOT = 2.5  # of the now-line above and below a track


def head(
    axis: Axis, now: datetime, now_word: str, dates: DateWords, theme: Theme, writer: Writer, y: float
) -> Iterator[Shape]:
    """Days, then hours with the now-label among them."""
    yield from _days(axis, now, dates, theme, writer, y)
    label = _now_label(axis, now, now_word, writer, theme, y + _HOUR_MIDDLE)
    taken = None if label is None else Rect(label.rect.x0 - 10, y, label.rect.x1 + 10, y + HEAD_HEIGHT)
    for hour, x in axis.hours(_LABEL_ROOM):
        text = writer.text(str(hour), x, y + _HOUR_MIDDLE, SMALL, theme.muted, anchor="middle", role="hour")
        if taken is None or not text.rect.overlaps(taken):
            yield text
    if label is not None:
        pill = Rect(label.rect.x0 - 6, y + _HOUR_MIDDLE - 8.5, label.rect.x1 + 6, y + _HOUR_MIDDLE + 8.5)
        yield Box(pill, theme.now, Corners(8.5, 8.5), role="now-pill")
        yield label


def _days(axis: Axis, now: datetime, dates: DateWords, theme: Theme, writer: Writer, y: float) -> Iterator[Shape]:
    today = now.astimezone(axis.zone).date()
    for day in axis.days():
        x0, x1 = axis.span(day.window)
        if x0 > axis.x0:
            yield Box(Rect(x0 - 0.4, y, x0 + 0.4, y + HEAD_HEIGHT - 8), theme.line, role="midnight")
        weight: Weight = "bold" if day.date == today else "regular"
        ink = theme.ink if day.date == today else theme.muted
        middle = day.window.start + day.window.duration / 2
        for label in (dates.heading_of(middle, axis.zone), dates.day(middle, axis.zone), str(day.date.day)):
            if writer.width(label, BODY, "bold") <= x1 - x0 - 8:
                left = x0 + (0 if x0 <= axis.x0 else 6)
                yield writer.text(label, left, y + _DAY_MIDDLE, BODY, ink, weight=weight, role="day")
                break


def _now_label(axis: Axis, now: datetime, word: str, writer: Writer, theme: Theme, y: float) -> Text | None:
    if not axis.window.contains(now):
        return None
    text = f"{word} {now.astimezone(axis.zone):%H:%M}"
    half = writer.width(text, SMALL, "bold") / 2 + 6
    x = min(max(axis.x(now), axis.x0 + half), axis.x1 - half)
    return writer.text(text, x, y, SMALL, legible_on(theme.now), weight="bold", anchor="middle", role="now-label")


def track_ground(axis: Axis, track: Rect, theme: Theme) -> Iterator[Shape]:
    """Day, nights and midnights: what a band lies on."""
    yield Box(track, theme.track, Corners(4, 4), role="track")
    for night in axis.nights():
        x0, x1 = axis.span(night)
        corners = Corners(4 if x0 <= track.x0 else 0, 4 if x1 >= track.x1 else 0)
        yield Box(track.between(x0, x1), theme.night, corners, role="night")
    for day in axis.days():
        x = axis.x(day.window.start)
        if x > axis.x0:
            yield Box(Rect(x - 0.4, track.y0, x + 0.4, track.y1), theme.line, role="midnight")


def paled_past(axis: Axis, now: datetime, track: Rect, theme: Theme) -> Iterator[Shape]:
    """What is over steps back behind what is to come."""
    if now > axis.window.start:
        yield Box(track.between(track.x0, axis.x(now)), theme.paper, Corners(4, 0), opacity=0.5, role="past")


def now_line(axis: Axis, now: datetime, track: Rect, theme: Theme) -> Iterator[Shape]:
    """With a pale rim, so that it shows on a band of any colour."""
    if not axis.window.contains(now):
        return
    x = axis.x(now)
    y0, y1 = track.y0 - _OVERSHOOT, track.y1 + _OVERSHOOT
    yield Box(Rect(x - 1.9, y0, x + 1.9, y1), theme.paper, Corners(1.9, 1.9), role="now-rim")
    yield Box(Rect(x - 1.0, y0, x + 1.0, y1), theme.now, Corners(1.0, 1.0), role="now")
