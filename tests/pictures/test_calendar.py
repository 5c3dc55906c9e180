"""Where things are in the calendar: looked at as a list of shapes, with letters of a known width."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.window import Window
from bot.pictures.bands import Band, BandKind
from bot.pictures.calendar import CalendarRow, calendar_scene
from bot.pictures.palette import DARK, LIGHT, hue
from bot.pictures.scene import MARGIN, WIDTH, Hatch, Rect, Scene
from bot.pictures.timeline import calendar_window
from tests.pictures.paper import HOUR, NOW, SHANGHAI, band, share, words, writer

NAMES = ("Lei", "王小明", "Maximilian Schwarzenberger", "欧阳娜娜", "X")


def scene(*rows: CalendarRow, days: int = 3, language: str = "en") -> Scene:
    window = calendar_window(NOW, SHANGHAI, days)
    return calendar_scene(rows, window, NOW, SHANGHAI, words(language), LIGHT, writer())


@st.composite
def card_bands(draw: st.DrawFn) -> tuple[Band, ...]:
    """What a ledger may hold on one card: bookings one after another, or some shares at once."""
    bands, at = [], NOW - draw(st.integers(0, 2000)) * timedelta(minutes=1)
    for _ in range(draw(st.integers(0, 8))):
        at += draw(st.integers(0, 1500)) * timedelta(minutes=1)
        length = draw(st.integers(10, 4000)) * timedelta(minutes=1)
        member = draw(st.integers(0, len(NAMES) - 1))
        kind = draw(st.sampled_from(list(BandKind)))
        if kind is BandKind.SHARE:
            fractions = draw(st.lists(st.floats(0.02, 0.3), min_size=1, max_size=3))
            window = Window.lasting(at, length)
            bands += [Band(window, NAMES[member], kind, fraction, member == 0, member) for fraction in fractions]
        else:
            bands.append(Band(Window.lasting(at, length), NAMES[member], kind, 1.0, member == 0, member))
        at += length
    return tuple(bands)


@settings(max_examples=60)
@given(st.lists(card_bands(), max_size=5), st.sampled_from([1, 3, 7]), st.sampled_from(["en", "zh"]))
def test_nothing_runs_over(cards: list[tuple[Band, ...]], days: int, language: str) -> None:
    rows = [CalendarRow(f"gpu{i}", "RTX 6000 Ada Generation", bands) for i, bands in enumerate(cards)]
    drawn = scene(*rows, days=days, language=language)
    page = Rect(0, 0, WIDTH, drawn.height)
    bands = [box.rect for box in drawn.boxes("band")]
    tracks = [box.rect for box in drawn.boxes("track")]
    assert all(not a.overlaps(b) for i, a in enumerate(bands) for b in bands[:i])
    assert all(any(track.contains(one, slack=0.01) for track in tracks) for one in bands)
    for text in drawn.texts("name") + drawn.texts("end"):
        assert any(one.contains(text.rect, slack=0.01) for one in bands), text
    for role in ("title", "count", "card", "model", "status", "day", "hour", "now-label", "legend"):
        texts = [text.rect for text in drawn.texts(role)]
        assert all(page.contains(rect, slack=0.01) for rect in texts)
    apart = [
        t.rect for role in ("card", "model", "status", "day", "hour", "now-label", "legend") for t in drawn.texts(role)
    ]
    assert all(not a.overlaps(b) for i, a in enumerate(apart) for b in apart[:i])
    words_in_bands = [t.rect for t in drawn.texts("name") + drawn.texts("end")]
    assert all(not a.overlaps(b) for i, a in enumerate(words_in_bands) for b in words_in_bands[:i])


def test_now_is_where_the_clock_says() -> None:
    drawn = scene(CalendarRow("gpu0", "A100"))
    (line,) = drawn.boxes("now")
    # 12:00 today to midnight after the third day are 60 hours; now is 2 h 5 min into them.
    expected = MARGIN + (2 + 5 / 60) / 60 * (WIDTH - 2 * MARGIN)
    assert (line.rect.x0 + line.rect.x1) / 2 == pytest.approx(expected)
    assert drawn.texts("now-label")[0].text == "now 14:05"


def test_there_is_no_line_when_now_is_outside() -> None:
    later = Window.lasting(NOW + 24 * HOUR, 24 * HOUR)
    drawn = calendar_scene([CalendarRow("gpu0", "A100")], later, NOW, SHANGHAI, words(), LIGHT, writer())
    assert drawn.boxes("now") == drawn.boxes("past") == drawn.texts("now-label") == []


def test_names_are_not_written_across_the_line_of_now() -> None:
    drawn = scene(CalendarRow("gpu0", "A100", (band(-1, 30, "Maximilian Schwarzenberger"),)))
    (name,), (line,) = drawn.texts("name"), drawn.boxes("now")
    assert not name.rect.overlaps(line.rect)


def test_touching_bookings_have_a_gap_and_keep_their_times() -> None:
    drawn = scene(CalendarRow("gpu0", "A100", (band(1, 10, "A"), band(11, 10, "B"))))
    first, second = (box.rect for box in drawn.boxes("band"))
    assert 0 < second.x0 - first.x1 <= 1


def test_a_name_without_room_is_in_the_legend() -> None:
    drawn = scene(CalendarRow("gpu0", "A100", (band(1, 1, "王小明"), band(3, 40, "Lei"))))
    assert [text.text for text in drawn.texts("name")] == ["Lei"]
    assert [text.text for text in drawn.texts("legend")] == ["王小明"]


def test_a_clipped_name_says_so_and_is_whole_in_the_legend() -> None:
    drawn = scene(CalendarRow("gpu0", "A100", (band(1, 10, "Maximilian Schwarzenberger"),)))
    (name,) = drawn.texts("name")
    assert name.text.endswith("…")
    assert [text.text for text in drawn.texts("legend")] == ["Maximilian Schwarzenberger"]


def test_a_share_is_as_high_as_its_part_of_the_memory() -> None:
    drawn = scene(CalendarRow("gpu0", "A100", (share(1, 10, 0.5), share(1, 10, 0.25, "B", 1))))
    half, quarter = sorted(drawn.boxes("band"), key=lambda box: -box.rect.height)
    (track,) = drawn.boxes("track")
    assert half.rect.height == pytest.approx(track.rect.height / 2, abs=1.01)
    assert quarter.rect.height == pytest.approx(track.rect.height / 4, abs=1.01)


def test_ones_own_band_is_the_pure_colour_and_others_are_tinted() -> None:
    drawn = scene(CalendarRow("gpu0", "A100", (band(1, 9, member=3, is_mine=True), band(11, 9, member=3))))
    mine, other = drawn.boxes("band")
    assert mine.fill == hue(3) != other.fill
    assert [stripe.fill for stripe in drawn.boxes("stripe")] == [hue(3)]


def test_maintenance_is_hatched_and_named() -> None:
    drawn = scene(CalendarRow("gpu0", "A100", (band(1, 30, "", kind=BandKind.MAINTENANCE),)), language="zh")
    assert any(isinstance(shape, Hatch) and shape.role == "maintenance" for shape in drawn.shapes)
    assert [text.text for text in drawn.texts("name")] == ["维护"]


@pytest.mark.parametrize(
    ("bands", "english", "chinese"),
    [
        ((), "free", "空闲"),
        ((band(2, 4),), "free until 16:05", "空闲到 16:05"),
        ((band(-1, 4),), "Lei until 17:05", "Lei 用到 17:05"),
        ((band(-1, 48),), "Lei until Fri 13:05", "Lei 用到 周五 13:05"),
        ((band(-1, 24 * 9),), "Lei until Fri 4 Dec 13:05", "Lei 用到 12月4日 周五 13:05"),
        ((band(-1, 2, kind=BandKind.OFFER),), "offered to Lei", "正在询问 Lei"),
        ((share(-1, 4, 0.25), share(-1, 4, 0.5)), "shared, 25% free", "共享中，剩 25%"),
        ((band(-1, 4, "", kind=BandKind.MAINTENANCE),), "maintenance until 17:05", "维护到 17:05"),
        ((band(-1, 1),), "free", "空闲"),  # ended this very moment
    ],
)
def test_the_line_over_a_card(bands: tuple[Band, ...], english: str, chinese: str) -> None:
    row = CalendarRow("gpu0", "A100", bands)
    assert [text.text for text in scene(row).texts("status")] == [english]
    assert [text.text for text in scene(row, language="zh").texts("status")] == [chinese]


def test_a_name_may_have_braces() -> None:
    drawn = scene(CalendarRow("gpu0", "A100", (band(-1, 4, "{end} {0} {"),)))
    assert [text.text for text in drawn.texts("status")] == ["{end} {0} { until 17:05"]


def test_free_cards_are_counted() -> None:
    drawn = scene(CalendarRow("gpu0", "A100"), CalendarRow("gpu1", "A100", (band(-1, 4),)))
    assert [text.text for text in drawn.texts("count")] == ["1 of 2 free now"]


def test_without_cards_it_says_so() -> None:
    drawn = calendar_scene([], calendar_window(NOW, SHANGHAI, 3), NOW, SHANGHAI, words(), DARK, writer())
    assert "No cards known yet" in [text.text for text in drawn.texts("")]
