"""What who waits for several cards reads, in both languages."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from bot.domain.card import Card, CardId
from bot.domain.member import Member, Role
from bot.domain.outcome import NotBooked
from bot.domain.queueing import InLine
from bot.domain.reservation import Kind, Refused, Reservation
from bot.domain.saying import Message
from bot.domain.waiting import Ticket, TicketState, Wish
from bot.domain.window import Window
from bot.texts import LANGUAGES, Voice
from bot.views import waiting as views
from bot.views.bookings import not_booked

NOON = datetime(2026, 11, 26, 4, tzinfo=timezone.utc)
HOUR = timedelta(hours=1)
CARDS = tuple(Card(CardId("lab", f"GPU-{n}"), n, "A100", 80 << 30, f"0000:0{n}:00.0") for n in range(2))
TICKET = Ticket(1, 1, Wish(12 * HOUR, count=2), NOON, NOON + timedelta(days=7))
KEPT = InLine(TICKET, CARDS, 0, promised=Window.lasting(NOON + 5 * HOUR, 12 * HOUR))


def plain(message: Message) -> dict[str, str]:
    voices = {language: Voice(language, ZoneInfo("Asia/Shanghai")) for language in LANGUAGES}
    return {language: re.sub("<[^>]+>", "", voice.say(message.saying)) for language, voice in voices.items()}


def test_in_line_for_a_pair_one_reads_from_when_on_it_is_sure() -> None:
    said = plain(views.joined(KEPT))
    assert (
        "any 2 cards, 12 h: you're next, and from Thu 26 Nov 17:00 at the latest I keep gpu0, gpu1 for you."
        in (said["en"])
    )
    assert "任意 2 张卡，12 小时。下一个就是你，最晚从 11月26日 周四 17:00 起给你留着 gpu0、gpu1。" in said["zh"]


def test_an_offer_under_a_run_that_goes_on_does_not_say_that_the_card_is_free() -> None:
    ticket = replace(TICKET, state=TicketState.OFFERED, offered_until=NOON + timedelta(minutes=10))
    said = plain(views.offer(InLine(ticket, CARDS, 0), Window.lasting(NOON, 12 * HOUR), CARDS[1:]))
    assert "nobody holds" not in said["en"]
    assert "Somebody's run is still on gpu1 without a booking." in said["en"]
    assert "让出来" not in said["zh"]
    assert "gpu1 上还有人的程序在跑（没有预约）" in said["zh"]


def test_who_would_delay_a_promise_reads_whose_it_is_and_until_when_the_card_can_be_had() -> None:
    row = Reservation(1, 1, CARDS[0].id, 1, Window.lasting(NOON + 5 * HOUR, 12 * HOUR), kind=Kind.PROMISE)
    holders = {1: Member(1, "wangwu", Role.STUDENT, 1, "王五", None)}
    said = plain(not_booked(NotBooked(Refused("taken", {"card": CARDS[0]}, (row,)), holders)))
    assert "王五: first in line for several cards, kept for them (Thu 26 Nov 17:00 – Fri 27 Nov 05:00)" in said["en"]
    assert "王五：排在最前面，要好几张卡，这段时间先留着（11月26日 周四 17:00 – 11月27日 周五 05:00）" in said["zh"]
