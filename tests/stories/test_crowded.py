"""Everybody talks at once and Telegram's limit for the group is used up: nobody waits, nothing is lost."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.domain.saying import Message, Saying
from bot.services.owing import owe_group
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


@pytest.mark.parametrize("talk", ["administrator"], indirect=True)
async def test_the_group_reads_of_a_promise_in_the_order_it_was_made_and_given_back(talk: Talk) -> None:
    """There is room again before what waited is told: what comes now stands behind it."""
    assert talk.demo.junzi is not None
    lab = talk.demo.junzi.lab
    assert lab is not None
    now = lab.clock.now()
    booked = Message(Saying("public.booked", {"who": "王五 Wang Wu", "cards": "gpu1", "end": now}), silent=True)
    deliver, later = lab.delivery.deliver, asyncio.Event()

    async def when_it_may() -> int:
        return await deliver() if later.is_set() else 0

    lab.delivery.deliver = when_it_may  # type: ignore[method-assign]
    await talk.delivered()
    await asyncio.sleep(0.2)  # a tick that had begun before must not find what is owed now
    await lab.store.write(lambda books: owe_group(books, booked, now))
    await talk.say(OTHER, "/reserve gpu1 4h")
    await talk.type(OTHER, "/release gpu1", talk.group)
    await talk.until(talk.group, "gpu1 已释放", OTHER)
    later.set()
    told = await talk.until(talk.group, "王五 Wang Wu 释放了 gpu1")
    assert told["text"].index("王五 Wang Wu：gpu1") < told["text"].index("王五 Wang Wu 释放了 gpu1")
