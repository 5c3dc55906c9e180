"""From the ledger to the calendar's rows and its text."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from bot.domain.card import Card, CardId
from bot.domain.member import Member, Role
from bot.domain.reservation import Kind, Reservation
from bot.domain.window import Window
from bot.pictures.bands import BandKind
from bot.texts.voice import Voice
from bot.views.calendar import calendar_caption, calendar_rows, calendar_text

NOW = datetime(2026, 11, 25, 12, tzinfo=timezone.utc)
HOUR = timedelta(hours=1)
WINDOW = Window.lasting(NOW - 2 * HOUR, 60 * HOUR)
CARD = Card(CardId("host", "GPU-1"), 0, "NVIDIA GeForce RTX 4090", 24 << 30, "0000:1b:00.0")
LEI = Member(1, "lilei", Role.STUDENT, 11, "李雷", "zh")
MEMBERS = {1: LEI}


def held(start: float, hours: float, member: int = 1, **values: object) -> Reservation:
    window = Window.lasting(NOW + start * HOUR, hours * HOUR)
    return Reservation(1, 1, CARD.id, member, window, **values)  # type: ignore[arg-type]


def said(language: str, *standing: Reservation, viewer: Member | None = None) -> str:
    message = calendar_text([CARD], standing, MEMBERS, viewer, WINDOW, NOW)
    return Voice(language, ZoneInfo("Asia/Shanghai")).say(message.saying)


def test_a_row_has_what_the_picture_needs() -> None:
    standing = [held(-1, 4), held(4, 4, memory_bytes=6 << 30), held(9, 1, kind=Kind.MAINTENANCE)]
    (row,) = calendar_rows([CARD], standing, MEMBERS, LEI, WINDOW)
    assert (row.card, row.model) == ("gpu0", "RTX 4090")
    booking, share, maintenance = row.bands
    assert (booking.who, booking.latin, booking.kind, booking.is_mine) == ("李雷", "lilei", BandKind.BOOKING, True)
    assert (share.kind, share.fraction) == (BandKind.SHARE, 0.25)
    assert (maintenance.kind, maintenance.who, maintenance.is_mine) == (BandKind.MAINTENANCE, "", False)


def test_nothing_is_mine_in_the_group_and_others_days_are_left_out() -> None:
    (row,) = calendar_rows([CARD], [held(-1, 4), held(100, 4)], MEMBERS, None, WINDOW)
    assert [band.is_mine for band in row.bands] == [False]


def test_a_share_of_an_unknown_amount_takes_the_whole() -> None:
    unknown = Card(CARD.id, 0, "A100", None, CARD.pci_address)
    (row,) = calendar_rows([unknown], [held(1, 4, memory_bytes=1)], MEMBERS, None, WINDOW)
    assert row.bands[0].fraction == 1.0


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        ("en", ["🔒 李雷 until Wed 25 Nov 23:00", "▫️ Thu 26 Nov 00:00 – 04:00 李雷 (6 GiB of it)"]),
        ("zh", ["🔒 李雷 用到 11月25日 周三 23:00", "▫️ 11月26日 周四 00:00 – 04:00 李雷（其中 6 GiB）"]),
    ],
)
def test_the_text_says_the_same(language: str, lines: list[str]) -> None:
    text = said(language, held(4, 4, memory_bytes=6 << 30), held(-1, 4))
    assert [line for line in text.splitlines() if line.startswith(("🔒", "▫️"))] == lines


def test_what_is_over_is_not_said_and_a_free_card_is() -> None:
    assert "🟢 free throughout" in said("en", held(-3, 2))


def test_one_is_called_you() -> None:
    assert "🔒 <b>你</b> 用到" in said("zh", held(-1, 4), viewer=LEI)
    assert "🔒 somebody until" in said("en", held(-1, 4, member=9))


def test_a_long_calendar_fits_into_a_message() -> None:
    cards = [Card(CardId("host", f"GPU-{i}"), i, "NVIDIA RTX 6000 Ada Generation", 48 << 30, "x") for i in range(30)]
    standing = [
        Reservation(i, i, card.id, 1, Window.lasting(NOW + i * HOUR, HOUR), 1 << 30)
        for card in cards
        for i in range(50)
    ]
    message = calendar_text(cards, standing, MEMBERS, None, WINDOW, NOW)
    for language in ("en", "zh"):
        text = Voice(language, timezone.utc).say(message.saying)
        assert len(text) <= 4096
        assert "10" in text.splitlines()[-1]  # so many cards more


@pytest.mark.parametrize("days", [3, 7])
def test_buttons_lead_on(days: int) -> None:
    caption = calendar_caption(days, WINDOW)
    data = [button.data for row in caption.buttons for button in row]
    assert data == ["calendar:picture:3", "calendar:picture:7", f"calendar:text:{days}", "new", "ics"]
    assert all(1 <= len(one.encode()) <= 64 for one in data)
