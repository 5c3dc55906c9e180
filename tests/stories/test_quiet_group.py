"""The group reads like a notice board: what concerns one person is seen by that person, where the server can do it."""

from __future__ import annotations

from typing import Any

import pytest

from bot.views.status import status_caption
from tests.stories.conftest import ADMIN, LISI, WANGWU, Talk, is_bots, key_of

pytestmark = pytest.mark.quiet_lab

ME, OTHER, BOSS = LISI.telegram_id, WANGWU.telegram_id, ADMIN.telegram_id
PERSONAL = ("已有人预约", "我的预约", "空闲时段", "例如", "预约显卡", "这不是你的", "只有管理员能用")


def is_quiet(talk: Talk) -> bool:
    """Can this bot whisper at any time? (An ordinary member only within 15 seconds of a press.)"""
    core = talk.telegram.core
    return core.knows("ephemeral") and core.world.bot_status == "administrator"


async def a_busy_hour(talk: Talk) -> None:
    """Refusals, hints, lists, dialogues and promises, all typed in the group."""
    for who, text in (
        (OTHER, "/reserve gpu0 2h"),
        (OTHER, "/reserve gpu1 blah"),
        (OTHER, "/mine"),
        (OTHER, "/free"),
        (OTHER, "/reserve"),
        (OTHER, "/block gpu1 2h"),
        (ME, "/reserve gpu1 4h"),
        (ME, "/release gpu1"),
        (OTHER, "我用卡 2 跑两天哈！"),
    ):
        await talk.say(who, text, chat=talk.group)
    # Where the whole is whispered, the others get a line, together with others if several came at once.
    await talk.until(talk.group, "李四 Li Si 释放了 gpu1" if talk.telegram.core.knows("ephemeral") else "gpu1 已释放")
    await talk.settled()


async def test_what_is_personal_is_seen_by_one_and_what_is_promised_by_all(talk: Talk) -> None:
    await a_busy_hour(talk)
    everybody = "\n".join(talk.texts(talk.group))
    asker = "\n".join(talk.texts(talk.group, OTHER))
    for words in ("已有人预约", "预约显卡", "空闲时段"):
        assert words in asker
    # What students type is seen by the bot alone: any bot may whisper an answer to that.
    for words in ("已有人预约", "预约显卡", "空闲时段", "/reserve"):
        assert (words in everybody) is not talk.telegram.core.knows("ephemeral")
    if is_quiet(talk):
        assert not [words for words in PERSONAL if words in everybody]
        assert "李四 Li Si：gpu1" in everybody, "a promise made is everybody's to know"
        assert "李四 Li Si 释放了 gpu1" in everybody


async def test_nothing_secret_is_ever_in_the_group(talk: Talk) -> None:
    await talk.type(BOSS, "/adduser zhangsan", talk.group)
    done = await talk.until(BOSS, "zhangsan 开好了")
    await talk.type(ME, "/password", talk.group)
    private = await talk.until(ME, "要新密码")
    password = private["text"].split("密码 ")[1][:19]
    code = done["text"].split("start=")[1].split()[0]
    calls = [call for call in talk.telegram.calls if str(call.parameters.get("chat_id")) == str(talk.group)]
    assert calls
    for call in calls:
        assert password not in str(call.parameters)
        assert code not in str(call.parameters)


async def test_who_asks_for_a_private_matter_is_pointed_to_the_private_chat_without_a_message_for_all(
    talk: Talk,
) -> None:
    await talk.type(ME, "/mycontainer", talk.group)
    await talk.until(ME, "ssh -p 10001", ME)
    await talk.settled()
    assert not any("已私聊回复你" in text for text in talk.texts(talk.group))
    typed = next(m for m in talk.telegram.messages(talk.group) if m.get("text") == "/mycontainer")
    signs = [c for c in talk.telegram.calls if c.method == "setMessageReaction"]
    whispered = any("已私聊回复你" in text for text in talk.texts(talk.group, ME))
    assert whispered is is_quiet(talk)
    assert [str(c.parameters["message_id"]) for c in signs] == ([] if whispered else [str(typed["message_id"])])


async def test_a_tap_under_the_sentence_gives_it_a_sign_and_the_group_no_message(talk: Talk) -> None:
    offer = await talk.say(ME, "我用卡 1 跑两天哈！", chat=talk.group)
    before = len(talk.texts(talk.group))
    await talk.press(ME, offer, "好，预约", chat=talk.group)
    await talk.settled()
    assert len(talk.texts(talk.group)) == before
    sentence = next(m for m in talk.telegram.messages(talk.group) if m.get("text") == "我用卡 1 跑两天哈！")
    reactions = [c for c in talk.telegram.calls if c.method == "setMessageReaction"]
    assert [str(c.parameters["message_id"]) for c in reactions] == [str(sentence["message_id"])]


@pytest.mark.parametrize("talk", ["old server"], indirect=True)
async def test_a_server_that_shows_to_all_what_was_for_one_is_found_out_and_mended(talk: Talk) -> None:
    """A self-hosted server may answer to the method's name and still ignore the parameter."""
    assert talk.demo.junzi is not None
    assert talk.demo.junzi.lab is not None
    able = talk.demo.junzi.lab.abilities.able
    able.now = type(able.now)(whispers=True, is_admin=True)
    await talk.type(OTHER, "/reserve gpu0 2h", talk.group)
    await talk.until(talk.group, "已有人预约", OTHER)
    await talk.settled()
    assert not able.now.whispers
    deleted = [c for c in talk.telegram.calls if c.method == "deleteMessage"]
    assert len(deleted) == 1
    assert sum("已有人预约" in text for text in talk.texts(talk.group)) == 1, "the plain form, once"


async def test_times_are_in_the_readers_own_zone_with_the_labs_inside(talk: Talk) -> None:
    booked = await talk.say(ME, "/reserve gpu1 4h")
    entities = [e for e in booked["entities"] if e["type"] == "date_time"]
    assert entities
    inner = booked["text"][entities[0]["offset"] : entities[0]["offset"] + entities[0]["length"]]
    assert "月" in inner


async def test_the_holders_name_carries_the_promise_and_a_tag_of_ones_own_comes_back(talk: Talk) -> None:
    tags = talk.telegram.core.world.tags
    if not is_quiet(talk) and talk.telegram.core.world.bot_status != "administrator":
        assert tags == {}, "a bot without the right leaves names alone"
        return
    await talk.telegram.wait_for(lambda: tags.get(ME, "").startswith("gpu0 周"), 20)
    tags[OTHER] = "博士生"
    await talk.say(OTHER, "/reserve gpu1 4h")
    await talk.telegram.wait_for(lambda: tags.get(OTHER, "").startswith("gpu1 周"), 20)
    await talk.say(OTHER, "/release gpu1")
    await talk.telegram.wait_for(lambda: tags.get(OTHER) == "博士生", 20)
    assert BOSS not in tags, "an administrator can't have one"


@pytest.mark.parametrize("talk", ["administrator"], indirect=True)
async def test_a_picture_for_one_alone_changes_in_its_place(talk: Talk) -> None:
    """Other days, then words in its place, then a picture again: never a second message."""

    def whispers() -> list[dict[str, Any]]:
        return [m for m in talk.telegram.messages(talk.group, OTHER) if "ephemeral_message_id" in m and is_bots(m)]

    week = await talk.say(OTHER, "/calendar", chat=talk.group)
    before = week["photo"]
    await talk.press(OTHER, week, "7 天", chat=talk.group)
    await talk.telegram.wait_for(lambda: whispers()[0]["photo"] != before)
    await talk.press(OTHER, week, "文字", chat=talk.group)
    words = await talk.until(talk.group, "未来 7 天的预约", OTHER)
    await talk.settled()
    assert [key_of(m) for m in whispers()] == [key_of(words)]
    await talk.press(OTHER, words, "图片", chat=talk.group)
    await talk.telegram.wait_for(lambda: "photo" in whispers()[0])
    assert [key_of(m) for m in whispers()] == [key_of(words)]
    assert talk.texts(talk.group) == talk.texts(talk.group, ME), "nobody else saw anything"


async def test_a_picture_for_all_becomes_words_for_the_one_who_asks(talk: Talk) -> None:
    """In its place, for them alone, where the server can; else as an answer of its own."""
    assert talk.demo.junzi is not None
    assert talk.demo.junzi.lab is not None
    lab = talk.demo.junzi.lab
    voice = lab.voices.for_group()
    png = await lab.drawing.status(voice)
    number = await lab.messenger.send_photo(talk.group, png, status_caption(), voice)
    picture = next(m for m in talk.telegram.messages(talk.group) if m["message_id"] == number)
    await talk.press(OTHER, picture, "文字", chat=talk.group)
    await talk.settled()
    for_all = [m["message_id"] for m in talk.telegram.messages(talk.group, ME)]
    for_one = [m["message_id"] for m in talk.telegram.messages(talk.group, OTHER)]
    assert number in for_all
    assert (number in for_one) is not talk.telegram.core.knows("ephemeral")


async def test_what_an_admin_does_is_told_to_all_without_what_only_the_admin_needs(talk: Talk) -> None:
    await talk.say(BOSS, "/bookfor wangwu gpu2 4h", chat=talk.group)
    await talk.say(BOSS, "/revoke gpu2 # 赶截稿", chat=talk.group)
    await talk.settled()
    everybody, boss = "\n".join(talk.texts(talk.group)), "\n".join(talk.texts(talk.group, BOSS))
    await talk.until(talk.group, "原来到", WANGWU.telegram_id)
    for words in ("已替 王五 Wang Wu 预约 gpu2", "/undo 可以撤销最后一个"):
        assert words in boss
        assert (words in everybody) is not is_quiet(talk)
    if is_quiet(talk):
        assert "✅ 王五 Wang Wu：gpu2，" in everybody
        assert "❗ 管理员收回了预约：\n• 王五 Wang Wu：gpu2" in everybody
