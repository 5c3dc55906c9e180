"""The cards' last day: who had booked them, and what was really going on.

gpu0 RTX 4090                            87 %  61 / 80 GiB
[==Lei========]      [===Wang=====================|====]     promises
|  ▁▂▇▇▇▇▇▁        ▂▇▇▇▇▇▇////▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇|             load as an area, memory as a line
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from bot.domain.window import Window
from bot.pictures.bands import Band, BandPainter, Placed, place, unnamed
from bot.pictures.canvas import paint
from bot.pictures.fonts import Fonts, standard_fonts
from bot.pictures.legend import Entry, legend
from bot.pictures.palette import LIGHT, Theme, hue, mix
from bot.pictures.scene import (
    BODY,
    HEADING,
    MARGIN,
    SMALL,
    TITLE,
    WIDTH,
    Box,
    Corners,
    Hatch,
    Rect,
    Scene,
    Shape,
    Text,
    bottom,
)
from bot.pictures.timeaxis import HEAD_HEIGHT, head, now_line, track_ground
from bot.pictures.timeline import Axis
from bot.pictures.usage import Use, area, columns, line, load_of, memory_of, runs
from bot.pictures.words import StatusWords
from bot.pictures.writing import Writer

LOOK_BACK, LOOK_AHEAD = timedelta(hours=24), timedelta(hours=2)
TITLE_HEIGHT = 34.0
CARD_LINE = 24.0
ROW_GAP = 14.0
PROMISES = 17.0  # height of the strip of bands over the plot
_MEMORY_LINE = 1.8
_STALE_STEPS = 3  # a last reading older than so many steps says nothing about now


@dataclass(frozen=True)
class StatusRow:
    """One card with its bands and readings. Each reading is good for `step`; what none covers is not known."""

    card: str
    model: str
    bands: tuple[Band, ...]
    uses: tuple[Use, ...]
    step: timedelta
    memory_total_bytes: int | None = None


def status_window(now: datetime) -> Window:
    """A day back, and a little ahead: the promise that begins within the hour is seen coming."""
    return Window(now - LOOK_BACK, now + LOOK_AHEAD)


def draw_status(
    rows: Sequence[StatusRow],
    now: datetime,
    zone: tzinfo,
    words: StatusWords,
    theme: Theme = LIGHT,
    fonts: Fonts | None = None,
) -> bytes:
    """A PNG, 1200 pixels wide. Takes some 0.2 s of processor time: call it off the event loop."""
    fonts = fonts or standard_fonts()
    try:
        return paint(status_scene(rows, now, zone, words, theme, Writer(fonts)), fonts)
    finally:
        fonts.close()


def status_scene(
    rows: Sequence[StatusRow], now: datetime, zone: tzinfo, words: StatusWords, theme: Theme, writer: Writer
) -> Scene:
    """Where everything goes, in points."""
    axis = Axis(status_window(now), MARGIN, WIDTH - MARGIN, zone)
    page = _Page(axis, now, words, theme, writer)
    shapes: list[Shape] = [
        writer.text(words.title, MARGIN, MARGIN + TITLE / 2, TITLE, theme.ink, weight="bold", role="title"),
        *head(axis, now, words.now, words.dates, theme, writer, MARGIN + TITLE_HEIGHT),
    ]
    y = MARGIN + TITLE_HEIGHT + HEAD_HEIGHT
    if not rows:
        shapes.append(writer.text(words.no_cards, WIDTH / 2, y + 30, BODY, theme.muted, anchor="middle"))
    placed: list[Placed] = []
    for row in rows:
        panel = Rect(axis.x0, y + CARD_LINE, axis.x1, y + CARD_LINE + panel_height(len(rows)))
        placed_here = place(row.bands, axis, Rect(panel.x0, panel.y0, panel.x1, panel.y0 + PROMISES))
        shapes += [*page.card_line(row, y), *page.panel(row, panel, placed_here)]
        placed += placed_here
        y = panel.y1 + ROW_GAP
    shapes += legend([*page.series_entries(rows), *unnamed(placed, page.bands)], theme, writer, y)
    return Scene(bottom(shapes) + MARGIN, theme.paper, tuple(shapes))


def panel_height(cards: int) -> float:
    """Of the strip of bands and the plot under it."""
    return PROMISES + (46.0 if cards <= 4 else 34.0 if cards <= 8 else 26.0)


@dataclass(frozen=True)
class _Page:
    axis: Axis
    now: datetime
    words: StatusWords
    theme: Theme
    writer: Writer

    @property
    def bands(self) -> BandPainter:
        return BandPainter(self.theme, self.writer, self.axis, self.now, self.words.maintenance)

    def series_entries(self, rows: Sequence[StatusRow]) -> list[Entry]:
        if not rows:
            return []
        return [
            Entry(self.words.load, self.theme.load),
            Entry(self.words.memory, self.theme.memory, is_line=True),
            Entry(self.words.no_data, self.theme.track, self._gap_stripe),
        ]

    def card_line(self, row: StatusRow, y: float) -> Iterator[Shape]:
        """Name and model to the left; what was last read, in the colours of the plot, to the right."""
        middle = y + CARD_LINE / 2 - 2.5
        card = self.writer.text(row.card, MARGIN, middle, HEADING, self.theme.ink, weight="bold", role="card")
        yield card
        left = WIDTH - MARGIN
        for value in self._values(row, middle):
            yield value
            left = min(left, value.rect.x0)
        model = self.writer.clipped(row.model, left - card.rect.x1 - 14, SMALL)
        if len(model) > 4 or model == row.model:
            yield self.writer.text(model, card.rect.x1 + 7, middle + 0.5, SMALL, self.theme.muted, role="model")

    def _values(self, row: StatusRow, middle: float) -> Iterator[Text]:
        last = max(row.uses, key=lambda use: use.instant, default=None)
        if last is None or self.now - last.instant > _STALE_STEPS * row.step:
            last = Use(self.now, None, None)
        x = WIDTH - MARGIN
        if last.load_percent is None and last.memory_fraction is None:
            words, ink = self.words.no_data, self.theme.muted
            yield self.writer.text(words, x, middle, BODY, ink, anchor="right", role="value")
            return
        for text, ink in ((self._memory(last, row), self.theme.memory), (self._load(last), self.theme.load)):
            value = self.writer.text(text, x, middle, BODY, ink, weight="bold", anchor="right", role="value")
            yield value
            x = value.rect.x0 - 12

    def _load(self, use: Use) -> str:
        if use.load_percent is None:
            return self.words.load_unknown
        return self.words.load_now.format(percent=f"{use.load_percent:.0f}")

    def _memory(self, use: Use, row: StatusRow) -> str:
        if row.memory_total_bytes is None or use.memory_fraction is None:
            return self.words.memory_unknown
        total = row.memory_total_bytes / (1 << 30)
        return self.words.memory_now.format(used=f"{use.memory_fraction * total:.0f}", total=f"{total:.0f}")

    def panel(self, row: StatusRow, panel: Rect, placed: Sequence[Placed]) -> Iterator[Shape]:
        plot = Rect(panel.x0, panel.y0 + PROMISES, panel.x1, panel.y1)
        yield from track_ground(self.axis, panel, self.theme)
        for one in placed:
            below = plot.between(one.rect.x0, one.rect.x1)
            yield Box(below, hue(one.band.member), Corners(), opacity=0.16, role="promised")
        yield from self._plot(row, Rect(plot.x0, plot.y0 + 3, plot.x1, plot.y1))
        for one in placed:
            yield from self.bands.shapes(one)
        yield from now_line(self.axis, self.now, panel, self.theme)

    def _plot(self, row: StatusRow, plot: Rect) -> Iterator[Shape]:
        load = columns(row.uses, row.step, self.axis, self.now, load_of)
        memory = columns(row.uses, row.step, self.axis, self.now, memory_of)
        for run in runs(load, known=False):
            yield from self._gap(plot.between(run[0].x0, run[-1].x1))
        for run in runs(load, known=True):
            yield area(run, plot, self.theme.load, "load")
        for run in runs(memory, known=True):
            yield line(run, plot, _MEMORY_LINE + 1.6, self.theme.track, "memory-rim")
            yield line(run, plot, _MEMORY_LINE, self.theme.memory, "memory")

    @property
    def _gap_stripe(self) -> tuple[int, int, int]:
        return mix(self.theme.muted, self.theme.track, 0.45)

    def _gap(self, place: Rect) -> Iterator[Shape]:
        """Stripes where the load is not known, with a word if there is room."""
        yield Hatch(place, self._gap_stripe, gap=7.0, thickness=0.9, role="gap")
        text = self.writer.text(
            self.words.no_data,
            (place.x0 + place.x1) / 2,
            place.middle,
            SMALL,
            self.theme.muted,
            anchor="middle",
            role="no-data",
        )
        plate = Rect(text.rect.x0 - 5, text.rect.y0 - 2, text.rect.x1 + 5, text.rect.y1 + 2)
        if place.contains(plate):
            yield Box(plate, self.theme.track, Corners(4, 4), role="plate")
            yield text
