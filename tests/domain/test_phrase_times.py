"""When: the wall clock in words, seen from a Wednesday at 14:00, and what daylight saving makes of it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from bot.domain.phrase import Phrase, PhraseError, read_booking
from bot.explain import as_json

LAB = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 25, 14, 0, tzinfo=LAB)


def booked(text: str, now: datetime = NOW) -> Phrase:
    phrase = read_booking(text, now, now.tzinfo or LAB)
    assert isinstance(phrase, Phrase), phrase
    return phrase


def shown(instant: datetime | None) -> str | None:
    return instant and instant.strftime("%m-%d %H:%M")


STARTS = {
    "tomorrow 9:00": "11-26 09:00",
    "tomorrow at 9": "11-26 09:00",
    "9:00 tomorrow": "11-26 09:00",
    "9am tomorrow": "11-26 09:00",
    "tomorrow": "11-26 09:00",
    "tomorrow from 2pm": "11-26 14:00",
    "tomorrow afternoon": "11-26 14:00",
    "day after tomorrow 8am": "11-27 08:00",
    "tonight": "11-25 20:00",
    "tonight at 11": "11-25 23:00",
    "noon": "11-26 12:00",
    "midnight": "11-26 00:00",
    "18:00": "11-25 18:00",
    "9:00": "11-26 09:00",
    "6pm": "11-25 18:00",
    "at 5": "11-25 17:00",
    "half past 9": "11-25 21:30",
    "friday": "11-27 09:00",
    "fri 18:00": "11-27 18:00",
    "wednesday 18:00": "11-25 18:00",
    "wednesday 9:00": "12-02 09:00",
    "this sunday noon": "11-29 12:00",
    "next monday": "11-30 09:00",
    "next friday 18:00": "12-04 18:00",
    "nov 28 14:00": "11-28 14:00",
    "28 nov 2pm": "11-28 14:00",
    "the 28th 14:00": "11-28 14:00",
    "11-28 14:00": "11-28 14:00",
    "11/28 14:00": "11-28 14:00",
    "2026-11-28 14:00": "11-28 14:00",
    "2026-11-28T14:00+08:00": "11-28 14:00",
    "2026-11-28T06:00Z": "11-28 14:00",
    "in 2 hours": "11-25 16:00",
    "明天上午9点": "11-26 09:00",
    "明天9:00": "11-26 09:00",
    "明天": "11-26 09:00",
    "明早9点": "11-26 09:00",
    "后天下午三点半": "11-27 15:30",
    "大后天中午": "11-28 12:00",
    "今晚": "11-25 20:00",
    "今晚10点": "11-25 22:00",
    "今晚十点一刻": "11-25 22:15",
    "今晚12点": "11-26 00:00",
    "今晚2点": "11-26 02:00",
    "晚上8点": "11-25 20:00",
    "凌晨2点": "11-26 02:00",
    "18点": "11-25 18:00",
    "5点": "11-25 17:00",
    "周五18点": "11-27 18:00",
    "周五凌晨2点": "11-27 02:00",
    "星期天中午12点": "11-29 12:00",
    "下周一": "11-30 09:00",
    "下周三下午3点": "12-02 15:00",
    "下下周一9点": "12-07 09:00",
    "11月28号下午2点": "11-28 14:00",
    "11月28日14:00": "11-28 14:00",
    "十一月二十八号下午两点": "11-28 14:00",
    "28号下午2点": "11-28 14:00",
    "2小时后": "11-25 16:00",
    "從明天上午9點": "11-26 09:00",
}


@pytest.mark.parametrize(("text", "start"), STARTS.items())
def test_a_start(text: str, start: str) -> None:
    phrase = booked(f"gpu0 {text} 4h" if not text[0].isdigit() else f"gpu0 4h {text}")
    assert (shown(phrase.start), phrase.end, phrase.duration) == (start, None, timedelta(hours=4))


ENDS = {
    "until fri 18:00": "11-27 18:00",
    "till friday noon": "11-27 12:00",
    "until 6": "11-25 18:00",
    "until 9": "11-25 21:00",
    "until 13:00": "11-26 13:00",
    "until tomorrow": "11-26 09:00",
    "until tomorrow 9": "11-26 09:00",
    "until midnight": "11-26 00:00",
    "until sunday midnight": "11-30 00:00",
    "until next friday 18:00": "12-04 18:00",
    "到周五18点": "11-27 18:00",
    "到明早9点": "11-26 09:00",
    "用到明天中午": "11-26 12:00",
    "到今晚12点": "11-26 00:00",
    "明早9点前": "11-26 09:00",
    "明早9点结束": "11-26 09:00",
    "直到下周一上午9点": "11-30 09:00",
}


@pytest.mark.parametrize(("text", "end"), ENDS.items())
def test_an_end(text: str, end: str) -> None:
    phrase = booked(f"gpu0 {text}")
    assert (phrase.start, shown(phrase.end), phrase.duration) == (None, end, None)


WINDOWS = {
    "22:00-06:00": ("11-25 22:00", "11-26 06:00"),
    "22:00~06:00": ("11-25 22:00", "11-26 06:00"),
    "from 22:00 to 06:00": ("11-25 22:00", "11-26 06:00"),
    "9:00-12:00": ("11-26 09:00", "11-26 12:00"),
    "13:00-18:00": ("11-26 13:00", "11-26 18:00"),
    "9am-5pm": ("11-26 09:00", "11-26 17:00"),
    "9:00-13:00 tomorrow": ("11-26 09:00", "11-26 13:00"),
    "tomorrow from 2pm to 4pm": ("11-26 14:00", "11-26 16:00"),
    "from 9 to 17 tomorrow": ("11-26 09:00", "11-26 17:00"),
    "tomorrow 22:00 until friday 8:00": ("11-26 22:00", "11-27 08:00"),
    "friday 18:00 until monday 9:00": ("11-27 18:00", "11-30 09:00"),
    "今晚10点到明早9点": ("11-25 22:00", "11-26 09:00"),
    "下午2点到5点": ("11-26 14:00", "11-26 17:00"),
    "明天9点到18点": ("11-26 09:00", "11-26 18:00"),
    "明天晚上10点到9点": ("11-26 22:00", "11-27 09:00"),
    "this weekend": ("11-28 00:00", "11-30 00:00"),
    "周末": ("11-28 00:00", "11-30 00:00"),
}


@pytest.mark.parametrize(("text", "window"), WINDOWS.items())
def test_a_window(text: str, window: tuple[str, str]) -> None:
    phrase = booked(f"gpu0 {text}", NOW + timedelta(minutes=1))
    assert (shown(phrase.start), shown(phrase.end), phrase.duration) == (*window, None)


def test_a_length_that_agrees_with_its_window() -> None:
    phrase = booked("gpu0 tomorrow 9:00 for 4h until 13:00")
    assert (shown(phrase.start), shown(phrase.end), phrase.duration) == (
        "11-26 09:00",
        "11-26 13:00",
        timedelta(hours=4),
    )


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("gpu0 yesterday 9:00 4h", "phrase.in_the_past"),
        ("gpu0 昨天9点 4小时", "phrase.in_the_past"),
        ("gpu0 11-20 14:00 4h", "phrase.in_the_past"),
        ("gpu0 today 9:00 4h", "phrase.in_the_past"),
        ("gpu0 until 2026-11-25 13:59", "phrase.in_the_past"),
        ("gpu0 until now", "phrase.not_understood"),
        ("gpu0 2 hours ago", "phrase.in_the_past"),
        ("gpu0 tomorrow 10:00 until tomorrow 9:00", "phrase.end_before_start"),
        ("gpu0 tomorrow 9:00 for 4h until 14:00", "phrase.end_contradicts_duration"),
        ("gpu0 until fri 18:00 4h", "phrase.end_contradicts_duration"),
    ],
)
def test_times_that_cannot_be(text: str, key: str) -> None:
    error = read_booking(text, NOW, LAB)
    assert isinstance(error, PhraseError)
    assert error.key == key


@pytest.mark.parametrize("text", ["gpu0 14:00 4h", "gpu0 now 4h", "gpu0 today 4h", "gpu0 现在 4h"])
def test_now_is_no_start(text: str) -> None:
    """Who types 14:00 within that minute means now, not tomorrow."""
    assert booked(text, NOW + timedelta(seconds=30)).start is None


def test_tonight_once_it_has_begun_is_now() -> None:
    assert booked("gpu0 tonight 4h", NOW.replace(hour=21)).start is None


def test_an_hour_that_was_filled_in_is_marked() -> None:
    assert booked("gpu0 tonight").rough_start
    assert not booked("gpu0 tonight 22:00").rough_start


def test_a_date_without_a_year_is_the_nearest_to_come() -> None:
    december = datetime(2026, 12, 30, 12, 0, tzinfo=LAB)
    assert booked("gpu0 1-05 09:00 4h", december).start == datetime(2027, 1, 5, 9, tzinfo=LAB)
    assert booked("gpu0 2月29号9点 4h", december).start == datetime(2028, 2, 29, 9, tzinfo=LAB)


class TestDaylightSaving:
    """New York: 2026-11-01 2:00 becomes 1:00, 2027-03-14 2:00 becomes 3:00."""

    ZONE = ZoneInfo("America/New_York")

    def at(self, text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=self.ZONE)

    def test_of_two_readings_the_first_is_meant(self) -> None:
        phrase = booked("gpu0 tomorrow 1:30 2h", self.at("2026-10-31T20:00"))
        assert phrase.start is not None
        assert phrase.start.astimezone(timezone.utc) == datetime(2026, 11, 1, 5, 30, tzinfo=timezone.utc)

    def test_a_reading_that_is_skipped_moves_forward(self) -> None:
        phrase = booked("gpu0 tomorrow 2:30 2h", self.at("2027-03-13T20:00"))
        assert phrase.start is not None
        assert phrase.start.isoformat() == "2027-03-14T03:30:00-04:00"

    def test_tomorrow_is_the_wall_clocks_and_24h_are_elapsed(self) -> None:
        now = self.at("2026-10-31T09:00")
        tomorrow = booked("gpu0 until tomorrow 9:00", now).end
        assert tomorrow is not None
        assert tomorrow.astimezone(timezone.utc) - now.astimezone(timezone.utc) == timedelta(hours=25)
        later = booked("gpu0 in 24 hours for 1h", now).start
        assert later is not None
        assert later.isoformat() == "2026-11-01T08:00:00-05:00"

    def test_a_night_of_25_hours_a_day(self) -> None:
        assert as_json(booked("gpu0 22:00-06:00", self.at("2026-10-31T20:00")))["hours"] == 9
        assert as_json(booked("gpu0 22:00-06:00", self.at("2027-03-13T20:00")))["hours"] == 7

    def test_agreement_is_of_elapsed_time(self) -> None:
        assert booked("gpu0 22:00-06:00 9h", self.at("2026-10-31T20:00"))
        refused = read_booking("gpu0 22:00-06:00 8h", self.at("2026-10-31T20:00"), self.ZONE)
        assert isinstance(refused, PhraseError)
