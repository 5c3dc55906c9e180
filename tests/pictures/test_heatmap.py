"""The week's heat map: unknown never looks idle, nothing runs over, the busiest hour is marked once."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from PIL import Image

from bot.pictures.heatmap import HeatRow, busiest_hour, draw_heatmap, heat_words, heatmap_scene, mean_share
from bot.pictures.palette import DARK, LIGHT, Theme, contrast
from bot.pictures.scene import WIDTH, Box, Scene, Text
from bot.texts import LANGUAGES, Voice
from tests.pictures.paper import writer

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY = date(2026, 11, 16)
Shares = tuple[float | None, ...]


def week(*shares: Shares) -> list[HeatRow]:
    return [HeatRow(MONDAY + timedelta(days=n), row) for n, row in enumerate(shares)]


IDLE: Shares = (0.0,) * 24
UNKNOWN: Shares = (None,) * 24
WORKDAY: Shares = (*(0.0,) * 9, *(0.8,) * 8, 1.0, *(0.4,) * 6)


def scene(rows: list[HeatRow], language: str = "zh", theme: Theme = LIGHT) -> Scene:
    return heatmap_scene(rows, SHANGHAI, heat_words(Voice(language, SHANGHAI).plain), theme, writer())


def test_an_hour_that_was_not_read_is_striped_and_an_idle_one_is_not() -> None:
    drawn = scene(week(IDLE, UNKNOWN))
    assert len(drawn.boxes("cell")) == 24
    assert len(drawn.boxes("gap")) == 24
    assert len([shape for shape in drawn.shapes if shape.role == "no-data"]) == 24


def test_the_more_cards_were_in_use_the_further_from_the_paper() -> None:
    for theme in (LIGHT, DARK):
        cells = scene(week((*(n / 23 for n in range(24)),)), theme=theme).boxes("cell")
        steps = [contrast(cell.fill, theme.paper) for cell in cells]
        assert steps == sorted(steps)
        assert steps[0] > 1.05, "an idle hour is seen as one"


def test_the_busiest_hour_is_marked_once_and_a_dead_week_has_none() -> None:
    assert busiest_hour(week(IDLE, WORKDAY, WORKDAY)) == (MONDAY + timedelta(days=1), 17)
    assert len(scene(week(IDLE, WORKDAY, WORKDAY)).boxes("busiest")) == 1
    assert busiest_hour(week(IDLE, UNKNOWN)) is None
    assert scene(week(IDLE, UNKNOWN)).boxes("busiest") == []


def test_means_are_of_what_is_known() -> None:
    assert mean_share((None, 0.5, 1.0)) == 0.75
    assert mean_share(UNKNOWN) is None
    assert len(scene(week(WORKDAY, UNKNOWN)).texts("share")) == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_lies_outside_the_picture_or_over_another_text(language: str) -> None:
    drawn = scene(week(*[WORKDAY] * 7), language)
    texts = [shape for shape in drawn.shapes if isinstance(shape, Text)]
    for text in texts:
        assert text.rect.x0 >= 0
        assert text.rect.x1 <= WIDTH
    for one, other in ((a, b) for i, a in enumerate(texts) for b in texts[i + 1 :]):
        assert not one.rect.overlaps(other.rect), (one.text, other.text)
    assert all(box.rect.x1 <= WIDTH for box in drawn.shapes if isinstance(box, Box))


def test_it_is_a_png_for_a_phone() -> None:
    png = draw_heatmap(week(*[WORKDAY] * 7), SHANGHAI, heat_words(Voice("zh", SHANGHAI).plain))
    image = Image.open(BytesIO(png))
    assert (image.format, image.width) == ("PNG", 1200)
    assert len(png) < 300_000
