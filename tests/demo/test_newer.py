"""What came with Bot API 10.1 to 10.3, and how an older server treats it: ephemeral and rich messages."""

from __future__ import annotations

from typing import Any

import pytest
from telegram import Bot, BotCommand, BotCommandScopeAllGroupChats, InlineKeyboardButton, InlineKeyboardMarkup, Message
from telegram.error import BadRequest, EndPointNotFound

from bot.demo.server import LocalTelegram
from tests.demo.conftest import ADA, BO, CHEN, HandClock, Serve
from tests.demo.test_sending import png


async def whisper(bot: Bot, chat: int, person: int, text: str = "for you", **more: Any) -> Message:
    parameters = {"receiver_user_id": person, **more}
    return await bot.send_message(chat, text, api_kwargs={"ephemeral_message_parameters": parameters})


async def test_one_member_alone_sees_an_ephemeral_message(telegram: LocalTelegram, bot: Bot) -> None:
    message = await whisper(bot, telegram.group_id, BO)
    assert message.message_id == 0
    assert message.api_kwargs["ephemeral_message_id"] == 1
    assert message.api_kwargs["receiver_user"]["id"] == BO
    assert [m["text"] for m in telegram.messages(telegram.group_id, viewer=BO)] == ["for you"]
    assert telegram.messages(telegram.group_id, viewer=CHEN) == telegram.messages(telegram.group_id) == []


async def test_an_ephemeral_message_is_edited_and_deleted_by_its_own_methods(telegram: LocalTelegram, bot: Bot) -> None:
    message = await whisper(bot, telegram.group_id, BO)
    where = {"chat_id": telegram.group_id, "receiver_user_id": BO,
             "ephemeral_message_id": message.api_kwargs["ephemeral_message_id"]}  # fmt: skip
    new = {"text": "<b>new</b>", "parse_mode": "HTML"}
    await bot.do_api_request("editEphemeralMessageText", api_kwargs={**where, **new})
    assert telegram.messages(telegram.group_id, viewer=BO)[0]["text"] == "new"
    with pytest.raises(BadRequest, match="Message to edit not found"):
        await bot.do_api_request("editEphemeralMessageText", api_kwargs={**where, "receiver_user_id": ADA, "text": "x"})
    await bot.do_api_request("deleteEphemeralMessage", api_kwargs=where)
    assert telegram.messages(telegram.group_id, viewer=BO) == []


async def test_private_chats_have_no_ephemeral_messages(bot: Bot) -> None:
    with pytest.raises(BadRequest, match="private chats"):
        await whisper(bot, BO, BO)


async def test_an_ordinary_member_answers_a_press_for_15_seconds(serve: Serve, clock: HandClock) -> None:
    async with serve(bot_is_admin=False) as (server, bot):
        group = server.group_id
        with pytest.raises(BadRequest, match="Not enough rights"):
            await whisper(bot, group, BO)
        buttons = InlineKeyboardMarkup([[InlineKeyboardButton("Mine", callback_data="mine")]])
        board = await bot.send_message(group, "board", reply_markup=buttons)
        query = await server.press(BO, group, board.message_id, "mine")
        with pytest.raises(BadRequest, match="Not enough rights"):
            await whisper(bot, group, CHEN, callback_query_id=query.query_id)
        clock.advance(15)
        await whisper(bot, group, BO, callback_query_id=query.query_id)
        clock.advance(1)
        with pytest.raises(BadRequest, match="Not enough rights"):
            await whisper(bot, group, BO, callback_query_id=query.query_id)


async def test_an_answer_may_cover_the_message_whose_button_was_pressed(telegram: LocalTelegram, bot: Bot) -> None:
    group = telegram.group_id
    buttons = InlineKeyboardMarkup([[InlineKeyboardButton("Mine", callback_data="mine")]])
    board = await bot.send_message(group, "board", reply_markup=buttons)
    query = await telegram.press(BO, group, board.message_id, "mine")
    await whisper(bot, group, BO, "yours", callback_query_id=query.query_id, replace_callback_query_message=True)
    (yours,) = telegram.messages(group, viewer=BO)
    assert yours["text"] == "yours"
    assert [m["text"] for m in telegram.messages(group, viewer=CHEN)] == ["board"]


async def test_an_ephemeral_message_is_never_covered_by_another(telegram: LocalTelegram, bot: Bot) -> None:
    """It is edited; only what everybody sees is covered."""
    buttons = InlineKeyboardMarkup([[InlineKeyboardButton("Mine", callback_data="mine")]])
    parameters = {"ephemeral_message_parameters": {"receiver_user_id": BO}}
    first = await bot.send_message(telegram.group_id, "yours", reply_markup=buttons, api_kwargs=parameters)
    key = f"e{first.api_kwargs['ephemeral_message_id']}"
    query = await telegram.press(BO, telegram.group_id, key, "mine")
    with pytest.raises(BadRequest, match="only edited"):
        await whisper(bot, telegram.group_id, BO, callback_query_id=query.query_id, replace_callback_query_message=True)


async def test_an_ephemeral_command_is_between_two(serve: Serve) -> None:
    async with serve(bot_is_admin=False, reads_everything=False) as (server, bot):
        group = server.group_id
        command = BotCommand("mine", "my bookings", api_kwargs={"is_ephemeral": True})
        await bot.set_my_commands([command, BotCommand("gpus", "cards")], scope=BotCommandScopeAllGroupChats())
        await server.say(BO, group, "/mine")
        await server.say(BO, group, "/gpus")
        asked, public = (update.message for update in await bot.get_updates())
        assert (asked.message_id, asked.text) == (0, "/mine")
        assert public.message_id == 1
        number = asked.api_kwargs["ephemeral_message_id"]
        answer = await bot.send_message(group, "nothing booked", api_kwargs={
            "ephemeral_message_parameters": {"receiver_user_id": BO},
            "reply_parameters": {"ephemeral_message_id": number}})  # fmt: skip
        assert answer.reply_to_message.text == "/mine"
        assert [m["text"] for m in server.messages(group, viewer=CHEN)] == ["/gpus"]


async def test_an_old_server_sends_an_ephemeral_message_to_everybody(serve: Serve) -> None:
    """The trap: unknown parameters are ignored, so the message is public, and only its shape tells."""
    async with serve(bot_api="10.0") as (server, bot):
        message = await whisper(bot, server.group_id, BO)
        assert message.message_id > 0
        assert "ephemeral_message_id" not in message.api_kwargs
        assert [m["text"] for m in server.messages(server.group_id, viewer=CHEN)] == ["for you"]
        with pytest.raises(EndPointNotFound):
            await bot.do_api_request("deleteEphemeralMessage", api_kwargs={"chat_id": server.group_id})


RICH = (
    "<h3>Cards</h3><table bordered striped compact><tr><th>card</th><th align='right'>free</th></tr>"
    "<tr><td><code>gpu0</code></td><td align='right'>24 GB</td></tr></table>"
    "<details><summary>More</summary><p>inside</p></details>"
)
BUTTON_ROW = '<tg-button-row align="left"><tg-button style="primary" data="book:0">Book</tg-button></tg-button-row>'


async def rich(bot: Bot, chat: int, html: str, **more: Any) -> Message:
    return await bot.do_api_request(
        "sendRichMessage", api_kwargs={"chat_id": chat, "rich_message": {"html": html}, **more}, return_type=Message
    )


async def test_a_rich_message_holds_blocks(bot: Bot) -> None:
    message = await rich(bot, ADA, RICH)
    blocks = message.api_kwargs["rich_message"]["blocks"]
    assert [block["type"] for block in blocks] == ["heading", "table", "details"]
    table = blocks[1]
    assert [table[f"is_{name}"] for name in ("bordered", "striped", "compact")] == [True] * 3
    assert table["cells"][1][0]["text"] == {"type": "code", "text": "gpu0"}
    assert table["cells"][1][1]["align"] == "right"


async def test_buttons_in_the_text_work_like_others(telegram: LocalTelegram, bot: Bot) -> None:
    message = await rich(bot, ADA, RICH + BUTTON_ROW)
    query = await telegram.press(ADA, ADA, message.message_id, "Book")
    assert query is not None
    assert (await bot.get_updates())[0].callback_query.data == "book:0"


async def test_a_rich_message_is_edited_by_editmessagetext(telegram: LocalTelegram, bot: Bot) -> None:
    message = await rich(bot, ADA, RICH)
    new = {"rich_message": {"html": "<h1>New</h1>"}}
    await bot.edit_message_text("", ADA, message.message_id, api_kwargs=new)
    assert telegram.messages(ADA)[-1]["rich_message"]["blocks"][0]["text"] == "New"
    with pytest.raises(BadRequest, match="Message is not modified"):
        await bot.edit_message_text("", ADA, message.message_id, api_kwargs=new)


async def test_a_picture_in_a_rich_message_is_uploaded_beside_it(telegram: LocalTelegram, bot: Bot) -> None:
    photo = await bot.send_photo(ADA, png(8, 4))
    media = [{"id": "plan", "media": {"type": "photo", "media": photo.photo[-1].file_id}}]
    html = '<figure><img src="tg://photo?id=plan"/><figcaption>week</figcaption></figure>'
    message = {"html": html, "media": media}
    await bot.do_api_request("sendRichMessage", api_kwargs={"chat_id": ADA, "rich_message": message})
    block = telegram.messages(ADA)[-1]["rich_message"]["blocks"][0]
    assert (block["type"], block["photo"][0]["width"], block["caption"]["text"]) == ("photo", 8, "week")


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<table><tr><td><p>x</p></td></tr></table>", "can't be used inside a text"),
        ("<marquee>x</marquee>", "unsupported start tag"),
        ("<p>x", "can't find end tag"),
        ("", "Exactly one of the fields"),
        ("<table>" + "<tr><td>x</td></tr>" * 500 + "</table>", "too many blocks"),
        ("<table><tr>" + "<td>x</td>" * 21 + "</tr></table>", "too many columns"),
        ("<p>" + "x" * 32769 + "</p>", "message is too long"),
        ("<b>" * 17 + "x" + "</b>" * 17, "too many nested levels"),
        ("<tg-button-row>" + '<tg-button data="x">x</tg-button>' * 9 + "</tg-button-row>", "1 to 8 buttons"),
        ('<tg-button data="">x</tg-button>', "Button_data_invalid"),
    ],
)
async def test_rich_messages_have_limits(bot: Bot, html: str, words: str) -> None:
    with pytest.raises(BadRequest, match=words):
        await rich(bot, ADA, html)


async def test_an_old_server_knows_no_rich_messages(serve: Serve) -> None:
    async with serve(bot_api="10.0") as (server, bot):
        await server.begin(ADA)
        with pytest.raises(EndPointNotFound):
            await rich(bot, ADA, RICH)
    async with serve(bot_api="10.2") as (server, bot):
        await server.begin(ADA)
        await rich(bot, ADA, RICH)
        with pytest.raises(BadRequest, match='unsupported start tag "tg-button"'):
            await rich(bot, ADA, RICH + BUTTON_ROW)


async def test_a_draft_grows_in_a_private_chat_only(telegram: LocalTelegram, bot: Bot) -> None:
    before = len(telegram.messages(ADA))
    assert await bot.send_message_draft(ADA, 7, "copying…")
    assert len(telegram.messages(ADA)) == before
    with pytest.raises(BadRequest, match="only for private chats"):
        await bot.send_message_draft(telegram.group_id, 7, "copying…")
