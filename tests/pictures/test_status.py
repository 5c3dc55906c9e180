"""The last day of each card: what is not known has its own look, and is never zero."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.window import Window
from bot.pictures.palette import LIGHT
from bot.pictures.scene import Area, Hatch, Rect, Scene
from bot.pictures.status import StatusRow, status_scene, status_window
from bot.pictures.timeline import Axis
from bot.pictures.usage import Use, columns, load_of, runs
from tests.pictures.paper import HOUR, NOW, SHANGHAI, band, words_of_status, writer

STEP = timedelta(minutes=5)


def uses(*pieces: tuple[float, float, float | None, float | None]) -> tuple[Use, ...]:
    """(from hours before now, to hours before now, load, memory) as readings every five minutes."""
    found = []
    for start, end, load, memory in pieces:
        at = NOW - start * HOUR
        while at < NOW - end * HOUR:
            found.append(Use(at, load, memory))
            at += STEP
    return tuple(found)


def scene(*readings: Use, **values: object) -> Scene:
    row = StatusRow("gpu0", "A100 80GB", (band(-6, 4),), readings, STEP, 80 << 30)
    return status_scene([row], NOW, SHANGHAI, words_of_status(), LIGHT, writer())


def areas(drawn: Scene, role: str) -> list[Area]:
    return [shape for shape in drawn.shapes if isinstance(shape, Area) and shape.role == role]


def gaps(drawn: Scene) -> list[Rect]:
    return [shape.rect for shape in drawn.shapes if isinstance(shape, Hatch) and shape.role == "gap"]


def hours_of(width: float) -> float:
    return width / 368 * 26


def test_unknown_is_a_gap_and_zero_is_a_line() -> None:
    drawn = scene(*uses((24, 12, 0, 0.1), (12, 6, None, None), (6, 0, 90, 0.5)))
    (gap,) = gaps(drawn)
    assert hours_of(gap.width) == pytest.approx(6, abs=0.15)
    idle, busy = areas(drawn, "load")
    assert max(y for _, y in idle.points) - min(y for _, y in idle.points) > 0.5  # seen, though zero
    assert hours_of(idle.points[-1][0] - idle.points[0][0]) == pytest.approx(12, abs=0.15)
    assert hours_of(busy.points[-1][0] - busy.points[0][0]) == pytest.approx(6, abs=0.15)


def test_readings_that_are_missing_are_unknown_too() -> None:
    drawn = scene(*uses((24, 20, 50, 0.5), (10, 0, 50, 0.5)))
    (gap,) = gaps(drawn)
    assert hours_of(gap.width) == pytest.approx(10, abs=0.15)


def test_with_nothing_read_all_is_gap_and_nothing_is_claimed() -> None:
    drawn = scene()
    assert areas(drawn, "load") == areas(drawn, "memory") == []
    assert hours_of(gaps(drawn)[0].width) == pytest.approx(24, abs=0.1)
    assert [text.text for text in drawn.texts("value")] == ["no data"]


def test_memory_unknown_while_the_load_is_known() -> None:
    drawn = scene(*uses((24, 0, 40, None)))
    assert gaps(drawn) == areas(drawn, "memory") == []
    assert [text.text for text in drawn.texts("value")] == ["memory unknown", "40%"]


def test_an_old_reading_says_nothing_about_now() -> None:
    assert [text.text for text in scene(*uses((24, 1, 40, 0.5))).texts("value")] == ["no data"]
    assert [text.text for text in scene(*uses((24, 0, 40, 0.5))).texts("value")] == ["40 / 80 GiB", "40%"]


def test_what_is_to_come_is_no_gap() -> None:
    drawn = scene(*uses((24, 0, 40, 0.5)))
    now = drawn.boxes("now")[0].rect
    assert gaps(drawn) == []
    assert all(x <= (now.x0 + now.x1) / 2 + 0.01 for shape in areas(drawn, "load") for x, _ in shape.points)


@settings(max_examples=60)
@given(st.lists(st.one_of(st.none(), st.floats(0, 100)), min_size=1, max_size=288))
def test_a_column_is_known_exactly_where_something_was_read(values: list[float | None]) -> None:
    axis = Axis(status_window(NOW), 0.0, 312.0, SHANGHAI)  # a reading is one column wide
    readings = [Use(NOW - 24 * HOUR + i * STEP, value, None) for i, value in enumerate(values)]
    series = columns(readings, STEP, axis, NOW, load_of)
    expected = [value is not None for value in values] + [False] * (288 - len(values))
    assert [column.value is not None for column in series] == expected
    for column, value in zip(series, values, strict=False):
        assert value is None or column.value == pytest.approx(value / 100)
    lengths = [len(run) for known in (True, False) for run in runs(series, known)]
    assert sum(lengths) == 288


def test_use_stays_in_its_panel_and_promises_above_it() -> None:
    drawn = scene(*uses((24, 0, 100, 1.0)))
    (panel,) = drawn.boxes("track")
    for shape in areas(drawn, "load") + areas(drawn, "memory"):
        xs, ys = [x for x, _ in shape.points], [y for _, y in shape.points]
        assert panel.rect.contains(Rect(min(xs), min(ys), max(xs), max(ys)), slack=0.01)
    assert min(y for shape in areas(drawn, "load") for _, y in shape.points) > drawn.boxes("band")[0].rect.y1


def test_a_day_back_and_a_little_ahead() -> None:
    assert status_window(NOW) == Window(NOW - 24 * HOUR, NOW + 2 * HOUR)
