"""Puts text into a scene: measured, clipped with an ellipsis where it would run over."""

from __future__ import annotations

from typing import Protocol

from bot.pictures.palette import Colour
from bot.pictures.scene import SCALE, Anchor, Text, Weight

ELLIPSIS = "…"


class Measure(Protocol):
    """What layout asks of `bot.pictures.fonts.Fonts`, sizes in pixels: tests give it one that needs no font files."""

    def width(self, text: str, size: float, weight: Weight = "regular") -> float: ...
    def readable(self, text: str, latin: str = "") -> str: ...


class Writer:
    """Writes in one set of fonts; all sizes and places are in points."""

    def __init__(self, fonts: Measure) -> None:
        self._fonts = fonts
        self._widths: dict[tuple[str, float, Weight], float] = {}  # one picture measures the same names many times

    def width(self, text: str, size: float, weight: Weight = "regular") -> float:
        key = (text, size, weight)
        if key not in self._widths:
            self._widths[key] = self._fonts.width(text, size * SCALE, weight) / SCALE
        return self._widths[key]

    def readable(self, text: str, latin: str = "") -> str:
        return self._fonts.readable(text, latin)

    def clipped(self, text: str, room: float, size: float, weight: Weight = "regular") -> str:
        """As much of the text as fits, with an ellipsis if some is left out; "" if not even one character fits."""
        if self.width(text, size, weight) <= room:
            return text
        for length in range(len(text) - 1, 0, -1):
            shorter = text[:length].rstrip() + ELLIPSIS
            if self.width(shorter, size, weight) <= room:
                return shorter
        return ""

    def text(
        self,
        text: str,
        x: float,
        y: float,
        size: float,
        colour: Colour,
        *,
        weight: Weight = "regular",
        anchor: Anchor = "left",
        role: str = "",
    ) -> Text:
        return Text(text, x, y, size, colour, self.width(text, size, weight), weight, anchor, role)
