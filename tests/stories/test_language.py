"""Whoever changes their app's language reads the bot in it from the next message on, asked or not."""

from __future__ import annotations

from pathlib import Path

from bot.demo.cast import ENGLISH_PERSONAS, ENGLISH_ZONE, hints
from bot.demo.lab import Demo
from tests.stories.audit import audited
from tests.stories.conftest import LISI_ID, WANGWU_ID, Talk, in_private, labels


@in_private
async def test_the_next_answer_is_in_the_apps_new_language_and_so_is_what_comes_by_itself(talk: Talk) -> None:
    booked = await talk.say(WANGWU_ID, "/reserve gpu1 2h")
    assert "✅ gpu1 归你用" in booked["text"]

    talk.telegram.core.world.change_language(WANGWU_ID, "en")
    assert "Your bookings" in (await talk.say(WANGWU_ID, "/mine"))["text"]
    talk.demo.clock.skip(minutes=95)
    reminder = await talk.until(WANGWU_ID, "⏰ gpu1 yours")
    assert labels(reminder)[-1] == "Let it end"

    assert "我的预约" in (await talk.say(LISI_ID, "/mine"))["text"], "nobody else's language changed"


async def test_an_english_lab_speaks_english_in_the_group_too_and_understands_its_sentence(tmp_path: Path) -> None:
    """As `junzi demo --language en` shows it."""
    demo = Demo(tmp_path, speed=20, quiet=True, people=ENGLISH_PERSONAS, zone=ENGLISH_ZONE, flood_limits=False)
    async with audited(demo):
        talk = Talk(demo)
        await talk.until(talk.group, "🟢 free")
        (sentence,) = (hint.text for hint in hints(ENGLISH_ZONE) if not hint.text.startswith("/"))
        offer = await talk.say(WANGWU_ID, sentence, chat=talk.group)
        assert labels(offer) == ["Yes, book gpu1"]
