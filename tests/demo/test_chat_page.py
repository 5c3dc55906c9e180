"""The chat page in a real browser, with a small bot behind it: what a newcomer sees, types and presses."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timezone

import pytest
from telegram import Bot, CopyTextButton, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import Application, CallbackQueryHandler, CommandHandler, ContextTypes, MessageHandler, filters

from bot.demo.server import Hint, LocalTelegram
from tests.demo.conftest import ADA, BO, CHEN, PEOPLE, TOKEN
from tests.demo.test_sending import png
from tests.real.browser import Tab, chromium, find_browser

pytestmark = [
    pytest.mark.real_browser,
    pytest.mark.skipif(find_browser() is None, reason="no Chromium on this machine"),
]
Context = ContextTypes.DEFAULT_TYPE
TIME = '<tg-time unix="1795514400" format="t">noon</tg-time>'


async def start(update: Update, context: Context) -> None:
    rows = [
        [InlineKeyboardButton("Toast", callback_data="toast"), InlineKeyboardButton("Alert", callback_data="alert")],
        [InlineKeyboardButton("Edit", callback_data="edit", style="danger"),
         InlineKeyboardButton("Copy", copy_text=CopyTextButton("ssh me"))],
    ]  # fmt: skip
    payload = context.args[0] if context.args else "nothing"
    await update.message.reply_html(f"<b>hello</b> {payload} {TIME}", reply_markup=InlineKeyboardMarkup(rows))


async def press(update: Update, context: Context) -> None:
    query = update.callback_query
    if query.data == "edit":
        await query.answer()
        await query.edit_message_text("edited text")
        return
    await query.answer(f"this is a {query.data}", show_alert=query.data == "alert")


async def picture(update: Update, context: Context) -> None:
    await update.message.reply_photo(png(80, 40), caption="a picture", do_quote=True)


async def echo(update: Update, context: Context) -> None:
    await update.message.reply_text(f"https://t.me/lab_bot?start=r_7 {update.message.text}")


@pytest.fixture
async def lab() -> AsyncIterator[LocalTelegram]:
    """A server with a bot that polls it, on the real clock."""
    hints = [Hint(BO, True, "I take gpu0", "Say it in plain words", "用一句话说")]
    server = LocalTelegram(TOKEN, "lab_bot", PEOPLE, "Lab 302", lambda: datetime.now(timezone.utc), hints=hints)
    url = await server.start(port=0)
    app = Application.builder().token(TOKEN).base_url(f"{url}/bot").base_file_url(f"{url}/file/bot").build()
    app.add_handlers([CommandHandler("start", start), CommandHandler("picture", picture),
                      CallbackQueryHandler(press), MessageHandler(filters.TEXT, echo)])  # fmt: skip
    async with app:
        await app.bot.set_my_commands([("start", "begin"), ("picture", "see a picture")])
        await app.updater.start_polling(timeout=20)
        await app.start()
        yield server
        await app.updater.stop()
        await app.stop()
    await server.stop()


@pytest.fixture
async def tab(lab: LocalTelegram) -> AsyncIterator[Tab]:
    async with chromium() as tab:
        await tab.open(lab.url)
        await tab.until("window.junzi?.store.ready")
        await tab.evaluate("localStorage.setItem('junzi.language', 'en')")
        yield tab
        assert tab.errors == []


async def be(tab: Tab, lab: LocalTelegram, person: int, chat: int, width: int = 1280, height: int = 800) -> None:
    await tab.resize(width, height)
    await tab.send("Page.navigate", url=f"{lab.url}/?{person}{chat}{width}#{person}/{chat}")
    await tab.until(f"window.junzi?.store.me === {person} && junzi.store.online")


def shows(words: str) -> str:
    return f"document.querySelector('#messages').innerText.includes({words!r})"


@pytest.mark.parametrize("width", [390, 1280])
async def test_a_newcomer_starts_types_and_presses(lab: LocalTelegram, tab: Tab, width: int) -> None:
    await be(tab, lab, BO, BO, width, 844)
    assert "made-up" in await tab.evaluate("document.querySelector('#banner').textContent")
    await tab.click(".start")
    await tab.until(shows("hello nothing"))

    await tab.click(".key[data-label=Toast]")
    await tab.until("document.querySelector('.toast')?.textContent === 'this is a toast'")
    await tab.click(".key[data-label=Alert]")
    await tab.until("document.querySelector('.box p')?.textContent === 'this is a alert'")
    await tab.click(".box button")
    await tab.click(".key[data-label=Copy]")
    await tab.until("document.querySelector('.toast')?.textContent === 'Copied'")
    await tab.click(".key.danger")
    await tab.until(shows("edited text"))
    assert await tab.evaluate("document.querySelector('.theirs .meta i').textContent") == "edited"
    assert await tab.evaluate("document.querySelectorAll('.key').length") == 0

    await tab.click("#field")
    await tab.type("<img src=x onerror=alert(1)>", enter=True)
    await tab.until(shows("?start=r_7 <img src=x onerror=alert(1)>"))
    assert await tab.evaluate("document.querySelectorAll('#messages img[src=x]').length") == 0


async def test_the_command_menu_opens_filters_and_sends(lab: LocalTelegram, tab: Tab) -> None:
    await lab.begin(BO)
    await be(tab, lab, BO, BO)
    await tab.click("#slash")
    await tab.until("document.querySelectorAll('#commands.open .command').length === 2")
    await tab.click("#field")
    await tab.type("/pi")
    await tab.until("document.querySelectorAll('#commands.open .command').length === 1")
    await tab.key("Enter", 13)
    await tab.until("document.querySelector('#messages .photo img')?.complete")
    await tab.click("#messages .photo")
    await tab.until("document.querySelector('.lightbox img')?.naturalWidth === 80")
    await tab.key("Escape", 27)
    await tab.until("!document.querySelector('.lightbox')")
    await tab.click(".quote")
    await tab.until("document.querySelector('.own.flash')")


async def test_a_start_link_in_the_group_opens_the_private_chat(lab: LocalTelegram, tab: Tab) -> None:
    await be(tab, lab, CHEN, lab.group_id)
    await tab.click("#field")
    await tab.type("hi", enter=True)
    await tab.until(shows("?start=r_7 hi"))
    await tab.click("#messages .theirs a.link")
    await tab.until(shows("hello r_7"))
    assert await tab.evaluate("junzi.store.open") == CHEN


async def test_unread_messages_are_counted_for_everybody(lab: LocalTelegram, tab: Tab) -> None:
    await be(tab, lab, ADA, ADA)
    await lab.say(BO, lab.group_id, "one")
    badge = f"document.querySelector('[data-chat=\"{lab.group_id}\"] .badge')?.textContent"
    await tab.until(f"{badge} === '2'")
    await tab.until(f"document.querySelector('[data-person=\"{CHEN}\"] .badge')?.textContent === '2'")
    await tab.click(f'[data-chat="{lab.group_id}"]')
    await tab.until(f"{badge} === undefined")


async def test_a_message_menu_replies_and_edits(lab: LocalTelegram, tab: Tab) -> None:
    await lab.say(BO, lab.group_id, "first words")
    await be(tab, lab, BO, lab.group_id)
    await tab.click(".own .bubble", button="right")
    await tab.click(".menu [role=menuitem]:nth-of-type(3)")
    await tab.until("document.querySelector('#field').value === 'first words'")
    await tab.evaluate("document.querySelector('#field').select()")
    await tab.type("second words", enter=True)
    await tab.until(shows("second words"))
    await tab.click(".own .bubble", button="right")
    await tab.click(".menu [role=menuitem]")
    await tab.type("a reply", enter=True)
    await tab.until("document.querySelector('.own .quote')?.innerText.includes('second words')")


async def test_no_empty_line_follows_a_block(lab: LocalTelegram, tab: Tab) -> None:
    """The line break that ends a block's line is not one more line."""
    await be(tab, lab, BO, BO)
    script = """import('/page/text.js').then(text => text.formatted('above\\nrun\\nbelow',
        [{type: 'pre', offset: 6, length: 3}]).map(node => node.querySelector?.('code')?.textContent ?? node))"""
    assert await tab.evaluate(script) == ["above\n", "run", "below"]


async def test_a_bot_can_be_blocked_and_let_in_again(lab: LocalTelegram, tab: Tab) -> None:
    await lab.begin(BO)
    await be(tab, lab, BO, BO)
    await tab.click("#head .round:not(.back)")
    await tab.click(".menu .danger")
    await tab.until("document.querySelector('.start')?.textContent === 'Unblock'")
    assert lab.core.world.chats[BO].blocked
    await tab.click(".start")
    await tab.until("document.querySelector('#field')?.isConnected")
    assert not lab.core.world.chats[BO].blocked


async def test_a_hint_makes_one_that_person_in_that_chat(lab: LocalTelegram, tab: Tab) -> None:
    await be(tab, lab, ADA, ADA)
    await tab.click(".hint-row")
    await tab.until("document.querySelector('#field')?.value === 'I take gpu0'")
    assert await tab.evaluate("[junzi.store.me, junzi.store.open]") == [BO, lab.group_id]


async def test_language_theme_and_phone_width(lab: LocalTelegram, tab: Tab) -> None:
    await lab.say(BO, lab.group_id, "x" * 300 + " " + "显卡" * 100)
    await be(tab, lab, BO, lab.group_id, 390, 844)
    assert await tab.evaluate("document.documentElement.scrollWidth") == 390
    await tab.click(".back")
    await tab.click("#page-language")
    await tab.until("document.querySelector('.side-title').textContent === '你现在是'")
    before = await tab.evaluate("getComputedStyle(document.body).backgroundColor")
    await tab.click("#theme")
    await tab.until(f"getComputedStyle(document.body).backgroundColor !== {before!r}")
    await tab.click(".segments [data-code=en]")
    await tab.until("document.querySelector('.segments [data-code=en]').className === 'on'")
    assert lab.core.world.personas[BO].language_code == "en"


async def test_a_forum_has_a_tab_for_each_topic_and_typing_goes_to_the_open_one(lab: LocalTelegram, tab: Tab) -> None:
    lab.people.change_forum(is_forum=True)
    cards, chat = (lab.people.begin_topic(ADA, name).topic_id for name in ("cards", "chat"))
    await be(tab, lab, BO, lab.group_id, 390, 844)
    tabs = "[...document.querySelectorAll('.topic-name')].map(tab => tab.textContent).join()"
    await tab.until(f"{tabs} === 'General,cards,chat'")
    assert await tab.evaluate("document.documentElement.scrollWidth") == 390

    await tab.click(f".topic[data-topic='{chat}']")
    await tab.click("#field")
    await tab.type("hi there", enter=True)
    await tab.until(shows("?start=r_7 hi there"))  # the bot's answer follows
    assert lab.messages(lab.group_id)[-2]["message_thread_id"] == chat
    assert f"/{chat}" in await tab.evaluate("location.hash")

    await tab.click(f".topic[data-topic='{cards}']")
    await tab.until(f"!{shows('hi there')}")
    await lab.say(CHEN, lab.group_id, "one more", topic=chat)
    badge = f"document.querySelector('.topic[data-topic=\"{chat}\"] .badge')?.textContent"
    await tab.until(f"{badge} === '2'")  # and the bot's answer to it
    await tab.click(f".topic[data-topic='{chat}']")
    await tab.until(f"{badge} === undefined && {shows('one more')}")

    lab.people.close_topic(ADA, chat)
    await tab.until("document.querySelector('.closed-note') && document.querySelector('.topic-name + .icon')")
    lab.people.delete_topic(ADA, chat)
    await tab.until(f"{tabs} === 'General,cards' && document.querySelector('#field').isConnected")


async def test_the_server_the_rights_and_the_topics_are_switched_in_the_side_column(
    lab: LocalTelegram, tab: Tab
) -> None:
    await be(tab, lab, BO, BO, 390, 844)
    await tab.click(".back")
    await tab.click(".switches-title")
    for name, value, done in (
        ("server", "10.0", lambda: lab.core.bot_api == "10.0"),
        ("rights", "member", lambda: lab.core.world.bot_status == "member"),
        ("forum", "on", lambda: lab.core.world.group.is_forum),
    ):
        await tab.click(f"[data-switch={name}] [data-code='{value}']")
        await tab.until(f"document.querySelector('[data-switch={name}] .on').dataset.code === '{value}'")
        assert done(), name
    assert await tab.evaluate("document.documentElement.scrollWidth") == 390
    assert await tab.evaluate("document.querySelector('.restart')") is None, "nobody can restart this bot"


async def test_times_are_the_readers_own(lab: LocalTelegram, tab: Tab) -> None:
    """A tg-time shows in the zone the visitor chose, whatever words the bot wrote."""
    await lab.begin(BO)
    await be(tab, lab, BO, BO)
    for place, clock in ((2, "18:00"), (5, "10:00")):  # Asia/Shanghai, UTC
        await tab.click("#zone")
        await tab.click(f".menu [role=menuitem]:nth-of-type({place})")
        await tab.until(f"document.querySelector('.tg-time')?.textContent === '{clock}'")


async def test_a_relative_time_counts_down_in_the_readers_language(lab: LocalTelegram, tab: Tab) -> None:
    """In a sentence and in a table; the page's clock is moved instead of waiting."""
    soon = int(datetime.now(timezone.utc).timestamp()) + 3 * 3600 + 1800
    time = f'<tg-time unix="{soon}" format="r">Fri 18:00</tg-time>'
    async with Bot(TOKEN, base_url=f"{lab.url}/bot") as bot:
        await lab.begin(BO)
        await bot.send_message(BO, f"ends {time}", "HTML")
        table = {"html": f"<table><tr><td>{time}</td></tr></table>"}
        await bot.do_api_request("sendRichMessage", api_kwargs={"chat_id": BO, "rich_message": table})
    await be(tab, lab, BO, BO)
    shown = "[...document.querySelectorAll('time[data-unix]')].map(node => node.textContent).join()"
    for language, words, later in (("en", "in 3 hours", "in 1 hour"), ("zh", "3小时后", "1小时后")):
        await tab.evaluate(f"localStorage.setItem('junzi.language', '{language}')")
        await tab.send("Page.reload")
        await tab.until(f"{shown} === '{words},{words}'")
        await tab.evaluate("junzi.store.clock.at += 2 * 3600 * 1000, true")
        await tab.until(f"{shown} === '{later},{later}'", 20)


async def test_what_looks_the_same_is_left_alone(lab: LocalTelegram, tab: Tab) -> None:
    """A node that is replaced between press and release loses the click."""
    await be(tab, lab, ADA, lab.group_id)
    await lab.say(BO, lab.group_id, "one")
    await tab.until(shows("one"))
    mark = "['.side-top', '.app-language', '.person-button', '#field', '.theirs'].map(s => document.querySelector(s))"
    await tab.evaluate(f"window.before = {mark}, true")
    await lab.say(BO, lab.group_id, "two")
    await tab.until(shows("?start=r_7 two"))
    assert await tab.evaluate(f"{mark}.map((node, i) => node === window.before[i])") == [True] * 5


async def test_the_page_finds_its_way_back(lab: LocalTelegram, tab: Tab) -> None:
    await be(tab, lab, ADA, lab.group_id)
    await lab.page.close()
    await tab.until("!junzi.store.online && document.querySelector('.head-words p').textContent === 'Connecting…'")
    await lab.say(BO, lab.group_id, "said meanwhile")
    await tab.until(shows("said meanwhile"))
