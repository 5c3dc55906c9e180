"""Paints a scene with Pillow and gives back a PNG.

Pillow draws text smoothly but shapes with hard edges, so each shape that is not a plain rectangle is drawn as a mask
four times too large, shrunk, and its colour pasted through it.
"""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

from PIL import Image, ImageDraw

from bot.pictures.fonts import Fonts
from bot.pictures.palette import Colour
from bot.pictures.scene import SCALE, Area, Box, Corners, Hatch, Rect, Scene, Text

TELEGRAM_LIMIT = 10_000  # pixels, width and height of a photo added up
_SMOOTH = 4
_OPAQUE = 255
# Capitals and Chinese characters of the font are about 0.73 em high and stand on the baseline or a little below it.
_HALF_A_CAPITAL = 0.365
_ANCHORS = {"left": "ls", "middle": "ms", "right": "rs"}

Pixels = tuple[int, int, int, int]


def scale_for(scene: Scene) -> float:
    """Pixels a point: 3, or less where a very long picture would be more than Telegram takes."""
    return min(SCALE, (TELEGRAM_LIMIT - 2) / (scene.width + scene.height))


def paint(scene: Scene, fonts: Fonts) -> bytes:
    """PNG, no transparency: it looks the same on a light and a dark chat background."""
    scale = scale_for(scene)
    image = Image.new("RGB", (round(scene.width * scale), round(scene.height * scale)), scene.paper)
    painter = _Painter(image, fonts, scale)
    for shape in scene.shapes:
        if isinstance(shape, Text):
            painter.text(shape)
        elif isinstance(shape, Box):
            painter.box(shape)
        elif isinstance(shape, Hatch):
            painter.hatch(shape)
        else:
            painter.area(shape)
    buffer = BytesIO()
    # All colours: of few (`quantize`) it would be a third of the size, but takes 40 MB of memory, or makes white and
    # the paper one colour. Level 9 takes four times as long for 4 % less.
    image.save(buffer, "PNG", compress_level=4)
    return buffer.getvalue()


class _Painter:
    def __init__(self, image: Image.Image, fonts: Fonts, scale: float) -> None:
        self._image = image
        self._draw = ImageDraw.Draw(image)
        self._fonts = fonts
        self._scale = scale

    def text(self, text: Text) -> None:
        size = text.size * self._scale
        baseline = text.y * self._scale + size * _HALF_A_CAPITAL
        place = (text.x * self._scale, round(baseline))
        face = self._fonts.face(size, text.weight)
        self._draw.text(place, text.text, fill=text.colour, font=face, anchor=_ANCHORS[text.anchor])

    def box(self, box: Box) -> None:
        pixels = self._pixels(box.rect)
        if box.outline is not None:
            self._rounded(pixels, box.outline, box.corners, box.opacity)
            edge = round(self._scale * 1.2)
            left, top, right, low = pixels
            pixels = (left + edge, top + edge, max(left + edge + 1, right - edge), max(top + edge + 1, low - edge))
        self._rounded(pixels, box.fill, box.corners, box.opacity)

    def hatch(self, hatch: Hatch) -> None:
        left, top, right, low = self._pixels(hatch.rect)
        step, thick = hatch.gap * self._scale * _SMOOTH, max(1, round(hatch.thickness * self._scale * _SMOOTH))

        def stripes(mask: ImageDraw.ImageDraw, width: int, height: int) -> None:
            # Counted from the picture's edge, so that two neighbouring hatches run on into each other.
            x = -((left * _SMOOTH) % step) - height
            while x < width:
                mask.line((x, height, x + height, 0), fill=_OPAQUE, width=thick)
                x += step

        self._through_mask((left, top, right, low), hatch.stripe, stripes, hatch.corners)

    def area(self, area: Area) -> None:
        xs, ys = [x for x, _ in area.points], [y for _, y in area.points]
        left, top, right, low = self._pixels(Rect(min(xs), min(ys), max(xs), max(ys)))
        factor = self._scale * _SMOOTH
        points = [(x * factor - left * _SMOOTH, y * factor - top * _SMOOTH) for x, y in area.points]

        def polygon(mask: ImageDraw.ImageDraw, _width: int, _height: int) -> None:
            mask.polygon(points, fill=round(_OPAQUE * area.opacity))

        self._through_mask((left, top, right, low), area.fill, polygon)

    def _rounded(self, pixels: Pixels, fill: Colour, corners: Corners, opacity: float) -> None:
        if opacity >= 1 and corners.left <= 0 and corners.right <= 0:
            left, top, right, low = pixels
            self._draw.rectangle((left, top, right - 1, low - 1), fill=fill)
            return

        def whole(mask: ImageDraw.ImageDraw, width: int, height: int) -> None:
            mask.rectangle((0, 0, width, height), fill=round(_OPAQUE * opacity))

        self._through_mask(pixels, fill, whole, corners)

    def _through_mask(
        self,
        pixels: Pixels,
        fill: Colour,
        draw: Callable[[ImageDraw.ImageDraw, int, int], None],
        corners: Corners | None = None,
    ) -> None:
        """Paste the colour where `draw` paints white on a mask of this place, inside the rounded corners."""
        left, top, right, low = pixels
        width, height = (right - left) * _SMOOTH, (low - top) * _SMOOTH
        mask = Image.new("L", (width, height), 0)
        draw(ImageDraw.Draw(mask), width, height)
        if corners is not None:
            self._cut_corners(mask, corners)
        self._image.paste(fill, (left, top, right, low), mask.reduce(_SMOOTH))

    def _cut_corners(self, mask: Image.Image, corners: Corners) -> None:
        """Clear the four corners outside their quarter circles."""
        width, height = mask.size
        for radius_points, is_left in ((corners.left, True), (corners.right, False)):
            radius = min(round(radius_points * self._scale * _SMOOTH), width // 2, height // 2)
            if radius <= 0:
                continue
            corner = _corner(radius)
            x = 0 if is_left else width - radius
            top = corner if is_left else corner.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
            mask.paste(0, (x, 0), top)
            mask.paste(0, (x, height - radius), top.transpose(Image.Transpose.FLIP_TOP_BOTTOM))

    def _pixels(self, rect: Rect) -> Pixels:
        """Whole pixels, at least one each way: an hour in a month is still seen."""
        left, top = round(rect.x0 * self._scale), round(rect.y0 * self._scale)
        right, low = round(rect.x1 * self._scale), round(rect.y1 * self._scale)
        return left, top, max(right, left + 1), max(low, top + 1)


def _corner(radius: int) -> Image.Image:
    """White where the upper left corner has to go: outside the quarter circle."""
    corner = Image.new("L", (radius, radius), _OPAQUE)
    ImageDraw.Draw(corner).ellipse((0, 0, 2 * radius, 2 * radius), fill=0)
    return corner
