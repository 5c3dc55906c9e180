"""Promises as bands on a time axis: whole cards, shares as lanes, offers and maintenance."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from bot.domain.window import Window
from bot.pictures.lanes import Claim, lanes
from bot.pictures.legend import Entry
from bot.pictures.palette import Colour, Theme, hue, legible_on, mix
from bot.pictures.scene import BODY, SMALL, Box, Corners, Hatch, Rect, Shape, Text, Weight
from bot.pictures.timeline import Axis
from bot.pictures.writing import ELLIPSIS, Writer

RADIUS = 5.0
STRIPE = 4.0  # the edge of a band in its member's pure hue
PADDING = 5.0
GAP = 1.0  # between two bands that touch in time
_LINE_ROOM = 1.25  # of a text's size: what a line needs in height


class BandKind(str, Enum):
    BOOKING = "booking"
    SHARE = "share"
    OFFER = "offer"  # held for somebody who was asked whether they want it
    MAINTENANCE = "maintenance"


@dataclass(frozen=True)
class Band:
    """A promise on one card. `fraction`: of the card's memory, for a share. `member` chooses the colour.

    `who` is written inside; where no font has its script, `latin` (the Unix name) is. Maintenance has nobody.
    """

    window: Window
    who: str = ""
    kind: BandKind = BandKind.BOOKING
    fraction: float = 1.0
    is_mine: bool = False
    member: int = 0
    latin: str = ""


@dataclass(frozen=True)
class Placed:
    """A band with its place. `named`: its whole name is written in it, so no legend needs to tell."""

    band: Band
    rect: Rect
    corners: Corners


def place(bands: Iterable[Band], axis: Axis, track: Rect) -> list[Placed]:
    """Bands of one card on its track, earliest first. What lies outside the axis is left out."""
    seen = sorted((b for b in bands if b.window.overlaps(axis.window)), key=lambda b: (b.window, b.member))
    shares = [band for band in seen if band.kind is BandKind.SHARE]
    lane_of = dict(zip(map(id, shares), lanes([_claim(band, axis) for band in shares]), strict=True))
    placed = []
    for band in seen:
        x0, x1 = axis.span(band.window)
        lane = lane_of.get(id(band))
        low, high = (0.0, 1.0) if lane is None else (lane.low, lane.high)
        gap = min(GAP, (x1 - x0) / 4)
        between_lanes = 0.0 if high >= 1 else min(GAP, (high - low) * track.height / 4)
        rect = Rect(x0, track.y1 - high * track.height + between_lanes, x1 - gap, track.y1 - low * track.height)
        placed.append(Placed(band, rect, _corners(band, axis, rect)))
    return placed


def _claim(band: Band, axis: Axis) -> Claim:
    x0, x1 = axis.span(band.window)
    return Claim(x0, x1, min(1.0, band.fraction))


def _corners(band: Band, axis: Axis, rect: Rect) -> Corners:
    """Round where the promise begins and ends, straight where it goes on outside the picture."""
    radius = min(RADIUS, rect.width / 2, rect.height / 2)
    return Corners(
        0.0 if band.window.start < axis.window.start else radius,
        0.0 if band.window.end > axis.window.end else radius,
    )


@dataclass(frozen=True)
class BandPainter:
    """Turns placed bands into shapes. `maintenance`: the word for it. `now`: names are not written across it."""

    theme: Theme
    writer: Writer
    axis: Axis
    now: datetime
    maintenance: str

    def shapes(self, placed: Placed) -> list[Shape]:
        if placed.band.kind is BandKind.MAINTENANCE:
            return self._maintenance(placed)
        if placed.band.kind is BandKind.OFFER:
            return self._offer(placed)
        return self._promise(placed)

    def name_of(self, band: Band) -> str:
        if band.kind is BandKind.MAINTENANCE:
            return self.maintenance
        return self.writer.readable(band.who, band.latin)

    def entry(self, band: Band) -> Entry:
        """For the legend."""
        if band.kind is BandKind.MAINTENANCE:
            return Entry(self.maintenance, self._blocked_fill, self._blocked_stripe)
        return Entry(self.name_of(band), hue(band.member))

    def names(self, placed: Placed, ink: Colour) -> list[Text]:
        """The name inside its band, clipped; nothing where not two characters fit."""
        band, rect = placed.band, placed.rect
        size = BODY if rect.height >= BODY * _LINE_ROOM else SMALL
        if rect.height < size * _LINE_ROOM:
            return []
        x0, x1 = self._room(rect)
        weight: Weight = "bold" if band.is_mine else "regular"
        whole = self.name_of(band)
        name = self.writer.clipped(whole, x1 - x0, size, weight)
        if len(name.rstrip(ELLIPSIS)) < min(2, len(whole)):
            return []
        return [self.writer.text(name, x0, rect.middle, size, ink, weight=weight, role="name")]

    def is_named(self, placed: Placed) -> bool:
        return any(text.text == self.name_of(placed.band) for text in self.names(placed, self.theme.ink))

    def _room(self, rect: Rect) -> tuple[float, float]:
        """Where a name may stand: on the side of the now-line that has more room."""
        x0, x1 = rect.x0 + STRIPE + PADDING, rect.x1 - PADDING
        now = self.axis.x(self.now)
        if not (self.axis.window.contains(self.now) and rect.x0 < now < rect.x1):
            return x0, x1
        left, right = (x0, min(x1, now - PADDING)), (max(x0, now + PADDING), x1)
        return max(right, left, key=lambda room: room[1] - room[0])

    def _promise(self, placed: Placed) -> list[Shape]:
        band, rect, corners = placed.band, placed.rect, placed.corners
        pure = hue(band.member)
        fill = pure if band.is_mine else mix(pure, self.theme.track, self.theme.tint)
        shapes: list[Shape] = [Box(rect, fill, corners, role="band")]
        if not band.is_mine:
            stripe = rect.between(rect.x0, min(rect.x1, rect.x0 + STRIPE))
            narrow = rect.width <= STRIPE + corners.right
            shapes.append(Box(stripe, pure, Corners(corners.left, corners.right if narrow else 0.0), role="stripe"))
        ink = legible_on(fill)
        return [*shapes, *self.names(placed, ink), *self._end(placed, mix(ink, fill, 0.72))]

    def _end(self, placed: Placed, ink: Colour) -> list[Text]:
        """When it ends, at its end, where the name leaves room enough for it."""
        rect, window = placed.rect, placed.band.window
        names = self.names(placed, ink)
        if not names or names[0].size < BODY or window.end > self.axis.window.end:
            return []
        clock = f"{window.end.astimezone(self.axis.zone):%H:%M}"
        end = self.writer.text(clock, rect.x1 - PADDING - 1, rect.middle, SMALL, ink, anchor="right", role="end")
        return [end] if self.is_named(placed) and end.rect.x0 > names[0].rect.x1 + 2 * PADDING else []

    def _offer(self, placed: Placed) -> list[Shape]:
        pure = hue(placed.band.member)
        box = Box(placed.rect, self.theme.track, placed.corners, outline=pure, role="band")
        return [box, *self.names(placed, self.theme.ink)]

    @property
    def _blocked_fill(self) -> Colour:
        return mix(self.theme.blocked, self.theme.track, 0.22)

    @property
    def _blocked_stripe(self) -> Colour:
        return mix(self.theme.blocked, self.theme.track, 0.6)

    def _maintenance(self, placed: Placed) -> list[Shape]:
        rect = placed.rect
        shapes: list[Shape] = [
            Box(rect, self._blocked_fill, placed.corners, role="band"),
            Hatch(rect, self._blocked_stripe, placed.corners, role="maintenance"),
        ]
        for name in self.names(placed, self.theme.ink):
            half = name.size * 0.6
            plate = Rect(name.rect.x0 - 3, rect.middle - half, name.rect.x1 + 3, rect.middle + half)
            shapes += [Box(plate, self._blocked_fill, Corners(3, 3), role="plate"), name]
        return shapes


def unnamed(placed: Sequence[Placed], painter: BandPainter) -> list[Entry]:
    """For the legend: whose whole name is written nowhere in the picture, in order of appearance."""
    written = {painter.name_of(p.band) for p in placed if painter.is_named(p)}
    entries = dict.fromkeys(painter.entry(p.band) for p in placed)
    return [entry for entry in entries if entry.name not in written]
