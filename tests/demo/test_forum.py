"""A group with topics: where a message lands, what it carries, and what is refused."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, ReplyParameters
from telegram.error import BadRequest

from bot.demo.server import LocalTelegram, NotPossible
from tests.demo.conftest import ADA, BO, Serve
from tests.demo.test_sending import png

CARDS, CHAT = "显卡", "闲聊"


@pytest.fixture
async def forum(serve: Serve) -> AsyncIterator[tuple[LocalTelegram, Bot]]:
    async with serve(topics=(CARDS, CHAT)) as served:
        yield served


def topics_of(server: LocalTelegram) -> list[int | None]:
    """In which topics the bot's messages lie, the oldest first; None is General."""
    core = server.core
    return [post.topic_id for post in core.world.group.history() if post.sender_id == core.world.bot_id]


async def last_message(bot: Bot) -> Any:
    return (await bot.get_updates())[-1].message


async def test_a_message_in_a_topic_says_so_and_answers_its_beginning(forum: tuple[LocalTelegram, Bot]) -> None:
    server, bot = forum
    assert (await bot.get_chat(server.group_id)).is_forum
    await server.say(BO, server.group_id, "/gpus", topic=server.topics[CHAT])
    message = await last_message(bot)
    assert (message.is_topic_message, message.message_thread_id) == (True, server.topics[CHAT])
    assert message.reply_to_message.forum_topic_created.name == CHAT
    assert message.chat.is_forum


async def test_general_has_no_number_and_a_reply_in_it_one_that_is_no_topics(forum: tuple[LocalTelegram, Bot]) -> None:
    server, bot = forum
    first = await server.say(BO, server.group_id, "who is on gpu0?")
    message = await last_message(bot)
    assert (message.is_topic_message, message.message_thread_id) == (None, None)
    await server.say(ADA, server.group_id, "me", reply_to=first["message_id"])
    message = await last_message(bot)
    assert (message.is_topic_message, message.message_thread_id) == (None, first["message_id"])
    for number in (first["message_id"], 1):
        with pytest.raises(BadRequest, match="Message thread not found"):
            await bot.send_message(server.group_id, "x", message_thread_id=number)


async def test_everything_that_is_sent_goes_to_the_topic_that_is_named(forum: tuple[LocalTelegram, Bot]) -> None:
    server, bot = forum
    group, there = server.group_id, server.topics[CARDS]
    whisper = {"ephemeral_message_parameters": {"receiver_user_id": BO}}
    await bot.send_message(group, "text", message_thread_id=there)
    await bot.send_photo(group, png(4, 4), message_thread_id=there)
    await bot.send_document(group, b"x", filename="x.ics", message_thread_id=there)
    rich = {"chat_id": group, "rich_message": {"html": "<p>x</p>"}, "message_thread_id": there}
    await bot.do_api_request("sendRichMessage", api_kwargs=rich)
    sent = await bot.send_message(group, "for you", message_thread_id=there, api_kwargs=whisper)
    assert (sent.is_topic_message, sent.message_thread_id) == (True, there)
    assert topics_of(server) == [there] * 5
    await bot.send_message(group, "text")
    assert topics_of(server)[-1] is None


async def test_a_reply_and_a_pin_land_beside_what_they_are_about(forum: tuple[LocalTelegram, Bot]) -> None:
    server, bot = forum
    said = await server.say(BO, server.group_id, "hi", topic=server.topics[CHAT])
    await bot.send_message(server.group_id, "hi", reply_parameters=ReplyParameters(said["message_id"]))
    await bot.pin_chat_message(server.group_id, said["message_id"])
    assert topics_of(server) == [server.topics[CHAT]] * 2
    answer = server.messages(server.group_id)[-2]
    replied = await server.say(BO, server.group_id, "thanks", reply_to=answer["message_id"])
    assert replied["message_thread_id"] == server.topics[CHAT]


async def test_a_press_tells_the_topic_of_its_message(forum: tuple[LocalTelegram, Bot]) -> None:
    server, bot = forum
    buttons = InlineKeyboardMarkup([[InlineKeyboardButton("Mine", callback_data="mine")]])
    board = await bot.send_message(
        server.group_id, "board", reply_markup=buttons, message_thread_id=server.topics[CARDS]
    )
    await server.press(BO, server.group_id, board.message_id, "mine")
    pressed = (await bot.get_updates())[-1].callback_query.message
    assert (pressed.is_topic_message, pressed.message_thread_id) == (True, server.topics[CARDS])


async def test_a_deleted_topic_takes_its_messages_along_and_is_not_found(forum: tuple[LocalTelegram, Bot]) -> None:
    server, bot = forum
    gone = server.topics[CHAT]
    await server.say(BO, server.group_id, "hi", topic=gone)
    server.people.delete_topic(ADA, gone)
    assert "hi" not in [m.get("text") for m in server.messages(server.group_id)]
    with pytest.raises(BadRequest, match="Message thread not found"):
        await bot.send_message(server.group_id, "x", message_thread_id=gone)
    with pytest.raises(NotPossible, match="gone"):
        await server.say(BO, server.group_id, "hi", topic=gone)
    # Telegram says yes to this one all the same (tdlib/telegram-bot-api issue 732).
    assert await bot.send_chat_action(server.group_id, "typing", message_thread_id=gone)


async def test_a_closed_topic_is_for_those_who_manage_topics(forum: tuple[LocalTelegram, Bot]) -> None:
    server, bot = forum
    there = server.topics[CHAT]
    server.people.close_topic(ADA, there)
    assert (await last_message(bot)).forum_topic_closed
    with pytest.raises(BadRequest, match="Topic_closed"):
        await bot.send_message(server.group_id, "x", message_thread_id=there)
    with pytest.raises(NotPossible, match="closed"):
        await server.say(BO, server.group_id, "hi", topic=there)
    await server.say(ADA, server.group_id, "order!", topic=there)
    server.core.world.bot_rights.add("can_manage_topics")
    await bot.send_message(server.group_id, "x", message_thread_id=there)
    server.people.close_general()
    with pytest.raises(NotPossible, match="closed"):
        await server.say(BO, server.group_id, "hi")


async def test_a_bot_with_the_right_manages_topics(forum: tuple[LocalTelegram, Bot]) -> None:
    server, bot = forum
    with pytest.raises(BadRequest, match="Not enough rights to create a topic"):
        await bot.create_forum_topic(server.group_id, "junzi")
    server.core.world.bot_rights.add("can_manage_topics")
    topic = await bot.create_forum_topic(server.group_id, "junzi")
    await bot.close_forum_topic(server.group_id, topic.message_thread_id)
    with pytest.raises(BadRequest, match="Topic_not_modified"):
        await bot.close_forum_topic(server.group_id, topic.message_thread_id)
    await bot.reopen_forum_topic(server.group_id, topic.message_thread_id)
    await bot.delete_forum_topic(server.group_id, topic.message_thread_id)
    assert topic.message_thread_id not in server.core.world.group.topics


async def test_a_group_without_topics_has_none(serve: Serve) -> None:
    async with serve() as (server, bot):
        assert not (await bot.get_chat(server.group_id)).is_forum
        with pytest.raises(BadRequest, match="The chat is not a forum"):
            await bot.create_forum_topic(server.group_id, "junzi")
        with pytest.raises(BadRequest, match="Message thread not found"):
            await bot.send_message(server.group_id, "x", message_thread_id=2)


async def test_topics_turned_off_leave_what_was_said(forum: tuple[LocalTelegram, Bot]) -> None:
    server, bot = forum
    await server.say(BO, server.group_id, "hi", topic=server.topics[CHAT])
    server.people.change_forum(is_forum=False)
    assert server.messages(server.group_id)[-1].get("is_topic_message") is None
    with pytest.raises(BadRequest, match="Message thread not found"):
        await bot.send_message(server.group_id, "x", message_thread_id=server.topics[CHAT])
    with pytest.raises(NotPossible, match="no topics"):
        server.people.begin_topic(ADA, "more")
