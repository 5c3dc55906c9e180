"""What the picture tests draw with: letters of a known width, words that are their own names, and a busy week."""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from bot.domain.window import Window
from bot.pictures.bands import Band, BandKind
from bot.pictures.scene import Weight
from bot.pictures.words import CalendarWords, StatusWords, calendar_words, status_words
from bot.pictures.writing import Writer
from bot.texts.voice import Voice

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 25, 6, 5, tzinfo=timezone.utc)  # 14:05 in Shanghai
HOUR = timedelta(hours=1)


class EvenLetters:
    """`writing.Measure` without font files: Chinese is as wide as it is high, Latin about half of it."""

    def width(self, text: str, size: float, weight: Weight = "regular") -> float:
        wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
        return size * (wide + (len(text) - wide) * (0.6 if weight == "bold" else 0.56))

    def readable(self, text: str, latin: str = "") -> str:
        return text or latin or "?"


def writer() -> Writer:
    return Writer(EvenLetters())


def words(language: str = "en") -> CalendarWords:
    return calendar_words(Voice(language, SHANGHAI).plain)


def words_of_status(language: str = "en") -> StatusWords:
    return status_words(Voice(language, SHANGHAI).plain)


def band(start_hours: float, hours: float, who: str = "Lei", **values: object) -> Band:
    """From so many hours after NOW."""
    return Band(Window.lasting(NOW + start_hours * HOUR, hours * HOUR), who, **values)  # type: ignore[arg-type]


def share(start_hours: float, hours: float, fraction: float, who: str = "Lei", member: int = 0) -> Band:
    return band(start_hours, hours, who, kind=BandKind.SHARE, fraction=fraction, member=member)
