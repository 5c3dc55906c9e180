"""Colours: members can be told apart with any kind of colour vision, and every text can be read."""

from __future__ import annotations

from itertools import combinations

import pytest

from bot.pictures.palette import DARK, HUES, LIGHT, Colour, Theme, contrast, hue, legible_on, mix

Matrix = tuple[tuple[float, float, float], ...]

# Machado, Oliveira and Fernandes (2009), severity 1.0, in linear RGB.
VISION: dict[str, Matrix] = {
    "normal": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritan": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}


def lab(colour: Colour, seen_by: Matrix) -> tuple[float, float, float]:
    """CIE Lab (D65) of how that eye sees it."""
    linear = [c / 255 / 12.92 if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in colour]
    red, green, blue = (min(1.0, max(0.0, sum(a * b for a, b in zip(row, linear, strict=True)))) for row in seen_by)
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883
    fx, fy, fz = (v ** (1 / 3) if v > 0.008856 else 7.787 * v + 16 / 116 for v in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


@pytest.mark.parametrize("vision", VISION)
def test_members_differ_for_every_eye(vision: str) -> None:
    seen = [lab(colour, VISION[vision]) for colour in HUES]
    nearest = min(sum((p - q) ** 2 for p, q in zip(a, b, strict=True)) ** 0.5 for a, b in combinations(seen, 2))
    assert nearest > 22


def test_a_member_keeps_their_colour() -> None:
    assert [hue(member) for member in range(8)] == list(HUES)
    assert hue(3) == hue(11)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_every_text_can_be_read(theme: Theme) -> None:
    for ink in (theme.ink, theme.muted, theme.free, theme.load, theme.memory):
        assert contrast(ink, theme.paper) >= 4.5, ink
    for ink in (theme.ink, theme.muted):
        assert contrast(ink, theme.track) >= 4.5
    for colour in HUES:
        for fill in (colour, mix(colour, theme.track, theme.tint)):
            assert contrast(legible_on(fill), fill) >= 4.5, fill
    assert contrast(legible_on(theme.now), theme.now) >= 4.5
