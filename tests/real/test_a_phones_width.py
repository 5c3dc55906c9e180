"""The board and a refusal on a phone, 390 points wide: Chinese and English, day and night, and as an old server has it.

The pictures are artefacts of the run; what can be measured about them is asserted.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal

import pytest

from bot.demo.cast import LISI, TOPICS, WANGWU
from bot.demo.hardware import GIB
from bot.demo.lab import Demo
from tests.real.browser import Tab, chromium, find_browser

pytestmark = [
    pytest.mark.real_browser,
    pytest.mark.skipif(find_browser() is None, reason="no Chromium on this machine"),
]
ARTEFACTS = Path(os.environ.get("JUNZI_ARTEFACTS", Path(__file__).parents[2] / "artefacts"))
WIDTH, HEIGHT = 390, 844
PATIENCE = 60.0
THEMES = ("light", "dark")
TAKEN = {"zh": "已有人预约", "en": "gpu0 is taken"}


@asynccontextmanager
async def a_lab(folder: Path, language: Literal["zh", "en"], **server: Any) -> AsyncIterator[Demo]:
    """gpu0 is 李四's, gpu1 王五's, and both use them."""
    demo = Demo(folder, speed=20, quiet=True, language=language, flood_limits=False, **server)
    await demo.start(port=0)
    assert demo.junzi is not None
    assert demo.junzi.lab is not None
    demo.world.start_run("lisi", 0, "python train.py --model vit_large", 21 * GIB)
    demo.world.start_run("wangwu", 1, "python eval.py", 11 * GIB)
    await demo.telegram.say(WANGWU.telegram_id, WANGWU.telegram_id, "/reserve gpu1 20h")
    answered = lambda: len(demo.telegram.messages(WANGWU.telegram_id)) > 3  # noqa: E731
    await demo.telegram.wait_for(answered, PATIENCE)
    for _ in range(3):
        await demo.junzi.lab.watch.poll()
    await demo.junzi.lab.live_board.show()
    yield demo
    await demo.stop()


class Phone:
    """Somebody's phone; what is on it is kept as a picture."""

    def __init__(self, tab: Tab, demo: Demo, name: str) -> None:
        self.tab, self.demo, self.name = tab, demo, name

    async def take_up(self, language: str) -> None:
        await self.tab.open(self.demo.telegram.url, WIDTH, HEIGHT)
        await self.tab.evaluate(f"localStorage.setItem('junzi.language', '{language}')")

    async def look(self, who: int, theme: str, what: str, topic: int = 0) -> None:
        """Open the group (one topic of it, if it has some) as this person and take a picture."""
        group = self.demo.telegram.group_id
        await self.tab.evaluate(f"localStorage.setItem('junzi.theme', '{theme}')")
        await self.tab.send("Page.navigate", url=f"{self.demo.telegram.url}/?{what}{who}{theme}#{who}/{group}/{topic}")
        await self.tab.until(f"window.junzi?.store.me === {who} && junzi.store.online", PATIENCE)
        await self.tab.until("document.querySelectorAll('#messages .message').length")
        await self.tab.evaluate("document.getElementById('jump').click()")
        below = "(s => s.scrollHeight - s.scrollTop - s.clientHeight)(document.getElementById('scroller'))"
        await self.tab.until(f"{below} < 2 && !document.querySelector('.scrolling')")  # the day fades
        await self.fits()
        ARTEFACTS.mkdir(exist_ok=True)
        await self.tab.screenshot(ARTEFACTS / f"phone-{self.name}-{theme}-{what}.png")

    async def fits(self) -> None:
        """Nothing is scrolled sideways, neither the page nor a table in it."""
        assert await self.tab.evaluate("document.documentElement.scrollWidth") == WIDTH
        wide = "[...document.querySelectorAll('.table-frame')].filter(f => f.scrollWidth > f.clientWidth + 1).length"
        assert await self.tab.evaluate(wide) == 0

    async def shows(self, words: str) -> bool:
        return bool(await self.tab.evaluate(f"document.querySelector('#messages').innerText.includes({words!r})"))


@pytest.mark.parametrize("bot_api", ["10.3", "10.0"])
@pytest.mark.parametrize("language", ["zh", "en"])
async def test_the_board_and_a_refusal(tmp_path: Path, language: Literal["zh", "en"], bot_api: str) -> None:
    async with a_lab(tmp_path, language, bot_api=bot_api) as demo, chromium() as tab:
        phone = Phone(tab, demo, language if bot_api == "10.3" else f"{language}-plain")
        await phone.take_up(language)
        for theme in THEMES:
            await phone.look(LISI.telegram_id, theme, "board")

        group = demo.telegram.group_id
        await demo.telegram.say(WANGWU.telegram_id, group, "/reserve gpu0 48h")
        await demo.telegram.wait_for(
            lambda: any(
                TAKEN[language] in m.get("text", "") for m in demo.telegram.messages(group, WANGWU.telegram_id)
            ),
            PATIENCE,
        )
        for theme in THEMES:
            await phone.look(WANGWU.telegram_id, theme, "refusal")
            assert await phone.shows(TAKEN[language])
            await phone.look(LISI.telegram_id, theme, "the-others")
            assert await phone.shows(TAKEN[language]) is (bot_api == "10.0")
        assert tab.errors == []


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_a_group_with_topics(tmp_path: Path, language: Literal["zh", "en"]) -> None:
    """The board in its topic, an answer in the topic it was asked in."""
    async with a_lab(tmp_path, language, topics=TOPICS) as demo, chromium() as tab:
        phone = Phone(tab, demo, f"{language}-topics")
        await phone.take_up(language)
        group, (cards, chat) = demo.telegram.group_id, demo.telegram.topics.values()
        await demo.telegram.say(WANGWU.telegram_id, group, "/reserve gpu0 48h", topic=chat)
        await demo.telegram.wait_for(lambda: TAKEN[language] in last_words(demo, group, WANGWU.telegram_id), PATIENCE)
        for theme in THEMES:
            await phone.look(LISI.telegram_id, theme, "board", cards)
            await phone.look(WANGWU.telegram_id, theme, "refusal", chat)
            assert await phone.shows(TAKEN[language])
        assert tab.errors == []


def last_words(demo: Demo, chat: int, viewer: int) -> str:
    return str(demo.telegram.messages(chat, viewer)[-1].get("text", ""))
