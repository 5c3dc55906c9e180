"""A card's load and memory over a day, as areas and lines. What was not read is a gap of its own look, never zero."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from bot.domain.window import Window
from bot.pictures.palette import Colour
from bot.pictures.scene import Area, Rect
from bot.pictures.timeline import Axis

COLUMN = 1.0  # points: three pixels
_ZERO_HEIGHT = 0.9  # of an area whose value is zero: a thin line, which a gap has not


@dataclass(frozen=True)
class Use:
    """One reading, good from `instant` for the series' step. None: not known."""

    instant: datetime
    load_percent: float | None
    memory_fraction: float | None


@dataclass(frozen=True)
class Column:
    """A thin upright slice of the plot; `value` from 0 to 1, None for not known."""

    x0: float
    x1: float
    value: float | None


def load_of(use: Use) -> float | None:
    return None if use.load_percent is None else use.load_percent / 100


def memory_of(use: Use) -> float | None:
    return use.memory_fraction


def columns(
    uses: Sequence[Use], step: timedelta, axis: Axis, until: datetime, value_of: Callable[[Use], float | None]
) -> list[Column]:
    """The mean of what was read in each column, from the axis' start until that instant."""
    count = max(1, round((axis.x(until) - axis.x0) / COLUMN))
    width = (axis.x(until) - axis.x0) / count
    sums, numbers = [0.0] * count, [0] * count
    for use in uses:
        value = value_of(use)
        if value is None:
            continue
        for index in _columns_of(use, step, axis, width, count):
            sums[index] += min(1.0, max(0.0, value))
            numbers[index] += 1
    return [
        Column(axis.x0 + i * width, axis.x0 + (i + 1) * width, sums[i] / numbers[i] if numbers[i] else None)
        for i in range(count)
    ]


def _columns_of(use: Use, step: timedelta, axis: Axis, width: float, count: int) -> range:
    part = Window.lasting(use.instant, step).clipped(axis.window)
    if part is None or width <= 0:
        return range(0)
    x0, x1 = axis.span(part)
    first = int((x0 - axis.x0) / width + 1e-6)
    # A reading belongs to the column that it begins in, and to all that it reaches at least half way into.
    last = int((x1 - axis.x0) / width + 0.5 - 1e-6)
    return range(min(first, count - 1), min(count, max(last, first + 1)))


def runs(series: Sequence[Column], known: bool) -> Iterator[list[Column]]:
    """Unbroken stretches of columns with a value, or of those without."""
    for is_known, group in groupby(series, key=lambda column: column.value is not None):
        if is_known is known:
            yield list(group)


def area(run: Sequence[Column], plot: Rect, fill: Colour, role: str) -> Area:
    """Filled from the value down to the ground."""
    top = [(x, _y(value, plot, _ZERO_HEIGHT)) for x, value in _outline(run)]
    return Area(((run[0].x0, plot.y1), *top, (run[-1].x1, plot.y1)), fill, 1.0, role)


def line(run: Sequence[Column], plot: Rect, thickness: float, fill: Colour, role: str) -> Area:
    """A line along the value, as a thin ribbon inside the plot."""
    half = thickness / 2
    middle = [(x, min(max(_y(value, plot, 0), plot.y0 + half), plot.y1 - half)) for x, value in _outline(run)]
    upper, lower = [(x, y - half) for x, y in middle], [(x, y + half) for x, y in reversed(middle)]
    return Area((*upper, *lower), fill, 1.0, role)


def _outline(run: Sequence[Column]) -> list[tuple[float, float]]:
    """From edge to edge, through the middle of each column."""
    values = [(column, column.value or 0.0) for column in run]
    inner = [((column.x0 + column.x1) / 2, value) for column, value in values]
    return [(run[0].x0, values[0][1]), *inner, (run[-1].x1, values[-1][1])]


def _y(value: float, plot: Rect, least: float) -> float:
    return plot.y1 - max(least, value * plot.height)
