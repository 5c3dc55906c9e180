"""Calendar files are read back by somebody else's reader, and every text survives them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.icalendar import LINE_OCTETS, Event, calendar_file, escaped, event_uid, folded
from bot.domain.window import Window

STAMP = datetime(2026, 11, 25, 12, tzinfo=timezone.utc)
WINDOW = Window.lasting(datetime(2026, 11, 26, 18, tzinfo=timezone(timedelta(hours=8))), timedelta(hours=48))
BOOKING = Event(event_uid(7, "gpu.lab.example"), WINDOW, "gpu0, gpu1; 君子 🎉", "ViT 消融实验\\ablation\nrun 2")

# Any text that Telegram can send; surrogates cannot be.
TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=300)
CHINESE_AND_EMOJI = st.text("君子显卡预约🎉👩‍🔬é,;\\\n a", max_size=200)


def unfolded(line: bytes) -> str:
    return line.replace(b"\r\n ", b"").decode().removesuffix("\r\n")


def unescaped(value: str) -> str:
    return re.sub(r"\\(.)", lambda match: "\n" if match[1] in "nN" else match[1], value)


@given(st.one_of(TEXT, CHINESE_AND_EMOJI))
def test_folding_and_escaping_lose_nothing(text: str) -> None:
    raw = folded("SUMMARY:" + escaped(text))
    pieces = raw.split(b"\r\n")
    assert pieces[-1] == b""
    assert all(len(piece) <= LINE_OCTETS for piece in pieces)
    for piece in pieces:
        piece.decode()  # no character is cut in two
        assert not re.search(rb"[\r\n\x00-\x08\x0b-\x1f]", piece)
    kept = re.sub("\r\n|[\r\v\f\x1c\x1d\x1e\x85\u2028\u2029]", "\n", text)
    kept = re.sub("[\x00-\x08\x0e-\x1b\x1f\x7f]", "", kept)
    assert unescaped(unfolded(raw).removeprefix("SUMMARY:")) == kept


def test_every_line_ends_in_crlf_and_times_are_utc() -> None:
    raw = calendar_file([BOOKING], "实验室", STAMP)
    assert raw.count(b"\n") == raw.count(b"\r\n")
    assert b"DTSTART:20261126T100000Z\r\n" in raw
    assert b"DTEND:20261128T100000Z\r\n" in raw
    assert b"DTSTAMP:20261125T120000Z\r\n" in raw
    assert raw.startswith(b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")
    assert raw.endswith(b"END:VEVENT\r\nEND:VCALENDAR\r\n")


def test_the_same_booking_has_the_same_uid() -> None:
    assert event_uid(7, "gpu.lab.example") == "reservation-7@gpu.lab.example"
    assert event_uid(7, "实验室 1") != event_uid(8, "实验室 1")


def test_another_reader_reads_it() -> None:
    icalendar = pytest.importorskip("icalendar")
    calendar = icalendar.Calendar.from_ical(calendar_file([BOOKING], "显卡预约", STAMP))
    assert str(calendar["X-WR-CALNAME"]) == "显卡预约"
    (event,) = calendar.walk("VEVENT")
    assert event.errors == calendar.errors == []
    assert str(event["UID"]) == BOOKING.uid
    assert str(event["SUMMARY"]) == BOOKING.summary
    assert str(event["DESCRIPTION"]) == BOOKING.description
    assert event.decoded("DTSTART") == WINDOW.start
    assert event.decoded("DTEND") == WINDOW.end
    assert event.decoded("DTSTAMP") == STAMP


@given(CHINESE_AND_EMOJI, CHINESE_AND_EMOJI)
def test_another_reader_reads_any_text(summary: str, description: str) -> None:
    icalendar = pytest.importorskip("icalendar")
    raw = calendar_file([Event("1@lab", WINDOW, summary, description)], "lab", STAMP)
    (event,) = icalendar.Calendar.from_ical(raw).walk("VEVENT")
    assert str(event["SUMMARY"]) == summary
    assert str(event.get("DESCRIPTION", "")) == description


def test_an_empty_calendar_is_still_one() -> None:
    assert b"VEVENT" not in calendar_file([], "lab", STAMP)
