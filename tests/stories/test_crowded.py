"""Everybody talks at once and Telegram's limit for the group is used up: nobody waits, nothing is lost."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.stories.conftest import LISI, WANGWU, Talk

pytestmark = pytest.mark.quiet_lab

ME, OTHER = LISI.telegram_id, WANGWU.telegram_id


def crowd(talk: Talk) -> None:
    """As if the bot had sent twenty messages: there is no room for more in the next two minutes and a half."""
    assert talk.demo.junzi is not None
    last = talk.demo.clock.now() + timedelta(seconds=90)
    for _ in range(20):
        talk.demo.junzi._paced._pace.take(talk.group).landed_at = last


async def test_what_concerns_the_asker_comes_in_private_at_once(talk: Talk) -> None:
    crowd(talk)
    before = len(talk.texts(talk.group))
    await talk.type(OTHER, "/free", talk.group)
    await talk.until(OTHER, "空闲时段", OTHER)
    assert len(talk.texts(talk.group)) == before + (not talk.telegram.core.knows("ephemeral")), "only what was typed"


@pytest.mark.parametrize("talk", ["administrator", "old server"], indirect=True)
async def test_promises_reach_the_asker_at_once_and_the_group_together_when_there_is_room(talk: Talk) -> None:
    crowd(talk)
    await talk.type(OTHER, "/reserve gpu1 4h", talk.group)
    await talk.until(OTHER, "gpu1 归你用", OTHER)
    await talk.type(OTHER, "/reserve gpu2 4h", talk.group)
    await talk.until(OTHER, "gpu2 归你用", OTHER)
    assert not [text for text in talk.texts(talk.group) if "王五 Wang Wu：" in text], "not yet: others come first"
    told = await talk.until(talk.group, "王五 Wang Wu：gpu2")
    assert [text.partition(" 到 ")[0] for text in told["text"].split("\n")] == [
        "✅ 王五 Wang Wu：gpu1",
        "✅ 王五 Wang Wu：gpu2",
    ]


async def test_a_booking_made_in_private_can_be_given_back_there(talk: Talk) -> None:
    """The buttons of what came in private are pressed in private, as if it had been asked there."""
    crowd(talk)
    await talk.type(OTHER, "/reserve gpu1 4h", talk.group)
    booked = await talk.until(OTHER, "gpu1 归你用", OTHER)
    await talk.press(OTHER, booked, "释放", chat=OTHER)
    await talk.until(OTHER, "gpu1 已释放", OTHER)
