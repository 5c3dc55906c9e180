"""The PNGs themselves: that they open, have the right size, and are light enough to send."""

from __future__ import annotations

import random
from datetime import timedelta
from io import BytesIO

import pytest
from PIL import Image

from bot.domain.window import Window
from bot.pictures.bands import Band, BandKind
from bot.pictures.calendar import CalendarRow, draw_calendar
from bot.pictures.canvas import TELEGRAM_LIMIT
from bot.pictures.fonts import Fonts, standard_fonts
from bot.pictures.palette import DARK, LIGHT, Theme
from bot.pictures.status import StatusRow, draw_status
from bot.pictures.timeline import calendar_window
from bot.pictures.usage import Use
from tests.pictures.paper import HOUR, NOW, SHANGHAI, words, words_of_status

STEP = timedelta(minutes=5)
TELEGRAM_RATIO = 20  # of the longer side to the shorter


@pytest.fixture(scope="module")
def fonts() -> Fonts:
    return standard_fonts()


def busy_bands(seed: int) -> tuple[Band, ...]:
    chance, bands, at = random.Random(seed), [], NOW - 30 * HOUR
    while at < NOW + 170 * HOUR:
        length, member = chance.choice([1, 3, 8, 20]) * HOUR, chance.randrange(12)
        kind = chance.choice(list(BandKind))
        bands.append(Band(Window.lasting(at, length), f"学生{member} Li", kind, 0.4, member == 2, member, f"s{member}"))
        at += length + chance.choice([0, 2]) * HOUR
    return tuple(bands)


def a_day_of_training(seed: int) -> tuple[Use, ...]:
    """Hours of load, of idleness and of nothing known, with the ups and downs of a real run."""
    chance = random.Random(seed)
    uses = []
    for hour in range(24):
        state = chance.choice(["busy", "busy", "idle", "unknown"])
        for minute in range(0, 60, 5):
            at = NOW - (24 - hour) * HOUR + timedelta(minutes=minute)
            load = {"busy": chance.uniform(70, 100), "idle": 0.0, "unknown": None}[state]
            uses.append(Use(at, load, None if state == "unknown" else 0.6 + chance.uniform(0, 0.02)))
    return tuple(uses)


def opened(png: bytes, most_bytes: int = 300_000) -> Image.Image:
    assert len(png) < most_bytes
    image = Image.open(BytesIO(png))
    image.load()
    assert image.format == "PNG"
    assert sum(image.size) <= TELEGRAM_LIMIT
    assert max(image.size) <= TELEGRAM_RATIO * min(image.size)
    return image


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize(("cards", "days"), [(0, 3), (3, 3), (8, 3), (8, 7)])
def test_a_calendar_can_be_sent(cards: int, days: int, theme: Theme, fonts: Fonts) -> None:
    rows = [CalendarRow(f"gpu{i}", "A100 80GB", busy_bands(i)) for i in range(cards)]
    window = calendar_window(NOW, SHANGHAI, days)
    image = opened(draw_calendar(rows, window, NOW, SHANGHAI, words("zh"), theme, fonts))
    assert image.width == 1200
    assert image.convert("RGB").getpixel((2, 2)) == pytest.approx(theme.paper, abs=2)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("cards", [0, 3, 8])
def test_a_status_picture_can_be_sent(cards: int, theme: Theme, fonts: Fonts) -> None:
    uses = a_day_of_training(cards)
    rows = [StatusRow(f"gpu{i}", "A100 80GB", busy_bands(i), uses, STEP, 80 << 30) for i in range(cards)]
    opened(draw_status(rows, NOW, SHANGHAI, words_of_status("zh"), theme, fonts), most_bytes=350_000)


def test_a_very_long_picture_is_drawn_smaller(fonts: Fonts) -> None:
    rows = [CalendarRow(f"gpu{i}", "A100") for i in range(64)]
    window = calendar_window(NOW, SHANGHAI, 3)
    image = opened(draw_calendar(rows, window, NOW, SHANGHAI, words(), LIGHT, fonts), most_bytes=900_000)
    assert image.width < 1200
