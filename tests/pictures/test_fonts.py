"""No name is ever shown as boxes: it is written, or spelt in Latin letters, and the log says what is missing."""

from __future__ import annotations

import logging

import pytest

from bot.pictures import fonts as module
from bot.pictures.fonts import Fonts, Source, from_package, from_system, standard_fonts

LATIN_ONLY = Source()


@pytest.fixture
def chinese() -> Fonts:
    source = from_package() or from_system()
    if not source:
        pytest.skip("no font with Chinese on this machine")
    return Fonts(source)


@pytest.mark.parametrize(
    ("name", "latin", "shown"),
    [
        ("王小明", "wangxm", "王小明"),
        ("赵喆堃", "zhao", "赵喆堃"),  # not in GB 2312, common in names
        ("Sofía Hernández", "sofia", "Sofía Hernández"),
        ("小明🐱‍💻", "ming", "小明"),  # an emoji is an ornament
        ("🐱", "cat", "cat"),
        ("محمد", "muhammad", "muhammad"),
        ("\u202eeve\u202c", "eve", "eve"),  # marks that would turn the line around
        ("", "", "?"),
    ],
)
def test_names_are_readable(name: str, latin: str, shown: str, chinese: Fonts) -> None:
    assert chinese.readable(name, latin) == shown


def test_chinese_is_chinese(chinese: Fonts) -> None:
    assert chinese.writes_chinese()
    assert not chinese.has("\uffff")


def test_bold_is_wider(chinese: Fonts) -> None:
    assert chinese.width("gpu0", 45, "bold") > chinese.width("gpu0", 45, "regular")


def test_without_a_chinese_font_names_are_latin() -> None:
    fonts = Fonts(LATIN_ONLY)
    assert not fonts.writes_chinese()
    assert fonts.readable("王小明", "wangxm") == "wangxm"
    assert fonts.readable("王") == "?"
    assert fonts.readable("Bob") == "Bob"


def test_the_log_says_once_what_to_install(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(module, "from_package", lambda: LATIN_ONLY)
    monkeypatch.setattr(module, "from_system", lambda: LATIN_ONLY)
    standard_fonts.cache_clear()
    try:
        with caplog.at_level(logging.WARNING, logger="junzi.pictures"):
            standard_fonts()
            standard_fonts()
        assert [record.levelname for record in caplog.records] == ["WARNING"]
        assert "fonts-noto-cjk" in caplog.text
    finally:
        standard_fonts.cache_clear()
