"""A group with topics: posts of the bot's own in the configured one, answers where they were asked."""

from __future__ import annotations

from typing import Any

import pytest

from tests.stories.conftest import ADMIN, LISI, WANGWU, Talk, is_bots, key_of

pytestmark = [pytest.mark.quiet_lab, pytest.mark.parametrize("talk", ["forum group"], indirect=True)]

ME, OTHER, BOSS = LISI.telegram_id, WANGWU.telegram_id, ADMIN.telegram_id


def own(talk: Talk) -> int:
    """The topic that is configured."""
    return talk.telegram.topics["显卡"]


def elsewhere(talk: Talk) -> int:
    return talk.telegram.topics["闲聊"]


def said_in(talk: Talk, topic: int | None, who: int) -> list[dict[str, Any]]:
    """What the bot said there, as one member sees it."""
    messages = [m for m in talk.telegram.messages(talk.group, who) if is_bots(m)]
    return [m for m in messages if (m.get("message_thread_id") if m.get("is_topic_message") else None) == topic]


async def test_own_posts_go_to_the_configured_topic_and_answers_to_where_they_were_asked(talk: Talk) -> None:
    board = await talk.when(talk.group, lambda m: is_bots(m) and bool(m.get("reply_markup")))
    assert board["message_thread_id"] == own(talk)
    group = talk.telegram.core.world.group
    await talk.telegram.wait_for(lambda: bool(group.pinned), talk.patience)  # a moment after it is there
    assert group.posts[group.pinned[-1]].topic_id == own(talk)

    for text in ("/gpus", "/reserve gpu0 2h", "/mine", "/calendar", "/reserve gpu1 4h", "我用卡 2 跑两天哈！"):
        talk.demo.clock.skip(seconds=30)  # nobody is crowded out: that line would come later, with the others'
        answer = await talk.say(OTHER, text, chat=talk.group)
        assert answer["message_thread_id"] == elsewhere(talk), text
    await talk.settled()
    assert [m for m in said_in(talk, elsewhere(talk), BOSS) if "王五 Wang Wu：gpu1" in m.get("text", "")], (
        "what everybody must know is said where it was promised"
    )

    warned = talk.demo.world.start_run("wangwu", 0, "python train.py", 8 << 30)
    warning = await talk.until(talk.group, "你的程序跑在 gpu0 上")
    assert warning["message_thread_id"] == own(talk)
    talk.demo.world.end_run(warned)


async def test_general_is_a_place_to_ask_in_too(talk: Talk) -> None:
    first = await talk.telegram.say(ME, talk.group, "有人在吗")
    talk.topic = None
    answer = await talk.say(ME, "/gpus", chat=talk.group)
    assert "message_thread_id" not in answer or not answer.get("is_topic_message")
    # A reply in General carries a thread that is no topic.
    before = {key_of(m) for m in talk.telegram.messages(talk.group, ME)}
    await talk.telegram.say(ME, talk.group, "/reserve gpu0 2h", reply_to=first["message_id"])
    await talk.when(talk.group, lambda m: is_bots(m) and key_of(m) not in before, ME)
    assert len(said_in(talk, None, ME)) >= 2


@pytest.mark.parametrize("end", ["closed", "deleted"])
async def test_a_topic_that_is_closed_or_deleted_silences_nobody_and_is_told_once(talk: Talk, end: str) -> None:
    people = talk.telegram.people
    if end == "closed":
        people.close_topic(BOSS, own(talk))
    else:
        people.delete_topic(BOSS, own(talk))
        assert talk.demo.junzi is not None
        assert talk.demo.junzi.lab is not None
        talk.demo.clock.skip(minutes=6)
        await talk.demo.junzi.lab.live_board.show()
        board = await talk.when(talk.group, lambda m: is_bots(m) and bool(m.get("reply_markup")))
        assert not board.get("is_topic_message"), "the board is posted anew, in General"
    for card in (0, 0):
        run = talk.demo.world.start_run("wangwu", card, "python train.py", 8 << 30)
        warning = await talk.until(talk.group, "你的程序跑在 gpu0 上")
        assert not warning.get("is_topic_message")
        talk.demo.world.end_run(run)
        await talk.until(talk.group, "✅ 已解决")
    told = await talk.until(BOSS, f"群里的话题 {own(talk)} 发不进去了")
    assert "telegram.topic" in told["text"]
    assert sum("发不进去了" in text for text in talk.texts(BOSS)) == 1
    assert "发不进去" in await talk.say_and_read_last(BOSS, "/doctor")
    talk.topic = None  # for the check at the end: General is where it posts now
