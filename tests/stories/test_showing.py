"""What the group can see: the board, the pictures, the calendar and its file, as people ask for and read them."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from bot.demo.server.rich_walk import plain_blocks
from tests.stories.conftest import ADMIN, LISI, WANGWU, Talk, buttons, is_bots, key_of

plain_form = pytest.mark.plain_form


def picture_of(talk: Talk, message: dict[str, Any]) -> Image.Image:
    """As it was uploaded."""
    largest = max(message["photo"], key=lambda size: size["width"])
    return Image.open(BytesIO(content_of(talk, largest["file_id"])))


def content_of(talk: Talk, file_id: str) -> bytes:
    return talk.telegram.core.files.by_id[file_id].upload.data


def labels(message: dict[str, Any]) -> list[str]:
    return [button["text"] for button in buttons(message)]


async def test_the_calendar_is_a_picture_with_the_same_in_words_under_it(talk: Talk) -> None:
    answer = await talk.say(LISI.telegram_id, "/calendar")
    assert picture_of(talk, answer).width == 1200
    assert "未来 3 天的预约" in answer["caption"]
    assert "gpu0" in answer["caption"]
    assert "你" in answer["caption"]
    assert labels(answer) == ["3 天", "7 天", "看文字", "预约", "加到我的日历（.ics）"]

    await talk.press(LISI.telegram_id, answer, "7 天")
    changed = await talk.when(LISI.telegram_id, lambda m: "未来 7 天的预约" in m.get("caption", ""))
    assert changed["message_id"] == answer["message_id"]
    assert changed["photo"] != answer["photo"]


async def test_in_the_group_nothing_in_the_calendar_is_yours(talk: Talk) -> None:
    answer = await talk.say(LISI.telegram_id, "/calendar", chat=talk.group)
    assert "李四 Li Si 用到" in answer["caption"]
    text = await talk.say(WANGWU.telegram_id, "/calendar text 7", chat=talk.group)
    assert "photo" not in text
    assert "未来 7 天的预约" in text["text"]
    assert "🟢 一直空闲" in text["text"]


async def test_a_picture_becomes_text_in_a_new_message_and_text_a_picture_in_place(talk: Talk) -> None:
    picture = await talk.say(LISI.telegram_id, "/calendar")
    await talk.press(LISI.telegram_id, picture, "看文字")
    text = await talk.until(LISI.telegram_id, "未来 3 天的预约")
    assert text["message_id"] != picture["message_id"]
    await talk.press(LISI.telegram_id, text, "看图片")
    changed = await talk.when(LISI.telegram_id, lambda m: m["message_id"] == text["message_id"] and "photo" in m)
    assert "未来 3 天的预约" in changed["caption"]


async def test_ones_own_bookings_come_as_a_file_in_private(talk: Talk) -> None:
    await talk.say(LISI.telegram_id, "/reserve gpu1 4h # ViT 消融实验")
    await talk.type(LISI.telegram_id, "/ics", talk.group)
    sent = await talk.when(LISI.telegram_id, lambda m: "document" in m)
    assert sent["document"]["file_name"] == "显卡预约.ics"
    content = content_of(talk, sent["document"]["file_id"]).decode()
    assert content.count("BEGIN:VEVENT") == 2
    assert "gpu1" in content
    assert "ViT 消融实验" in content
    assert all("document" not in m for m in talk.telegram.messages(talk.group))


async def test_the_labs_file_names_people_and_somebody_without_bookings_is_told_so(talk: Talk) -> None:
    await talk.say(WANGWU.telegram_id, "/ics lab")
    sent = await talk.when(WANGWU.telegram_id, lambda m: "document" in m)
    assert "gpu0 李四 Li Si" in content_of(talk, sent["document"]["file_id"]).decode()
    assert "没有预约" in (await talk.say(WANGWU.telegram_id, "/ics"))["text"]


async def test_the_button_under_a_calendar_in_the_group_sends_the_file_in_private(talk: Talk) -> None:
    calendar = await talk.say(LISI.telegram_id, "/calendar", chat=talk.group)
    answer = await talk.press(LISI.telegram_id, calendar, ".ics", chat=talk.group)
    assert "私聊" in answer["text"]
    await talk.when(LISI.telegram_id, lambda m: "document" in m)


def pinned(talk: Talk) -> dict[str, Any]:
    """The board at the top of the group; for a bot that may not pin, the board all the same."""
    boards = [m for m in talk.telegram.messages(talk.group) if m.get("text", "").startswith("显卡一览")]
    assert len(boards) == 1
    if talk.telegram.core.world.bot_status == "administrator":
        assert boards[0]["message_id"] == talk.telegram.core.world.group.pinned[-1]
    return boards[0]


async def show(talk: Talk) -> None:
    """What the timetable does every half a minute of real time, which a test does not wait for."""
    assert talk.demo.junzi is not None
    assert talk.demo.junzi.lab is not None
    await talk.demo.junzi.lab.live_board.show()


@plain_form
async def test_one_board_is_pinned_and_follows_what_happens(talk: Talk) -> None:
    board = pinned(talk)
    assert "gpu0 RTX 4090\n🔒 李四 Li Si，" in board["text"]
    assert "gpu1 RTX 4090\n🟢 空闲" in board["text"]
    assert "会自动更新" in board["text"]

    await talk.say(WANGWU.telegram_id, "/reserve gpu1 4h")
    await show(talk)
    changed = pinned(talk)
    assert changed["message_id"] == board["message_id"]
    assert "gpu1 RTX 4090\n🔒 王五 Wang Wu，" in changed["text"]


@plain_form
async def test_a_board_that_somebody_deleted_comes_back(talk: Talk) -> None:
    old = pinned(talk)["message_id"]
    core = talk.telegram.core
    core.remove(core.world.group.posts[old])
    await talk.say(WANGWU.telegram_id, "/reserve gpu1 4h")
    await show(talk)
    assert pinned(talk)["message_id"] != old


@plain_form
async def test_a_card_on_the_pinned_board_answers_only_who_pressed(talk: Talk) -> None:
    before = len(talk.telegram.messages(talk.group))
    answer = await talk.press(WANGWU.telegram_id, pinned(talk), "gpu0", chat=talk.group)
    assert answer["show_alert"]
    assert answer["text"].startswith("gpu0 ")
    assert "🔒 李四 Li Si，" in answer["text"]
    assert len(talk.telegram.messages(talk.group)) == before


@plain_form
async def test_a_card_is_looked_at_closely_and_left_again(talk: Talk) -> None:
    board = await talk.say(LISI.telegram_id, "/gpus")
    await talk.press(LISI.telegram_id, board, "🔍 gpu0")
    details = await talk.until(LISI.telegram_id, "过去 24 小时")
    assert details["message_id"] == board["message_id"]
    assert "李四 Li Si" in details["text"]
    assert "ViT ablation" in details["text"]
    await talk.press(LISI.telegram_id, details, "返回")
    await talk.when(LISI.telegram_id, lambda m: m["message_id"] == board["message_id"] and "gpu3" in m["text"])


async def test_a_card_is_booked_from_its_row(talk: Talk) -> None:
    board = await talk.say(WANGWU.telegram_id, "/gpus")
    await talk.press(WANGWU.telegram_id, board, "预约 gpu1")
    dialogue = await talk.until(WANGWU.telegram_id, "卡：gpu1")
    await talk.press(WANGWU.telegram_id, dialogue, "4 小时")
    ready = await talk.when(WANGWU.telegram_id, lambda m: any("预约，到" in label for label in labels(m)))
    await talk.press(WANGWU.telegram_id, ready, "预约，到")
    await talk.until(WANGWU.telegram_id, "✅ gpu1 归你用")


@plain_form
async def test_the_last_day_is_a_picture_that_is_refreshed_in_place(talk: Talk) -> None:
    picture = await talk.say(LISI.telegram_id, "/gpus picture")
    assert picture_of(talk, picture).width == 1200
    assert "过去 24 小时" in picture["caption"]
    await talk.press(LISI.telegram_id, picture, "看文字")
    board = await talk.when(LISI.telegram_id, lambda m: "🔒" in m.get("text", ""))
    await talk.press(LISI.telegram_id, board, "看图片")
    await talk.when(LISI.telegram_id, lambda m: m["message_id"] == board["message_id"] and "photo" in m)


@pytest.mark.quiet_lab
async def test_a_picture_that_one_person_asked_for_in_the_group_is_theirs_alone(talk: Talk) -> None:
    before = len(talk.telegram.messages(talk.group))
    board = await talk.say(LISI.telegram_id, "/gpus", chat=talk.group)
    await talk.press(LISI.telegram_id, board, "看图片")
    await talk.when(talk.group, lambda m: "photo" in m, who=LISI.telegram_id)
    if talk.telegram.core.world.bot_status == "administrator" and talk.telegram.core.knows("ephemeral"):
        public = talk.telegram.messages(talk.group)[before:]
        assert [m for m in public if is_bots(m)] == []


@pytest.mark.parametrize("talk", ["administrator"], indirect=True)
async def test_where_the_server_knows_tables_the_board_is_one(talk: Talk) -> None:
    """The same facts: cards, holders, until when; and it is edited in place like the plain one."""
    board = next(m for m in talk.telegram.messages(talk.group) if "rich_message" in m)
    words = plain_blocks(board["rich_message"]["blocks"])
    assert "gpu0" in words
    assert re.search("🔒 李四 Li Si，.*结束", words)
    assert "gpu3" in words
    await talk.say(WANGWU.telegram_id, "/reserve gpu1 4h")
    await show(talk)
    changed = next(m for m in talk.telegram.messages(talk.group) if m["message_id"] == board["message_id"])
    assert "🔒 王五 Wang Wu，" in plain_blocks(changed["rich_message"]["blocks"])


@pytest.mark.quiet_lab
async def test_a_closed_card_is_not_shown_as_the_admins(talk: Talk) -> None:
    await talk.say(ADMIN.telegram_id, "/block gpu2 2h # 换风扇")
    board = await talk.say(LISI.telegram_id, "/gpus")
    words = plain_blocks(board["rich_message"]["blocks"]) if "rich_message" in board else board["text"]
    assert "🛠 维护" in words
    assert "🔒 维护，" in (await talk.say(LISI.telegram_id, "/who gpu2"))["text"]


@plain_form
@pytest.mark.quiet_lab
async def test_a_closed_card_is_not_shown_as_the_admins_in_plain_words(talk: Talk) -> None:
    await talk.say(ADMIN.telegram_id, "/block gpu2 2h # 换风扇")
    assert "🛠 维护，" in (await talk.say(LISI.telegram_id, "/gpus"))["text"]


@pytest.mark.quiet_lab
async def test_a_card_that_is_there_for_the_taking_is_taken_by_one_tap_on_the_board(talk: Talk) -> None:
    """The board stays everybody's; the promise is told to all, and what goes with it to the one who made it."""
    board = the_board(talk)
    assert [label for label in labels(board) if "4 小时" in label] == [f"预约 gpu{n} 4 小时" for n in (1, 2, 3)]
    answer = await talk.press(WANGWU.telegram_id, board, "gpu3 4 小时", chat=talk.group)
    assert "已预约" in answer["text"]
    booked = await talk.until(talk.group, "✅ gpu3 归你用", WANGWU.telegram_id)
    assert key_of(booked) != key_of(board)
    await show(talk)
    assert "预约 gpu3 4 小时" not in labels(the_board(talk))


def the_board(talk: Talk) -> dict[str, Any]:
    """In any form."""
    return next(m for m in talk.telegram.messages(talk.group) if "🔍 gpu0" in labels(m))
