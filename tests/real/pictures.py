"""Takes README.md's pictures from the running demo in a real browser: run it after the page has changed.

python -m tests.real.pictures
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from PIL import Image

from bot.demo.cast import ADMIN, WANGWU
from bot.demo.lab import Demo
from tests.real.browser import Tab, chromium

PICTURES = Path(__file__).parents[2] / "deploy" / "pictures"
WIDTH, HEIGHT = 1100, 720


async def take(folder: Path) -> Path:
    """The group as the admin sees it: somebody's run on a card that another one holds, and the warning."""
    with tempfile.TemporaryDirectory() as state:
        demo = Demo(Path(state), speed=12)
        await demo.start(port=0)
        try:
            await _talk(demo)
            async with chromium() as tab:
                return await _look(tab, demo, ADMIN.telegram_id, folder / "demo.png")
        finally:
            await demo.stop()


async def _talk(demo: Demo) -> None:
    """A wish that can't be granted, and then what comes by itself: a run on a card that another one holds."""
    telegram, group = demo.telegram, demo.telegram.group_id
    await telegram.say(WANGWU.telegram_id, group, "/reserve gpu0 4h")
    await telegram.wait_for(lambda: _told(demo, "inline_keyboard"), 60)
    await telegram.wait_for(lambda: _told(demo, "⚠️"), 120)


def _told(demo: Demo, words: str) -> bool:
    return any(words in str(message) for message in demo.telegram.messages(demo.telegram.group_id))


async def _look(tab: Tab, demo: Demo, person: int, target: Path) -> Path:
    await tab.open(f"{demo.telegram.url}/#{person}/{demo.telegram.group_id}", WIDTH, HEIGHT)
    await tab.until("window.junzi?.store.online")
    await tab.evaluate("localStorage.setItem('junzi.language', 'en'); localStorage.setItem('junzi.theme', 'light')")
    await tab.send("Page.reload")
    await tab.until("window.junzi?.store.online && document.querySelectorAll('#messages .theirs').length > 1")
    await tab.evaluate("document.querySelector('#messages').lastElementChild.scrollIntoView()")
    await tab.screenshot(target)
    with Image.open(target) as picture:  # without the alpha channel, packed as small as PNG goes
        picture.convert("RGB").save(target, optimize=True)
    return target


if __name__ == "__main__":
    print(asyncio.run(take(PICTURES)))
