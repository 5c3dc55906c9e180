"""Colours: two themes, and one hue per member that people with any kind of colour vision can tell apart."""

from __future__ import annotations

from dataclasses import dataclass

Colour = tuple[int, int, int]

# Eight hues out of Okabe and Ito's and Paul Tol's sets, chosen by search so that the nearest two are 22 apart in CIE
# Lab for normal, protan, deutan and tritan eyes alike; `tests/pictures/test_palette.py` measures it. They differ in
# lightness as much as in hue. A name stands in every band that has room, and else in the legend.
_HUES = ("#88CCEE", "#E69F00", "#5E3C99", "#117733", "#EE6677", "#DDCC77", "#882255", "#8F7FE8")


def colour(text: str) -> Colour:
    """ "#0072B2" as three numbers from 0 to 255."""
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


HUES = tuple(colour(hue) for hue in _HUES)


@dataclass(frozen=True)
class Theme:
    """What a picture is drawn in. `tint`: how much of a member's hue is in a band that is not one's own."""

    paper: Colour
    ink: Colour
    muted: Colour
    track: Colour
    night: Colour
    line: Colour
    now: Colour
    free: Colour
    blocked: Colour
    load: Colour
    memory: Colour
    tint: float


LIGHT = Theme(
    paper=colour("#F7F6F3"),
    ink=colour("#1D2330"),
    muted=colour("#626A78"),
    track=colour("#FFFFFF"),
    night=colour("#EDEDF4"),
    line=colour("#D8D7D6"),
    now=colour("#D81E3A"),
    free=colour("#0B7A53"),
    blocked=colour("#8A8F9A"),
    load=colour("#2F4B7C"),
    memory=colour("#7A57A3"),
    tint=0.42,
)

DARK = Theme(
    paper=colour("#171B23"),
    ink=colour("#EEF1F6"),
    muted=colour("#9AA4B5"),
    track=colour("#262C38"),
    night=colour("#1D222C"),
    line=colour("#3A4250"),
    now=colour("#FF5C72"),
    free=colour("#4CD29A"),
    blocked=colour("#79828F"),
    load=colour("#7FA8E8"),
    memory=colour("#B797DD"),
    tint=0.42,
)


def hue(member: int) -> Colour:
    """A member's colour, the same in every picture. Ids are given out in order, so the first eight differ."""
    return HUES[member % len(HUES)]


def mix(a: Colour, b: Colour, share_of_a: float) -> Colour:
    """`share_of_a` of the first colour over the second."""
    return (
        round(a[0] * share_of_a + b[0] * (1 - share_of_a)),
        round(a[1] * share_of_a + b[1] * (1 - share_of_a)),
        round(a[2] * share_of_a + b[2] * (1 - share_of_a)),
    )


def contrast(a: Colour, b: Colour) -> float:
    """WCAG's contrast ratio, 1 to 21; text wants 4.5."""
    lighter, darker = sorted((_luminance(a), _luminance(b)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def legible_on(fill: Colour) -> Colour:
    """Near-black or white, whichever reads better on this fill."""
    return max((colour("#11151D"), colour("#FFFFFF")), key=lambda text: contrast(text, fill))


def _luminance(of: Colour) -> float:
    red, green, blue = (_linear(channel / 255) for channel in of)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)
