"""Takes the pictures of README.md from the running demo, in the real browser: run it after the page has changed.

python deploy/pictures/take.py
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1]))  # tests/ is not installed

from PIL import Image  # noqa: E402

from bot.demo.lab import ADMIN, WANGWU, Demo  # noqa: E402
from tests.real.browser import Tab, chromium  # noqa: E402

WIDTH, HEIGHT = 1180, 760


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        demo = Demo(Path(folder), speed=12)
        await demo.start(port=0)
        try:
            await _talk(demo)
            async with chromium() as tab:
                await _look(tab, demo, ADMIN.telegram_id, HERE / "demo.png")
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


async def _look(tab: Tab, demo: Demo, person: int, target: Path) -> None:
    await tab.open(f"{demo.telegram.url}/#{person}/{demo.telegram.group_id}", WIDTH, HEIGHT)
    await tab.until("window.junzi?.store.online")
    await tab.evaluate("localStorage.setItem('junzi.language', 'en'); localStorage.setItem('junzi.theme', 'light')")
    await tab.send("Page.reload")
    await tab.until("window.junzi?.store.online && document.querySelectorAll('#messages .theirs').length > 1")
    await tab.evaluate("document.querySelector('#messages').lastElementChild.scrollIntoView()")
    await tab.screenshot(target)
    with Image.open(target) as picture:  # 256 colours are a third of the bytes, and look the same
        picture.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(target, optimize=True)


if __name__ == "__main__":
    asyncio.run(main())
