"""Words of people and programs stay where they stand: no markup, no line turned around, nothing that can't be sent."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from bot.domain.saying import Block, Code, Person, Saying
from bot.texts.voice import Voice

VOICE = Voice("en", ZoneInfo("Asia/Shanghai"))
HOSTILE = "a<b>&\u202eb\u2066\u200bc\x1b[31m\x00\udcff"


@pytest.mark.parametrize("value", [HOSTILE, Code(HOSTILE), Block(HOSTILE), Person(HOSTILE), Person(HOSTILE, 7)])
def test_whatever_is_filled_in_can_be_sent_and_reads_from_left_to_right(value: object) -> None:
    for said in (VOICE.say(Saying("booking.note", {"note": value})), VOICE.plain("booking.note", note=value)):
        said.encode()
        assert not any(letter in said for letter in "\u202e\u2066\u200b\x1b\x00\udcff")
    assert "<b>" not in VOICE.say(Saying("booking.note", {"note": value}))


def test_emoji_that_are_joined_stay_one_and_lines_stay_lines() -> None:
    assert "👩‍🔬\nx" in VOICE.plain("booking.note", note=Block("👩‍🔬\nx"))
