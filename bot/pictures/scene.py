"""A picture before it is drawn: shapes with their places in points, in the order in which they are painted.

A point is a pixel of a phone that shows the picture 400 points wide; SCALE pixels are painted for each.
`role` says what a shape is for ("band", "now", ...): tests ask for it, the painter does not.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from bot.pictures.palette import Colour

WIDTH = 400.0  # points, of every picture
MARGIN = 16.0
# Four sizes of text, in points: each is an open font, and a phone wants no smaller one.
TITLE, HEADING, BODY, SMALL = 20.0, 15.0, 12.5, 11.0
SCALE = 3  # pixels a point: 1200 pixels wide, sharp on every phone and below Telegram's 1280

Anchor = Literal["left", "middle", "right"]
Weight = Literal["regular", "bold"]


@dataclass(frozen=True)
class Rect:
    """`x1` and `y1` are not part of it; y grows downwards."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def width(self) -> float:
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        return self.y1 - self.y0

    @property
    def middle(self) -> float:
        """Half way down."""
        return (self.y0 + self.y1) / 2

    def overlaps(self, other: Rect) -> bool:
        return self.x0 < other.x1 and other.x0 < self.x1 and self.y0 < other.y1 and other.y0 < self.y1

    def contains(self, other: Rect, slack: float = 0.0) -> bool:
        return (
            self.x0 - slack <= other.x0
            and self.y0 - slack <= other.y0
            and other.x1 <= self.x1 + slack
            and other.y1 <= self.y1 + slack
        )

    def between(self, x0: float, x1: float) -> Rect:
        """The same height, from `x0` to `x1`."""
        return Rect(x0, self.y0, x1, self.y1)


@dataclass(frozen=True)
class Corners:
    """How round the left and the right corners are, in points: a band that goes on past the edge is cut straight."""

    left: float = 0.0
    right: float = 0.0


SQUARE = Corners()


@dataclass(frozen=True)
class Box:
    """A filled rectangle. `opacity` below 1 lets what is under it show through; `outline` is inside the edge."""

    rect: Rect
    fill: Colour
    corners: Corners = SQUARE
    opacity: float = 1.0
    outline: Colour | None = None
    role: str = ""


@dataclass(frozen=True)
class Hatch:
    """Slanted stripes over a rectangle: maintenance, or nothing known."""

    rect: Rect
    stripe: Colour
    corners: Corners = SQUARE
    gap: float = 5.0  # between stripes, along x
    thickness: float = 1.6
    role: str = ""


@dataclass(frozen=True)
class Area:
    """A filled polygon: a series over time."""

    points: tuple[tuple[float, float], ...]
    fill: Colour
    opacity: float = 1.0
    role: str = ""


@dataclass(frozen=True)
class Text:
    """A line of text. `x` is where `anchor` says, `y` the middle of its capitals; `width` was measured."""

    text: str
    x: float
    y: float
    size: float
    colour: Colour
    width: float
    weight: Weight = "regular"
    anchor: Anchor = "left"
    role: str = ""

    @property
    def rect(self) -> Rect:
        """The space of a line without descenders: capitals and Chinese characters fill it."""
        start = self.x - {"left": 0.0, "middle": self.width / 2, "right": self.width}[self.anchor]
        return Rect(start, self.y - self.size / 2, start + self.width, self.y + self.size / 2)


Shape = Box | Hatch | Area | Text


@dataclass(frozen=True)
class Scene:
    height: float
    paper: Colour
    shapes: tuple[Shape, ...] = field(default=())
    width: float = WIDTH

    def texts(self, role: str) -> list[Text]:
        return [shape for shape in self.shapes if isinstance(shape, Text) and shape.role == role]

    def boxes(self, role: str) -> list[Box]:
        return [shape for shape in self.shapes if isinstance(shape, Box) and shape.role == role]


def bottom(shapes: Iterable[Shape]) -> float:
    """The lowest edge of any shape, in points; 0 for none."""
    return max((_bottom(shape) for shape in shapes), default=0.0)


def _bottom(shape: Shape) -> float:
    if isinstance(shape, Area):
        return max(y for _, y in shape.points)
    return shape.rect.y1
