"""In the middle of the day the server becomes an old one, or the bot loses its rights: nobody waits for an answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from bot.domain.ability import Abilities
from tests.stories.conftest import LISI, PATIENCE, WANGWU, Talk

pytestmark = [pytest.mark.quiet_lab, pytest.mark.parametrize("talk", ["administrator"], indirect=True)]

ME, OTHER = LISI.telegram_id, WANGWU.telegram_id


def able(talk: Talk) -> Abilities:
    assert talk.demo.junzi is not None
    assert talk.demo.junzi.lab is not None
    return talk.demo.junzi.lab.abilities.able.now


async def test_an_old_server_is_found_out_by_the_first_thing_that_it_does_not_know(talk: Talk) -> None:
    assert (await talk.telegram.say(ME, ME, "/gpus"))["text"]
    await talk.when(ME, lambda m: "rich_message" in m)
    talk.telegram.switches.turn("server", "10.0")

    plain = await talk.say(ME, "/gpus")
    assert "rich_message" not in plain
    assert "gpu0" in plain["text"]
    await until(lambda: not able(talk).rich)  # the bot learns of it a moment after the message is there

    await talk.say(OTHER, "/reserve gpu0 2h", chat=talk.group)
    await talk.settled()
    assert sum("已有人预约" in text for text in talk.texts(talk.group)) == 1, (
        "the plain form, once; the other is deleted"
    )
    assert not able(talk).whispers


async def test_rights_that_are_taken_and_given_back_are_noticed_at_once(talk: Talk) -> None:
    talk.telegram.switches.turn("rights", "member")
    await until(lambda: not able(talk).is_admin)
    await talk.say(OTHER, "我用卡 0 跑两天哈！", chat=talk.group)
    await talk.settled()
    assert any("已有人预约" in text for text in talk.texts(talk.group))

    talk.telegram.switches.turn("rights", "administrator")
    await until(lambda: able(talk).is_admin)
    before = len(talk.texts(talk.group))
    await talk.say(OTHER, "我用卡 0 跑三天哈！", chat=talk.group)
    await talk.settled()
    assert len(talk.texts(talk.group)) == before + 1, "the question is everybody's to see, the answer is not"


async def test_a_group_that_gets_topics_is_answered_in_them(talk: Talk) -> None:
    talk.telegram.switches.turn("forum", "on")
    talk.topic = list(talk.telegram.core.world.group.topics)[-1]
    answer = await talk.say(OTHER, "/reserve gpu0 2h", chat=talk.group)
    assert answer["message_thread_id"] == talk.topic
    talk.topic = None  # the board, from before there were topics, lies in General


async def until(happened: Callable[[], bool]) -> None:
    """The bot asks about its rights after it heard of the change; the last thing it does sends nothing."""
    for _ in range(int(PATIENCE / 0.02)):
        if happened():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it never happened")
