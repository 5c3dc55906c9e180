"""The page's own interface: who may use it, what it shows, what it does for a persona."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup

from bot.demo import page as page_folder
from bot.demo.server import LocalTelegram
from tests.demo.conftest import ADA, BO
from tests.demo.test_sending import png

FOLDER = Path(page_folder.__path__[0])


@pytest.fixture
async def browser(telegram: LocalTelegram) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(telegram.url) as session:
        yield session


async def do(browser: aiohttp.ClientSession, action: str, **body: Any) -> dict[str, Any]:
    async with browser.post(f"/page/do/{action}", json=body) as answer:
        result: dict[str, Any] = await answer.json()
        return result


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "junzi.example.org"},
        {"Host": "127.0.0.1.example.org"},
        {"Origin": "http://example.org"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
    ],
)
@pytest.mark.parametrize("path", ["/page/live", "/page/base.css", "/bot7000000001:made-up/getMe"])
async def test_strangers_are_refused(browser: aiohttp.ClientSession, path: str, headers: dict[str, str]) -> None:
    """A name that resolves to loopback shows in Host, a script of another site in Origin."""
    async with browser.get(path, headers=headers) as answer:
        assert answer.status == 403


async def test_a_link_from_elsewhere_may_open_the_page_and_nothing_else(browser: aiohttp.ClientSession) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    async with browser.get("/", headers=headers) as answer:
        assert answer.status == 200
    async with browser.get("/page/live", headers=headers) as answer:
        assert answer.status == 403


async def test_a_form_of_another_page_cannot_speak_for_a_person(browser: aiohttp.ClientSession) -> None:
    async with browser.post("/page/do/say", data={"persona": ADA, "chat": ADA, "text": "x"}) as answer:
        assert answer.status == 415


async def test_only_the_pages_own_files_are_served(browser: aiohttp.ClientSession) -> None:
    for path in ("/page/../server/page.py", "/page/%2e%2e%2fserver%2fpage.py", "/page/nothing.js", "/page/.hidden"):
        async with browser.get(path) as answer:
            assert answer.status == 404
    async with browser.get("/") as answer:
        assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
        assert "unsafe" not in answer.headers["Content-Security-Policy"]


async def test_everything_the_page_asks_for_is_there(browser: aiohttp.ClientSession) -> None:
    wanted = set(re.findall(r'"(/page/[\w.-]+)"', (FOLDER / "index.html").read_text()))
    for script in FOLDER.glob("*.js"):
        wanted |= {f"/page/{name}" for name in re.findall(r"from '\./([\w.-]+)'", script.read_text())}
    for path in wanted:
        async with browser.get(path) as answer:
            assert answer.status == 200, path
    assert len(wanted) > 10


def test_words_of_people_never_become_markup() -> None:
    forbidden = re.compile(r"\.innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(")
    for script in FOLDER.glob("*.js"):
        assert not forbidden.search(script.read_text()), script.name


def test_every_word_of_the_page_is_in_both_languages() -> None:
    words = (FOLDER / "words.js").read_text()
    string = r"""('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
    entries = re.findall(rf"(\w+): \[\s*{string},\s*{string},?\s*\]", words)
    assert len(entries) > 50
    for key, english, chinese in entries:
        assert re.findall(r"\{\w+\}", english) == re.findall(r"\{\w+\}", chinese), key
    used = {key for script in FOLDER.glob("*.js") for key in re.findall(r"say\('(\w+)'", script.read_text())}
    assert used <= {key for key, *_ in entries}


async def test_news_come_live_after_a_snapshot(
    telegram: LocalTelegram, browser: aiohttp.ClientSession, bot: Bot
) -> None:
    async with browser.ws_connect("/page/live") as live:
        hello = await live.receive_json(timeout=5)
        assert [person["name"] for person in hello["people"]] == ["Ada Wang", "博文", "陈 <b>静</b>"]
        assert hello["bot"]["username"] == "lab_bot"
        assert {chat["id"] for chat in hello["chats"]} == {ADA, BO, 103, telegram.group_id}
        message = await bot.send_message(ADA, "hello")
        post = await live.receive_json(timeout=5)
        assert (post["kind"], post["chat"], post["message"]["text"]) == ("post", ADA, "hello")
        await bot.edit_message_text("hi", ADA, message.message_id)
        assert (await live.receive_json(timeout=5))["message"]["text"] == "hi"
        await bot.send_chat_action(ADA, "typing")
        assert (await live.receive_json(timeout=5))["kind"] == "typing"
        await bot.delete_message(ADA, message.message_id)
        gone = await live.receive_json(timeout=5)
        assert (gone["kind"], gone["key"]) == ("gone", str(message.message_id))


async def test_a_persona_speaks_edits_reacts_and_deletes(
    telegram: LocalTelegram, browser: aiohttp.ClientSession, bot: Bot
) -> None:
    group = telegram.group_id
    said = await do(browser, "say", persona=BO, chat=group, text="one")
    number = int(said["key"])
    await do(browser, "edit", persona=BO, chat=group, message_id=number, text="two")
    await do(browser, "react", persona=ADA, chat=group, message_id=number, emoji="👀")
    updates = await bot.get_updates()
    assert [u.message.text if u.message else u.edited_message.text for u in updates] == ["one", "two"]
    await do(browser, "delete", persona=BO, chat=group, key=said["key"])
    assert telegram.messages(group) == []
    refused = await do(browser, "say", persona=BO, chat=ADA, text="not my chat")
    assert refused == {"ok": False, "why": "somebody else's private chat"}
    assert (await do(browser, "say", persona="nobody"))["ok"] is False


async def test_a_pressed_button_and_its_answer(browser: aiohttp.ClientSession, bot: Bot) -> None:
    buttons = InlineKeyboardMarkup([[InlineKeyboardButton("Extend", callback_data="extend:1")]])
    message = await bot.send_message(ADA, "gpu0", reply_markup=buttons)
    async with browser.ws_connect("/page/live") as live:
        await live.receive_json(timeout=5)
        pressed = await do(browser, "press", persona=ADA, chat=ADA, key=message.message_id, data="extend:1")
        await bot.answer_callback_query(pressed["query"], "done", show_alert=True)
        answer = await live.receive_json(timeout=5)
    assert (answer["query"], answer["person"], answer["text"], answer["show_alert"]) == (
        pressed["query"], ADA, "done", True)  # fmt: skip


async def test_a_language_changes_what_the_bot_and_the_menu_say(
    telegram: LocalTelegram, browser: aiohttp.ClientSession, bot: Bot
) -> None:
    await bot.set_my_commands([("gpus", "cards")])
    await bot.set_my_commands([("gpus", "显卡")], language_code="zh")
    async with browser.ws_connect("/page/live") as live:
        await live.receive_json(timeout=5)
        await do(browser, "language", persona=ADA, language="zh-hans")
        event = await live.receive_json(timeout=5)
    assert event["menus"][str(ADA)][str(ADA)][0]["description"] == "显卡"
    await do(browser, "start", persona=ADA, payload="x_1")
    message = (await bot.get_updates())[0].message
    assert (message.text, message.from_user.language_code) == ("/start x_1", "zh-hans")


async def test_files_go_both_ways_and_only_pictures_are_shown(browser: aiohttp.ClientSession, bot: Bot) -> None:
    form = aiohttp.FormData({"persona": str(ADA), "chat": str(ADA), "caption": "members"})
    form.add_field("file", b"<script>alert(1)</script>", filename='a"b.html', content_type="text/html")
    async with browser.post("/page/upload", data=form) as answer:
        assert (await answer.json())["ok"]
    document = (await bot.get_updates())[0].message.document
    async with browser.get(f"/page/file/{document.file_id}") as answer:
        assert answer.content_type == "application/octet-stream"
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    photo = await bot.send_photo(ADA, png(4, 4), filename="x.png")
    async with browser.get(f"/page/file/{photo.photo[-1].file_id}") as answer:
        assert answer.content_type == "image/png"
    async with browser.get("/page/file/none") as answer:
        assert answer.status == 404
