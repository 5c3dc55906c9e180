"""`junzi demo` as a newcomer meets it: steps 1 to 6 of the main job, clicked and typed in a real browser."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.demo.cast import ADMIN, LISI, ZHANGSAN
from bot.demo.lab import Demo
from tests.real.browser import Tab, chromium, find_browser

pytestmark = [
    pytest.mark.real_browser,
    pytest.mark.skipif(find_browser() is None, reason="no Chromium on this machine"),
]
ARTEFACTS = Path(os.environ.get("JUNZI_ARTEFACTS", Path(__file__).parents[2] / "artefacts"))
PATIENCE = 90.0


class Visitor:
    """Somebody with a mouse and a keyboard in front of the chat page."""

    def __init__(self, tab: Tab, demo: Demo) -> None:
        self.tab = tab
        self.demo = demo

    async def be(self, person: int, chat: int | None = None) -> None:
        """Pick who to be, and open a chat (the private one with the bot, if no other is named)."""
        chat = person if chat is None else chat
        await self.tab.send("Page.navigate", url=f"{self.demo.telegram.url}/?{person}.{chat}#{person}/{chat}")
        await self.tab.until(f"window.junzi?.store.me === {person} && junzi.store.online", PATIENCE)

    async def types(self, text: str) -> None:
        await self.tab.click("#field")
        await self.tab.type(text, enter=True)

    async def sees(self, words: str) -> None:
        await self.tab.until(f"document.querySelector('#messages').innerText.includes({words!r})", PATIENCE)

    async def presses(self, label: str) -> None:
        """The last button with that in its label."""
        keys = f"[...document.querySelectorAll('.key')].filter(key => key.innerText.includes({label!r}))"
        await self.tab.until(f"{keys}.length")
        await self.tab.evaluate(f"{keys}.at(-1).click()")

    async def switches(self, name: str, value: str) -> None:
        """In the side column, which a phone shows instead of a chat."""
        if await self.tab.evaluate("document.body.classList.contains('in-chat')"):
            await self.tab.click(".back")
        if not await self.tab.evaluate("document.querySelector('.switches-body') !== null"):
            await self.tab.click(".switches-title")
        await self.tab.click(f"[data-switch={name}] [data-code='{value}']")
        await self.tab.until(f"document.querySelector('[data-switch={name}] .on').dataset.code === '{value}'")

    async def keeps(self, name: str) -> None:
        """A screenshot as an artefact of the run."""
        ARTEFACTS.mkdir(exist_ok=True)
        await self.tab.screenshot(ARTEFACTS / name)


@pytest.fixture
async def visitor(tmp_path: Path) -> AsyncIterator[Visitor]:
    demo = Demo(tmp_path, speed=8)
    url = await demo.start(port=0)
    async with chromium() as tab:
        await tab.open(url, 390, 844)
        await tab.until("window.junzi?.store.ready", PATIENCE)
        yield Visitor(tab, demo)
        assert tab.errors == []
    await demo.stop()


async def test_the_main_job_from_adduser_to_the_warning(visitor: Visitor) -> None:
    # 1. The admin makes a container for a student.
    await visitor.be(ADMIN.telegram_id)
    await visitor.types("/adduser zhangsan")
    await visitor.sees("zhangsan 开好了")
    await visitor.keeps("1-adduser.png")
    link = await visitor.tab.evaluate(
        r"document.querySelector('#messages').innerText.match(/https:\/\/t\.me\/\w+\?start=[\w-]+/)[0]"
    )

    # 2. The student opens the link and gets their login.
    await visitor.be(ZHANGSAN.telegram_id)
    await visitor.tab.click(".start")
    await visitor.sees("我还不认识你")
    await visitor.types(f"/start {link.partition('start=')[2]}")
    await visitor.sees("ssh -p 10003 zhangsan@gpu-lab.example")
    await visitor.keeps("2-claimed.png")

    # 3. Their container.
    await visitor.types("/mycontainer")
    await visitor.sees("🟢 运行中")

    # 4. A card that is taken, and one that is free.
    await visitor.types("/reserve gpu0 48h")
    await visitor.sees("gpu0 已有人预约")
    await visitor.presses("gpu0 从")
    await visitor.sees("✅ gpu0 归你用，从")
    await visitor.types("/mine")
    await visitor.sees("我的预约")
    await visitor.keeps("4-booked.png")

    # 5. Every card, in the group.
    group = visitor.demo.telegram.group_id
    await visitor.be(LISI.telegram_id, group)
    await visitor.types("/gpus")
    await visitor.tab.until("document.querySelectorAll('.message.whisper table').length === 1", 25)
    await visitor.keeps("5-gpus.png")

    # 6. Somebody's run on a card that lisi holds: the group is told, by name.
    await visitor.sees("gpu0")
    await visitor.sees("王五 Wang Wu")
    await visitor.tab.until(
        "/你的程序跑在|已解决/.test(document.querySelector('#messages').innerText)",
        PATIENCE,
    )
    await visitor.keeps("6-warning.png")


async def test_every_plain_form_can_be_seen_by_switching(visitor: Visitor) -> None:
    """An old server, a bot without rights, a group with topics: switched beside the chats, answered in the chat."""
    tab, group = visitor.tab, visitor.demo.telegram.group_id
    await visitor.be(LISI.telegram_id)
    await visitor.types("/gpus")
    await tab.until("document.querySelectorAll('#messages table').length === 1", PATIENCE)

    await visitor.switches("server", "10.0")
    await visitor.be(LISI.telegram_id)
    await visitor.types("/gpus")
    await visitor.sees("▸ ")  # who is on a card, which a table has folded away
    await visitor.keeps("7-old-server.png")
    assert await tab.evaluate("document.querySelectorAll('#messages table').length") == 1, "the first answer's alone"

    await visitor.switches("server", "10.3")
    await visitor.switches("forum", "on")
    await tab.click(".restart")
    await tab.until("document.querySelector('.restart').disabled")
    await tab.until("!document.querySelector('.restart').disabled", PATIENCE)
    await visitor.be(LISI.telegram_id, group)
    await tab.click(".topic:last-child")
    await visitor.types("/mine")
    await visitor.sees("我的预约")
    assert await tab.evaluate("document.querySelectorAll('.message.whisper.theirs').length"), "shown to one alone"

    await visitor.switches("rights", "member")
    await tab.until("junzi.store.switches.rights === 'member'")
