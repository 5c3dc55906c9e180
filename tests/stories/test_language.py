"""Whoever changes their app's language reads the bot in it from the next message on, asked or not."""

from __future__ import annotations

from tests.stories.conftest import LISI_ID, WANGWU_ID, Talk, in_private, labels

pytestmark = in_private


async def test_the_next_answer_is_in_the_apps_new_language_and_so_is_what_comes_by_itself(talk: Talk) -> None:
    booked = await talk.say(WANGWU_ID, "/reserve gpu1 2h")
    assert "✅ gpu1 归你用" in booked["text"]

    talk.telegram.core.world.change_language(WANGWU_ID, "en")
    assert "Your bookings" in (await talk.say(WANGWU_ID, "/mine"))["text"]
    talk.demo.clock.skip(minutes=95)
    reminder = await talk.until(WANGWU_ID, "⏰ gpu1 yours")
    assert labels(reminder)[-1] == "Let it end"

    assert "我的预约" in (await talk.say(LISI_ID, "/mine"))["text"], "nobody else's language changed"
