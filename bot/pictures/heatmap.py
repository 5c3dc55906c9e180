"""A week's busiest hours: a row a day, a column an hour, the darker the more cards were in use.

The week              62 % of all card-hours in use
        0     6     12    18
Mon 16  ░░░░░░▒▒▓▓████▓▓▒▒░░    54 %
Tue 17  ░░░░░░▒▒▓▓████▓▓▒▒░░    61 %
...
0 % ░▒▓█ 100 %   //// no data   □ busiest hour
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo

from bot.pictures.canvas import paint
from bot.pictures.fonts import Fonts, standard_fonts
from bot.pictures.palette import LIGHT, Colour, Theme, mix
from bot.pictures.scene import MARGIN, WIDTH, Box, Corners, Hatch, Rect, Scene, Shape, bottom
from bot.pictures.words import DateWords, Plain, date_words
from bot.pictures.writing import Writer

TITLE_SIZE, TOTAL_SIZE, DAY_SIZE, HOUR_SIZE, SHARE_SIZE, SCALE_SIZE = 20.0, 13.0, 12.5, 10.5, 12.0, 11.0
TITLE_HEIGHT, HOURS_HEIGHT, ROW, SCALE_HEIGHT = 38.0, 18.0, 25.0, 30.0
DAY_WIDTH, SHARE_WIDTH = 48.0, 42.0
GAP = 1.5  # between cells
HOURS = 24
STEPS = 5  # of the scale under the picture
_FAINTEST = 0.12  # of the colour in a cell in which nothing ran: it was read, and a gap looks otherwise


@dataclass(frozen=True)
class HeatRow:
    """One day: for each hour of the lab's clock the share of cards in use, from 0 to 1, None for not known."""

    day: date
    shares: tuple[float | None, ...]


@dataclass(frozen=True)
class HeatWords:
    """`total`: a template of {percent}. `share`: of {percent} too, as short as it can be."""

    dates: DateWords
    title: str
    total: str
    share: str
    no_data: str
    busiest: str


def heat_words(plain: Plain) -> HeatWords:
    """From `Voice.plain` of whoever looks at the picture."""
    return HeatWords(
        dates=date_words(plain),
        title=plain("digest.title"),
        total=plain("digest.total", percent="{percent}"),
        share=plain("digest.share", percent="{percent}"),
        no_data=plain("digest.no_data"),
        busiest=plain("digest.busiest_hour"),
    )


def draw_heatmap(
    rows: Sequence[HeatRow], zone: tzinfo, words: HeatWords, theme: Theme = LIGHT, fonts: Fonts | None = None
) -> bytes:
    """A PNG, 1200 pixels wide. Takes some 0.1 s of processor time: call it off the event loop."""
    fonts = fonts or standard_fonts()
    return paint(heatmap_scene(rows, zone, words, theme, Writer(fonts)), fonts)


def heatmap_scene(rows: Sequence[HeatRow], zone: tzinfo, words: HeatWords, theme: Theme, writer: Writer) -> Scene:
    """Where everything goes, in points."""
    page = _Page(zone, words, theme, writer, busiest_hour(rows))
    top = MARGIN + TITLE_HEIGHT + HOURS_HEIGHT
    shapes: list[Shape] = [*page.title(rows), *page.hours(top - HOURS_HEIGHT)]
    for number, row in enumerate(rows):
        shapes += page.row(row, top + number * ROW)
    shapes += page.scale(top + len(rows) * ROW + 8)
    return Scene(bottom(shapes) + MARGIN, theme.paper, tuple(shapes))


def busiest_hour(rows: Sequence[HeatRow]) -> tuple[date, int] | None:
    """The day and hour with the most cards in use, the first of equals; None if nothing ran or nothing is known."""
    known = [(share, row.day, hour) for row in rows for hour, share in enumerate(row.shares) if share]
    if not known:
        return None
    _, day, hour = max(known, key=lambda cell: cell[0])
    return day, hour


def mean_share(shares: Sequence[float | None]) -> float | None:
    known = [share for share in shares if share is not None]
    return sum(known) / len(known) if known else None


@dataclass(frozen=True)
class _Page:
    zone: tzinfo
    words: HeatWords
    theme: Theme
    writer: Writer
    busiest: tuple[date, int] | None

    @property
    def x0(self) -> float:
        return MARGIN + DAY_WIDTH

    @property
    def cell(self) -> float:
        return (WIDTH - MARGIN - SHARE_WIDTH - self.x0) / HOURS

    def title(self, rows: Sequence[HeatRow]) -> Iterator[Shape]:
        y = MARGIN + TITLE_SIZE / 2
        yield self.writer.text(self.words.title, MARGIN, y, TITLE_SIZE, self.theme.ink, weight="bold", role="title")
        share = mean_share([share for row in rows for share in row.shares])
        if share is not None:
            total = self.words.total.format(percent=round(share * 100))
            yield self.writer.text(
                total, WIDTH - MARGIN, y + 1.5, TOTAL_SIZE, self.theme.muted, anchor="right", role="total"
            )

    def hours(self, y: float) -> Iterator[Shape]:
        for hour in range(0, HOURS, 3):
            x = self.x0 + hour * self.cell
            yield self.writer.text(str(hour), x + 1, y + HOUR_SIZE / 2, HOUR_SIZE, self.theme.muted, role="hour")

    def row(self, row: HeatRow, y: float) -> Iterator[Shape]:
        middle = y + ROW / 2
        noon = datetime.combine(row.day, time(12), self.zone)
        label = self.words.dates.day(noon, self.zone)
        yield self.writer.text(label, MARGIN, middle, DAY_SIZE, self.theme.ink, role="day")
        for hour, share in enumerate(row.shares):
            x = self.x0 + hour * self.cell
            cell = Rect(x, y + GAP / 2, x + self.cell - GAP, y + ROW - GAP / 2)
            yield from self._cell(share, cell)
            if self.busiest == (row.day, hour):
                yield Box(cell, self._fill(share or 0.0), Corners(3, 3), outline=self.theme.now, role="busiest")
        mean = mean_share(row.shares)
        if mean is not None:
            text = self.words.share.format(percent=round(mean * 100))
            yield self.writer.text(
                text, WIDTH - MARGIN, middle, SHARE_SIZE, self.theme.muted, anchor="right", role="share"
            )

    def _cell(self, share: float | None, cell: Rect) -> Iterator[Shape]:
        if share is not None:
            yield Box(cell, self._fill(share), Corners(3, 3), role="cell")
            return
        yield Box(cell, self.theme.track, Corners(3, 3), role="gap")
        yield Hatch(cell, self._stripe, Corners(3, 3), gap=5.0, thickness=0.9, role="no-data")

    def _fill(self, share: float) -> Colour:
        return mix(self.theme.load, self.theme.track, _FAINTEST + (1 - _FAINTEST) * min(1.0, max(0.0, share)))

    @property
    def _stripe(self) -> Colour:
        return mix(self.theme.muted, self.theme.track, 0.45)

    def scale(self, y: float) -> Iterator[Shape]:
        """What the colours mean."""
        middle, x = y + SCALE_HEIGHT / 2, self.x0
        for text, after in ((self.words.share.format(percent=0), True), (self.words.share.format(percent=100), False)):
            label = self.writer.text(text, x, middle, SCALE_SIZE, self.theme.muted, role="scale")
            yield label
            x = label.rect.x1 + 6
            if after:
                for step in range(STEPS):
                    chip = Rect(x, middle - 6, x + 14, middle + 6)
                    yield Box(chip, self._fill(step / (STEPS - 1)), Corners(3, 3), role="chip")
                    x = chip.x1 + GAP
                x += 5
        yield from self._chips(x + 10, middle)

    def _chips(self, x: float, middle: float) -> Iterator[Shape]:
        chip = Rect(x, middle - 6, x + 13, middle + 6)
        yield Box(chip, self.theme.track, Corners(3, 3), role="chip")
        yield Hatch(chip, self._stripe, Corners(3, 3), gap=5.0, thickness=0.9)
        label = self.writer.text(self.words.no_data, chip.x1 + 6, middle, SCALE_SIZE, self.theme.muted, role="scale")
        yield label
        if self.busiest is not None:
            chip = Rect(label.rect.x1 + 15, middle - 6, label.rect.x1 + 28, middle + 6)
            yield Box(chip, self.theme.paper, Corners(3, 3), outline=self.theme.now, role="chip")
            yield self.writer.text(self.words.busiest, chip.x1 + 6, middle, SCALE_SIZE, self.theme.muted, role="scale")
