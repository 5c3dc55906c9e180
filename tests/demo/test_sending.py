"""The rules of sending, tried with python-telegram-bot: limits, replies, files, who may be written to, floods."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from telegram import (
    Bot,
    CopyTextButton,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
    Message,
    ReplyParameters,
)
from telegram.constants import ParseMode
from telegram.error import BadRequest, ChatMigrated, Forbidden, RetryAfter

from bot.demo.server import LocalTelegram, NotPossible
from tests.demo.conftest import ADA, BO, CHEN, HandClock, Serve


def png(width: int, height: int) -> bytes:
    """A black picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = zlib.compress(b"\0" * ((width + 1) * height))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


async def html(bot: Bot, chat: int, text: str) -> Message:
    return await bot.send_message(chat, text, parse_mode=ParseMode.HTML)


def keyboard(**button: object) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup([[InlineKeyboardButton("x", **button)]])  # type: ignore[arg-type]


async def test_a_message_comes_back_with_its_entities(bot: Bot) -> None:
    message = await html(bot, ADA, "🐼 <b>gpu0</b> for <a href='tg://user?id=102'>Bo</a>, see /gpus")
    assert message.text == "🐼 gpu0 for Bo, see /gpus"
    assert [entity.type for entity in message.entities] == ["bold", "text_mention", "bot_command"]
    assert message.entities[1].user.username == "bowen"
    assert message.parse_entity(message.entities[0]) == "gpu0"


async def test_a_mention_of_a_stranger_is_plain_text(bot: Bot) -> None:
    message = await html(bot, ADA, "<a href='tg://user?id=999'>who</a>")
    assert (message.text, message.entities) == ("who", ())


async def test_unbalanced_html_loses_the_whole_message(telegram: LocalTelegram, bot: Bot) -> None:
    before = len(telegram.messages(ADA))
    with pytest.raises(BadRequest, match=r"^Can't parse entities: unsupported start tag"):
        await html(bot, ADA, "free: <24 GB>")
    assert len(telegram.messages(ADA)) == before


async def test_an_unknown_parse_mode_is_refused(bot: Bot) -> None:
    with pytest.raises(BadRequest, match="Unsupported parse_mode"):
        await bot.send_message(ADA, "x", parse_mode="LaTeX")


async def test_text_has_at_most_4096_utf16_units_after_parsing(bot: Bot) -> None:
    assert len((await html(bot, ADA, f"<b>{'a' * 4096}</b>")).text) == 4096
    with pytest.raises(BadRequest, match="Message is too long"):
        await bot.send_message(ADA, "a" * 4097)
    with pytest.raises(BadRequest, match="Message is too long"):
        await bot.send_message(ADA, "🐼" * 2049)


@pytest.mark.parametrize(("text", "words"), [("", "Message text is empty"), (" \n ", "Text must be non-empty")])
async def test_text_has_at_least_one_character(bot: Bot, text: str, words: str) -> None:
    with pytest.raises(BadRequest, match=words):
        await bot.send_message(ADA, text)


async def test_a_caption_has_at_most_1024(bot: Bot) -> None:
    await bot.send_photo(ADA, png(4, 4), caption="a" * 1024)
    with pytest.raises(BadRequest, match="Message caption is too long"):
        await bot.send_photo(ADA, png(4, 4), caption="a" * 1025)


async def test_callback_data_is_1_to_64_bytes(bot: Bot) -> None:
    await bot.send_message(ADA, "x", reply_markup=keyboard(callback_data="a" * 64))
    with pytest.raises(BadRequest, match="Button_data_invalid"):
        await bot.send_message(ADA, "x", reply_markup=keyboard(callback_data="显" * 22))


async def test_a_copied_text_is_1_to_256_characters(bot: Bot) -> None:
    await bot.send_message(ADA, "x", reply_markup=keyboard(copy_text=CopyTextButton("a" * 256)))
    with pytest.raises(BadRequest, match="Button_copy_text_invalid"):
        await bot.send_message(ADA, "x", reply_markup=keyboard(copy_text=CopyTextButton("a" * 257)))


async def test_a_button_must_do_something_and_has_a_known_style(bot: Bot) -> None:
    with pytest.raises(BadRequest, match="text buttons are unallowed in the inline keyboard"):
        await bot.send_message(ADA, "x", reply_markup=keyboard())
    with pytest.raises(BadRequest, match="invalid button style"):
        await bot.send_message(ADA, "x", reply_markup=keyboard(callback_data="x", style="pink"))
    sent = await bot.send_message(ADA, "x", reply_markup=keyboard(callback_data="x", style="danger"))
    assert sent.reply_markup.inline_keyboard[0][0].style == "danger"


async def test_a_keyboard_has_at_most_100_buttons(bot: Bot) -> None:
    row = [InlineKeyboardButton("x", callback_data="x")] * 5
    await bot.send_message(ADA, "x", reply_markup=InlineKeyboardMarkup([row] * 20))
    with pytest.raises(BadRequest, match="Reply markup is too long"):
        await bot.send_message(ADA, "x", reply_markup=InlineKeyboardMarkup([row] * 21))


async def test_a_reply_quotes_what_it_answers(telegram: LocalTelegram, bot: Bot) -> None:
    asked = await telegram.say(BO, telegram.group_id, "free?")
    answer = await bot.send_message(telegram.group_id, "yes", reply_to_message_id=asked["message_id"])
    assert answer.reply_to_message.text == "free?"
    assert answer.reply_to_message.from_user.id == BO


async def test_a_reply_to_nothing_fails_unless_allowed(bot: Bot) -> None:
    with pytest.raises(BadRequest, match="Message to be replied not found"):
        await bot.send_message(ADA, "x", reply_to_message_id=9999)
    lenient = ReplyParameters(9999, allow_sending_without_reply=True)
    assert (await bot.send_message(ADA, "x", reply_parameters=lenient)).reply_to_message is None


async def test_photos_are_pictures_of_bounded_size(bot: Bot) -> None:
    sent = await bot.send_photo(ADA, png(40, 30), caption="<i>x</i>", parse_mode="HTML", has_spoiler=True)
    assert (sent.photo[-1].width, sent.photo[-1].height, sent.caption) == (40, 30, "x")
    assert sent.has_media_spoiler
    with pytest.raises(BadRequest, match="Image_process_failed"):
        await bot.send_photo(ADA, b"not a picture")
    with pytest.raises(BadRequest, match="Photo_invalid_dimensions"):
        await bot.send_photo(ADA, png(2100, 100))
    with pytest.raises(BadRequest, match="Photo_invalid_dimensions"):
        await bot.send_photo(ADA, png(5001, 5000))
    big = png(10, 10) + b"\0" * (10 * 1024 * 1024)
    with pytest.raises(BadRequest, match=r"File of size \d+ bytes is too big for a photo"):
        await bot.send_photo(ADA, big)


async def test_a_file_id_sends_again_what_was_sent(bot: Bot) -> None:
    first = await bot.send_photo(ADA, png(40, 30))
    again = await bot.send_photo(BO, first.photo[-1].file_id)
    assert again.photo[-1].file_unique_id == first.photo[-1].file_unique_id
    with pytest.raises(BadRequest, match=r"(?i)wrong file identifier/HTTP URL specified"):
        await bot.send_photo(ADA, "no-such-file")
    with pytest.raises(BadRequest, match=r"(?i)can't use file of type Photo as Document"):
        await bot.send_document(ADA, first.photo[-1].file_id)


async def test_a_document_keeps_its_name_and_can_be_downloaded(bot: Bot) -> None:
    sent = await bot.send_document(ADA, io.BytesIO(b"a,b\n"), filename="报表.csv")
    assert (sent.document.file_name, sent.document.file_size) == ("报表.csv", 4)
    file = await bot.get_file(sent.document.file_id)
    assert bytes(await file.download_as_bytearray()) == b"a,b\n"
    with pytest.raises(BadRequest, match="File must be non-empty"):
        await bot.send_document(ADA, io.BytesIO(b""), filename="empty.csv")


async def test_downloads_end_at_20_megabytes(telegram: LocalTelegram, bot: Bot) -> None:
    message = await telegram.upload(ADA, ADA, "big.bin", b"\0" * (20 * 1024 * 1024 + 1))
    with pytest.raises(BadRequest, match="File is too big"):
        await bot.get_file(message["document"]["file_id"])
    with pytest.raises(BadRequest, match="Invalid file_id"):
        await bot.get_file("nothing")


async def test_an_album_has_2_to_10_of_one_kind(bot: Bot) -> None:
    photo = InputMediaPhoto(png(4, 4), caption="first")
    album = await bot.send_media_group(ADA, [photo, InputMediaPhoto(png(4, 4))])
    assert len({message.media_group_id for message in album}) == 1
    assert [message.caption for message in album] == ["first", None]
    with pytest.raises(BadRequest, match="Too few media"):
        await bot.send_media_group(ADA, [photo])
    with pytest.raises(BadRequest, match="Document can't be mixed"):
        await bot.send_media_group(ADA, [photo, InputMediaDocument(b"x", filename="x.txt")])


async def test_typing_needs_a_known_action(bot: Bot) -> None:
    await bot.send_chat_action(ADA, "typing")
    with pytest.raises(BadRequest, match="Wrong parameter action in request"):
        await bot.send_chat_action(ADA, "dancing")


async def test_nobody_is_written_to_before_they_press_start(serve: Serve) -> None:
    async with serve() as (server, bot):
        with pytest.raises(Forbidden, match="bot can't initiate conversation with a user"):
            await bot.send_message(BO, "hello?")
        await server.begin(BO)
        assert (await bot.send_message(BO, "hello")).text == "hello"


async def test_a_blocked_bot_is_told_so(telegram: LocalTelegram, bot: Bot) -> None:
    telegram.people.block(BO)
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(BO, "hello?")
    update = (await bot.get_updates())[-1].my_chat_member
    assert (update.new_chat_member.status, update.from_user.id) == ("kicked", BO)
    await telegram.say(BO, BO, "back again")
    assert (await bot.send_message(BO, "hello")).text == "hello"


async def test_a_bot_that_was_kicked_is_told_so(telegram: LocalTelegram, bot: Bot) -> None:
    telegram.people.change_bot(ADA, "kicked")
    with pytest.raises(Forbidden, match="bot was kicked from the supergroup chat"):
        await bot.send_message(telegram.group_id, "hello?")


async def test_a_chat_nobody_knows_is_not_found(bot: Bot) -> None:
    for chat in (4711, -100123):
        with pytest.raises(BadRequest, match="Chat not found"):
            await bot.send_message(chat, "x")


async def test_the_id_of_an_upgraded_group_leads_to_the_new_one(telegram: LocalTelegram, bot: Bot) -> None:
    with pytest.raises(ChatMigrated) as caught:
        await bot.send_message(telegram.former_group_id, "x")
    assert caught.value.new_chat_id == telegram.group_id


async def test_parameters_come_as_json_too(telegram: LocalTelegram, bot: Bot) -> None:
    import aiohttp

    async with aiohttp.ClientSession() as session:
        markup = {"inline_keyboard": [[{"text": "y", "callback_data": "z"}]]}
        body = {"chat_id": ADA, "text": "x", "reply_markup": markup}
        async with session.post(f"{telegram.url}/bot{telegram.core.token}/SENDmessage", json=body) as answer:
            result = (await answer.json())["result"]
    assert result["reply_markup"]["inline_keyboard"][0][0]["callback_data"] == "z"


async def test_messages_in_a_burst_get_429_with_a_time_to_wait(serve: Serve, clock: HandClock) -> None:
    async with serve(flood_limits=True) as (server, bot):
        await server.begin(BO)
        for number in range(8):
            await bot.send_message(BO, str(number))
        with pytest.raises(RetryAfter) as caught:
            await bot.send_message(BO, "too much")
        clock.advance(caught.value.retry_after.total_seconds())
        await bot.send_message(BO, "patient")


async def test_a_group_takes_20_messages_a_minute_edits_included(serve: Serve, clock: HandClock) -> None:
    async with serve(flood_limits=True) as (server, bot):
        message = await bot.send_message(server.group_id, "board")
        for number in range(19):
            clock.advance(1)
            await bot.edit_message_text(f"board {number}", server.group_id, message.message_id)
        clock.advance(1)
        with pytest.raises(RetryAfter) as caught:
            await bot.send_message(server.group_id, "one more")
        assert 35 <= caught.value.retry_after.total_seconds() <= 45
        clock.advance(caught.value.retry_after.total_seconds())
        await bot.send_message(server.group_id, "one more")


async def test_the_wait_is_told_in_the_bots_seconds_when_the_demo_runs_faster(serve: Serve) -> None:
    async with serve(flood_limits=True, speed=20.0) as (server, bot):
        for number in range(8):
            await bot.send_message(server.group_id, str(number))
        with pytest.raises(RetryAfter) as caught:
            await bot.send_message(server.group_id, "too much")
        assert caught.value.retry_after.total_seconds() == 1


async def test_an_app_sends_no_empty_message_and_none_to_strangers(telegram: LocalTelegram) -> None:
    with pytest.raises(NotPossible):
        await telegram.say(ADA, ADA, "  ")
    with pytest.raises(NotPossible):
        await telegram.say(ADA, CHEN, "hi")


async def test_calls_are_written_down(telegram: LocalTelegram, bot: Bot) -> None:
    await bot.send_message(ADA, "x")
    call = telegram.calls[-1]
    assert (call.method, call.parameters["chat_id"], call.error) == ("sendMessage", str(ADA), None)
