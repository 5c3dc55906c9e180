"""What is said of one's bookings, in both languages: no two buttons alike, and nothing to start before its time."""

from __future__ import annotations

import pytest

from bot.domain.cuda import CudaLine
from bot.domain.outcome import Released
from bot.texts import Voice
from bot.views import bookings
from tests.views.lab_of_two import CARDS, HOUR, LEI, NOW, ZONE, booked

LINE = CudaLine("CUDA_VISIBLE_DEVICES=0", ())


@pytest.mark.parametrize("language", ["zh", "en"])
def test_two_bookings_of_one_card_have_buttons_that_can_be_told_apart(language: str) -> None:
    voice = Voice(language, ZONE)
    message = bookings.mine([booked((0,), -1, 4), booked((0,), 20, 4), booked((1,), -1, 4)], NOW, LINE)
    labels = [voice.plain(button.label) for row in message.buttons for button in row]
    assert len(set(labels)) == len(labels) == 6
    assert [len(row) for row in message.buttons] == [1, 1, 1, 1, 2]  # a time takes a phone's width


@pytest.mark.parametrize(
    ("language", "later", "now"), [("zh", "到时候", "这样启动"), ("en", "When it begins", "Start")]
)
def test_the_line_of_a_later_booking_is_for_later(language: str, later: str, now: str) -> None:
    voice = Voice(language, ZONE)
    assert later in voice.plain(bookings.booked(booked((0,), 20, 4), LINE, (), NOW).saying)
    assert later not in voice.plain(bookings.booked(booked((0,), 0, 4), LINE, (), NOW).saying)
    assert now in voice.plain(bookings.booked(booked((0,), 0, 4), LINE, (), NOW).saying)


def test_a_card_given_back_from_two_bookings_is_named_once() -> None:
    outcome = Released((CARDS[0], CARDS[1], CARDS[0]), HOUR)
    assert Voice("zh", ZONE).plain(bookings.released(outcome, LEI).saying).startswith("👌 gpu0、gpu1 已释放")
