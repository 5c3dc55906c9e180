"""The rules of edits, deletions and pressed buttons, tried with python-telegram-bot."""

from __future__ import annotations

import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, InputMediaPhoto
from telegram.error import BadRequest

from bot.demo.server import LocalTelegram, NotPossible
from tests.demo.conftest import ADA, BO, CHEN, HandClock, Serve
from tests.demo.test_sending import png

BUTTONS = InlineKeyboardMarkup([[InlineKeyboardButton("Extend", callback_data="extend:1")]])


async def test_an_edit_shows_new_text_and_drops_buttons_that_are_not_sent_again(
    telegram: LocalTelegram, bot: Bot, clock: HandClock
) -> None:
    message = await bot.send_message(ADA, "one", reply_markup=BUTTONS)
    clock.advance(60)
    edited = await bot.edit_message_text("<b>two</b>", ADA, message.message_id, parse_mode="HTML")
    assert (edited.text, edited.reply_markup) == ("two", None)
    assert (edited.edit_date - edited.date).total_seconds() == 60
    assert telegram.messages(ADA)[-1]["text"] == "two"


async def test_an_edit_to_the_same_is_not_modified(bot: Bot) -> None:
    message = await bot.send_message(ADA, "one", reply_markup=BUTTONS)
    with pytest.raises(BadRequest, match="Message is not modified: specified new message content and reply markup are"):
        await bot.edit_message_text("one", ADA, message.message_id, reply_markup=BUTTONS)
    with pytest.raises(BadRequest, match="Message is not modified"):
        await bot.edit_message_reply_markup(ADA, message.message_id, reply_markup=BUTTONS)


async def test_what_is_gone_or_not_the_bots_cannot_be_edited(telegram: LocalTelegram, bot: Bot) -> None:
    message = await bot.send_message(ADA, "one")
    await bot.delete_message(ADA, message.message_id)
    with pytest.raises(BadRequest, match="Message to edit not found"):
        await bot.edit_message_text("two", ADA, message.message_id)
    theirs = await telegram.say(ADA, ADA, "mine")
    with pytest.raises(BadRequest, match="Message can't be edited"):
        await bot.edit_message_text("two", ADA, theirs["message_id"])


async def test_text_and_caption_are_different_things(bot: Bot) -> None:
    photo = await bot.send_photo(ADA, png(4, 4), caption="one")
    text = await bot.send_message(ADA, "one")
    with pytest.raises(BadRequest, match="There is no text in the message to edit"):
        await bot.edit_message_text("two", ADA, photo.message_id)
    with pytest.raises(BadRequest, match="There is no caption in the message to edit"):
        await bot.edit_message_caption(ADA, text.message_id, caption="two")
    edited = await bot.edit_message_caption(ADA, photo.message_id, caption="two")
    assert (edited.caption, edited.photo[-1].file_id) == ("two", photo.photo[-1].file_id)


async def test_a_picture_can_be_exchanged(bot: Bot) -> None:
    photo = await bot.send_photo(ADA, png(4, 4), caption="one")
    edited = await bot.edit_message_media(InputMediaPhoto(png(8, 4), caption="two"), ADA, photo.message_id)
    assert (edited.photo[-1].width, edited.caption) == (8, "two")


async def test_a_change_of_buttons_alone_is_no_edit_to_readers(bot: Bot) -> None:
    message = await bot.send_message(ADA, "one")
    edited = await bot.edit_message_reply_markup(ADA, message.message_id, reply_markup=BUTTONS)
    assert edited.edit_date is None


async def test_deleting(telegram: LocalTelegram, bot: Bot, clock: HandClock) -> None:
    with pytest.raises(BadRequest, match="Message to delete not found"):
        await bot.delete_message(ADA, 9999)
    theirs = await telegram.say(BO, telegram.group_id, "oops")
    assert await bot.delete_message(telegram.group_id, theirs["message_id"])
    old = await bot.send_message(ADA, "old")
    clock.advance(48 * 3600 + 1)
    with pytest.raises(BadRequest, match="Message can't be deleted"):
        await bot.delete_message(ADA, old.message_id)
    new = await bot.send_message(ADA, "new")
    assert await bot.delete_messages(ADA, [old.message_id, new.message_id, 9999])
    assert [message["text"] for message in telegram.messages(ADA)][-1] == "old"


async def test_an_ordinary_member_deletes_only_its_own(serve: Serve) -> None:
    async with serve(bot_is_admin=False) as (server, bot):
        theirs = await server.say(BO, server.group_id, "oops")
        with pytest.raises(BadRequest, match="Message can't be deleted"):
            await bot.delete_message(server.group_id, theirs["message_id"])


async def test_anybody_in_the_group_presses_any_number_of_times(telegram: LocalTelegram, bot: Bot) -> None:
    message = await bot.send_message(telegram.group_id, "gpu0", reply_markup=BUTTONS)
    for person in (BO, CHEN, BO):
        await telegram.press(person, telegram.group_id, message.message_id, "Extend")
    queries = [update.callback_query for update in await bot.get_updates()]
    assert [query.from_user.id for query in queries] == [BO, CHEN, BO]
    assert {query.data for query in queries} == {"extend:1"}
    assert queries[0].message.text == "gpu0"


async def test_a_press_is_answered_once_within_a_minute(telegram: LocalTelegram, bot: Bot, clock: HandClock) -> None:
    message = await bot.send_message(ADA, "gpu0", reply_markup=BUTTONS)
    query = await telegram.press(ADA, ADA, message.message_id, "extend:1")
    await bot.answer_callback_query(query.query_id, "Sure?", show_alert=True)
    assert query.answer == {"text": "Sure?", "show_alert": True, "url": ""}
    too_old = "Query is too old and response timeout expired or query id is invalid"
    with pytest.raises(BadRequest, match=f"(?i){too_old}"):
        await bot.answer_callback_query(query.query_id)
    late = await telegram.press(ADA, ADA, message.message_id, "extend:1")
    clock.advance(61)
    with pytest.raises(BadRequest, match=f"(?i){too_old}"):
        await bot.answer_callback_query(late.query_id)


async def test_an_answer_has_at_most_200_characters(telegram: LocalTelegram, bot: Bot) -> None:
    message = await bot.send_message(ADA, "gpu0", reply_markup=BUTTONS)
    query = await telegram.press(ADA, ADA, message.message_id, "extend:1")
    with pytest.raises(BadRequest, match="Message_too_long"):
        await bot.answer_callback_query(query.query_id, "a" * 201)


async def test_a_button_that_is_gone_cannot_be_pressed(telegram: LocalTelegram, bot: Bot) -> None:
    message = await bot.send_message(ADA, "gpu0", reply_markup=BUTTONS)
    await bot.edit_message_text("done", ADA, message.message_id)
    with pytest.raises(NotPossible, match="no button"):
        await telegram.press(ADA, ADA, message.message_id, "extend:1")
