"""Switching the server, the bot's rights and the group's topics while the demo runs, in Telegram's own ways."""

from __future__ import annotations

from pathlib import Path

import aiohttp
import pytest
from telegram import Bot
from telegram.error import EndPointNotFound

from bot.demo.cast import LISI, TOPICS
from bot.demo.lab import Demo
from bot.demo.server import LocalTelegram
from tests.demo.conftest import ADA, BO
from tests.demo.test_page import browser as browser
from tests.demo.test_page import do

Browser = aiohttp.ClientSession


async def test_new_rights_come_to_the_bot_as_an_update(telegram: LocalTelegram, browser: Browser, bot: Bot) -> None:
    assert (await do(browser, "switch", persona=BO, name="rights", value="member"))["ok"]
    change = (await bot.get_updates())[-1].my_chat_member
    assert (change.old_chat_member.status, change.new_chat_member.status) == ("administrator", "member")
    assert change.from_user.id == ADA, "the owner does it, whoever sits at the page"
    await do(browser, "switch", persona=BO, name="rights", value="member")
    assert len(await bot.get_updates(offset=-10)) == 1, "nothing changed, so nothing is told"


async def test_an_old_server_knows_no_new_method_and_tells_nobody(
    telegram: LocalTelegram, browser: Browser, bot: Bot
) -> None:
    await do(browser, "switch", persona=BO, name="server", value="10.0")
    with pytest.raises(EndPointNotFound):
        await bot.do_api_request("sendRichMessage", api_kwargs={"chat_id": BO, "rich_message": {"html": "x"}})
    assert await bot.get_updates() == ()
    await do(browser, "switch", persona=BO, name="server", value="10.3")
    await bot.do_api_request("sendRichMessage", api_kwargs={"chat_id": BO, "rich_message": {"html": "<p>x</p>"}})


async def test_a_group_gets_topics_and_loses_them(telegram: LocalTelegram, browser: Browser, bot: Bot) -> None:
    async with browser.ws_connect("/page/live") as live:
        hello = await live.receive_json(timeout=5)
        assert hello["switches"] == {"server": "10.3", "rights": "administrator", "forum": False, "restart": False}
        await do(browser, "switch", persona=BO, name="forum", value="on")
        while (event := await live.receive_json(timeout=5))["kind"] != "switches":
            pass
        assert event["switches"]["forum"]
    assert (await bot.get_chat(telegram.group_id)).is_forum
    topics = [topic.name for topic in telegram.core.world.group.topics.values()]
    assert topics == ["GPUs", "Chat"]
    for value in ("off", "on"):
        await do(browser, "switch", persona=BO, name="forum", value=value)
    assert len(telegram.core.world.group.topics) == 2, "they were only hidden"


async def test_what_can_t_be_switched_is_refused(telegram: LocalTelegram, browser: Browser) -> None:
    assert not (await do(browser, "switch", persona=BO, name="server", value="9.9"))["ok"]
    assert not (await do(browser, "switch", persona=BO, name="token"))["ok"]
    assert not (await do(browser, "restart", persona=BO))["ok"]


async def test_the_demos_bot_reads_its_topic_at_a_restart_and_forgets_nothing(tmp_path: Path) -> None:
    demo = Demo(tmp_path, quiet=True)
    url = await demo.start(port=0)
    try:
        async with aiohttp.ClientSession(url) as browser:
            await do(browser, "switch", persona=LISI.telegram_id, name="forum", value="on")
            assert (await do(browser, "restart", persona=LISI.telegram_id))["ok"]
        assert demo.junzi is not None
        assert demo.junzi.lab is not None
        members = await demo.junzi.lab.store.read(lambda books: books.members.all())
        assert {"lisi", "wangwu"} <= {member.unix_name for member in members}
        group = demo.telegram.core.world.group
        assert [topic.name for topic in group.topics.values()] == list(TOPICS)
        boards = [post for post in group.history() if post.sender_id == demo.telegram.core.world.bot_id and post.markup]
        assert [post.topic_id for post in boards] == [next(iter(group.topics))], "the board has moved"
        assert group.pinned == [post.message_id for post in boards]
    finally:
        await demo.stop()
