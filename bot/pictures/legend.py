"""What a colour stands for: whoever has no room for a name in their own bands, in lines under the picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.pictures.palette import Colour, Theme
from bot.pictures.scene import BODY, MARGIN, WIDTH, Box, Corners, Hatch, Rect, Shape
from bot.pictures.writing import Writer

LINE = 21.0
_CHIP, _AFTER_CHIP, _BETWEEN = 12.0, 6.0, 16.0


@dataclass(frozen=True)
class Entry:
    """A chip of `fill`, striped with `stripe` if there is one, or a line if `is_line`; and what it means."""

    name: str
    fill: Colour
    stripe: Colour | None = None
    is_line: bool = False


def legend(entries: Sequence[Entry], theme: Theme, writer: Writer, y: float) -> Iterator[Shape]:
    """As many lines as it takes, from `y` downwards; nothing for no entries."""
    x, middle = MARGIN, y + LINE / 2
    for entry in entries:
        name = writer.clipped(entry.name, WIDTH - 2 * MARGIN - _CHIP - _AFTER_CHIP, BODY)
        width = _CHIP + _AFTER_CHIP + writer.width(name, BODY)
        if x > MARGIN and x + width > WIDTH - MARGIN:
            x, middle = MARGIN, middle + LINE
        chip = Rect(x, middle - _CHIP / 2, x + _CHIP, middle + _CHIP / 2)
        yield from _chip(entry, chip)
        yield writer.text(name, chip.x1 + _AFTER_CHIP, middle, BODY, theme.ink, role="legend")
        x += width + _BETWEEN


def _chip(entry: Entry, chip: Rect) -> Iterator[Shape]:
    if entry.is_line:
        yield Box(Rect(chip.x0, chip.middle - 1.2, chip.x1, chip.middle + 1.2), entry.fill, Corners(1, 1), role="chip")
        return
    yield Box(chip, entry.fill, Corners(3.5, 3.5), role="chip")
    if entry.stripe is not None:
        yield Hatch(chip, entry.stripe, Corners(3.5, 3.5))
