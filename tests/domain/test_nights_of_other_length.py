"""A booking over a night when the clocks are changed ends when its end was said, by the clock on the wall."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from bot.domain.phrase import Phrase, read_booking
from bot.domain.window import Window
from bot.domain.wish import wished_length

NEW_YORK = ZoneInfo("America/New_York")
BACK, FORWARD = datetime(2026, 10, 31, 15, tzinfo=NEW_YORK), datetime(2027, 3, 13, 15, tzinfo=NEW_YORK)


@pytest.mark.parametrize("text", ["gpu0 22:00-09:00", "gpu0 until sun 9:00", "gpu0 from 22:00 until sun 9:00"])
@pytest.mark.parametrize("now", [BACK, FORWARD], ids=["back", "forward"])
def test_a_booking_ends_by_the_clock_on_the_wall_when_its_end_was_said(text: str, now: datetime) -> None:
    phrase = read_booking(text, now, NEW_YORK)
    assert isinstance(phrase, Phrase)
    length = wished_length(phrase, now)
    assert length is not None
    end = Window.lasting(phrase.start or now, length).end.astimezone(NEW_YORK)
    assert (end.isoweekday(), end.hour, end.minute) == (7, 9, 0)
