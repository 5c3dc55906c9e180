"""The calendar: all cards over the next days, who holds which from when until when.

title                                     2 of 4 free
Wed 25    | Thu 26           | Fri 27            days, nights shaded
  12   18 |  6    12    18   |  6    12    18    hours, and now
gpu0 RTX 4090                  Lei until Fri 18:00
[====Lei=======================]                   one track a card
...
[] Lei  [] Wang                                    whoever has no room for a name in their band
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from bot.domain.window import Window
from bot.pictures.bands import Band, BandPainter, Placed, place, unnamed
from bot.pictures.canvas import paint
from bot.pictures.fonts import Fonts, standard_fonts
from bot.pictures.headline import Headline, State, headline
from bot.pictures.legend import legend
from bot.pictures.palette import LIGHT, Colour, Theme, hue
from bot.pictures.scene import BODY, HEADING, MARGIN, SMALL, TITLE, WIDTH, Box, Corners, Rect, Scene, Shape, bottom
from bot.pictures.timeaxis import HEAD_HEIGHT, head, now_line, paled_past, track_ground
from bot.pictures.timeline import Axis
from bot.pictures.words import CalendarWords
from bot.pictures.writing import Writer

TITLE_HEIGHT = 34.0
CARD_LINE = 25.0
ROW_GAP = 13.0


@dataclass(frozen=True)
class CalendarRow:
    """One card: its name ("gpu0"), its model as short as people say it, and its bands in any order."""

    card: str
    model: str
    bands: tuple[Band, ...] = ()


def draw_calendar(
    rows: Sequence[CalendarRow],
    window: Window,
    now: datetime,
    zone: tzinfo,
    words: CalendarWords,
    theme: Theme = LIGHT,
    fonts: Fonts | None = None,
) -> bytes:
    """A PNG, 1200 pixels wide. Takes some 0.1 s of processor time: call it off the event loop."""
    fonts = fonts or standard_fonts()
    try:
        return paint(calendar_scene(rows, window, now, zone, words, theme, Writer(fonts)), fonts)
    finally:
        fonts.close()


def calendar_scene(
    rows: Sequence[CalendarRow],
    window: Window,
    now: datetime,
    zone: tzinfo,
    words: CalendarWords,
    theme: Theme,
    writer: Writer,
) -> Scene:
    """Where everything goes, in points."""
    axis = Axis(window, MARGIN, WIDTH - MARGIN, zone)
    page = _Page(axis, now, words, theme, writer)
    headlines = [headline(row.bands, now, zone, words, writer) for row in rows]
    shapes = [*page.title(headlines), *head(axis, now, words.now, words.dates, theme, writer, MARGIN + TITLE_HEIGHT)]
    y = MARGIN + TITLE_HEIGHT + HEAD_HEIGHT
    if not rows:
        shapes.append(writer.text(words.no_cards, WIDTH / 2, y + 30, BODY, theme.muted, anchor="middle"))
    placed: list[Placed] = []
    for row, line in zip(rows, headlines, strict=True):
        track = Rect(axis.x0, y + CARD_LINE, axis.x1, y + CARD_LINE + track_height(len(rows)))
        placed_here = place(row.bands, axis, track)
        shapes += [*page.card_line(row, line, y), *page.track(track, placed_here)]
        placed += placed_here
        y = track.y1 + ROW_GAP
    shapes += legend(unnamed(placed, page.bands), theme, writer, y)
    return Scene(bottom(shapes) + MARGIN, theme.paper, tuple(shapes))


def track_height(cards: int) -> float:
    """Fewer cards have higher tracks; eight still make a picture that a phone shows at its full width."""
    return 38.0 if cards <= 4 else 30.0 if cards <= 8 else 24.0


@dataclass(frozen=True)
class _Page:
    axis: Axis
    now: datetime
    words: CalendarWords
    theme: Theme
    writer: Writer

    @property
    def bands(self) -> BandPainter:
        return BandPainter(self.theme, self.writer, self.axis, self.now, self.words.maintenance)

    def title(self, headlines: Sequence[Headline]) -> Iterator[Shape]:
        y = MARGIN + TITLE / 2
        yield self.writer.text(self.words.title, MARGIN, y, TITLE, self.theme.ink, weight="bold", role="title")
        free = sum(line.state is State.FREE for line in headlines)
        if headlines:
            text = self.words.free_count.format(free=free, total=len(headlines))
            ink = self.theme.free if free else self.theme.muted
            yield self.writer.text(text, WIDTH - MARGIN, y, BODY, ink, weight="bold", anchor="right", role="count")

    def card_line(self, row: CalendarRow, line: Headline, y: float) -> Iterator[Shape]:
        """Name and model to the left, what it is now to the right; the model gives way first, then a long name."""
        middle = y + CARD_LINE / 2 - 2.5
        card = self.writer.text(row.card, MARGIN, middle, HEADING, self.theme.ink, weight="bold", role="card")
        yield card
        ink = self.theme.free if line.state is State.FREE else self.theme.ink
        status = self._status(line, WIDTH - MARGIN - card.rect.x1 - 16)
        right = self.writer.text(status, WIDTH - MARGIN, middle, BODY, ink, anchor="right", role="status")
        dot = Rect(right.rect.x0 - 13, middle - 4, right.rect.x0 - 5, middle + 4)
        yield Box(dot, self._dot_colour(line), Corners(4, 4), role="dot")
        yield right
        model = self.writer.clipped(row.model, dot.x0 - card.rect.x1 - 14, SMALL)
        if len(model) > 4 or model == row.model:
            yield self.writer.text(model, card.rect.x1 + 7, middle + 0.5, SMALL, self.theme.muted, role="model")

    def track(self, track: Rect, placed: Sequence[Placed]) -> Iterator[Shape]:
        yield from track_ground(self.axis, track, self.theme)
        for one in placed:
            yield from self.bands.shapes(one)
        yield from paled_past(self.axis, self.now, track, self.theme)
        yield from now_line(self.axis, self.now, track, self.theme)

    def _status(self, line: Headline, room: float) -> str:
        others = self.writer.width(line.with_name(""), BODY)
        who = self.writer.clipped(line.who, max(0.0, room - others), BODY)
        return line.with_name(who).strip()

    def _dot_colour(self, line: Headline) -> Colour:
        """A held card has its holder's colour, as the band below has."""
        if line.state is State.HELD:
            return hue(line.member)
        return {State.FREE: self.theme.free, State.SHARED: self.theme.muted}.get(line.state, self.theme.blocked)
