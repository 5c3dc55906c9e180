"""Takes the pictures of README.md and the guides from the running demo in a real browser: again after the page changed.

python -m tests.real.pictures
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from PIL import Image

from bot.demo.cast import ADMIN, LISI, PERSONAS, WANGWU, ZONE
from bot.demo.hardware import GIB
from bot.demo.lab import Demo
from bot.texts import Voice
from tests.real.browser import Tab, chromium

PICTURES = Path(__file__).parents[2] / "deploy" / "pictures"
DESKTOP, PHONE = (1100, 720), (390, 720)
LANGUAGES: tuple[Literal["en", "zh"], ...] = ("en", "zh")
COLOURS = 256  # enough for a page, and a third of the bytes
PATIENCE = 120.0


async def take(folder: Path, languages: Sequence[Literal["en", "zh"]] = LANGUAGES) -> list[Path]:
    """Of each language: a student's phone, the calendar, and the group on a desk, where somebody is warned."""
    taken = []
    for language in languages:
        async with _a_lab(language) as demo, chromium() as tab:
            group, student = demo.telegram.group_id, WANGWU.telegram_id
            await _book(demo)
            taken.append(await _look(tab, demo, language, student, student, PHONE, folder / "phone"))
            taken.append(await _calendar(demo, language, folder))
            await _trespass(demo)
            taken.append(await _look(tab, demo, language, ADMIN.telegram_id, group, DESKTOP, folder / "demo"))
    return taken


@asynccontextmanager
async def _a_lab(language: Literal["en", "zh"]) -> AsyncIterator[Demo]:
    """gpu0 is 李四's, who uses it; nobody else trains unasked."""
    with tempfile.TemporaryDirectory() as state:
        demo = Demo(Path(state), speed=12, language=language, quiet=True)
        for persona in PERSONAS:
            demo.telegram.core.world.change_language(persona.telegram_id, language)
        await demo.start(port=0)
        demo.world.start_run("lisi", 0, "python train.py --model vit_large", 11 * GIB)
        try:
            yield demo
        finally:
            await demo.stop()


async def _book(demo: Demo) -> None:
    """A wish that can't be granted, and one that can."""
    for text in ("/reserve gpu0 4h", "/reserve gpu2 4h"):
        await _asked(demo, WANGWU.telegram_id, text)


async def _calendar(demo: Demo, language: str, folder: Path) -> Path:
    """As somebody in the group gets it, with a few bookings more."""
    for who, text in (
        (LISI, "/reserve gpu1 tomorrow 9:00 to 18:00"),
        (LISI, "/reserve gpu3 in 10h for 20h"),
        (WANGWU, "/reserve gpu1 in 2h for 6h"),
        (WANGWU, "/reserve gpu2 in 26h for 20h 20G"),
    ):
        await _asked(demo, who.telegram_id, text)
    assert demo.junzi is not None
    assert demo.junzi.lab is not None
    drawn = await demo.junzi.lab.drawing.calendar(3, None, Voice(language, ZoneInfo(ZONE)))
    return _packed(drawn.png, folder / f"calendar-{language}.png")


async def _asked(demo: Demo, person: int, text: str) -> None:
    """Said in private, and answered."""
    answers = len(demo.telegram.messages(person, person)) + 1
    await demo.telegram.say(person, person, text)
    await demo.telegram.wait_for(lambda: len(demo.telegram.messages(person, person)) > answers, PATIENCE)


async def _trespass(demo: Demo) -> None:
    demo.world.start_run("wangwu", 0, "python train.py --config configs/yolo_v8m.yaml", 8 * GIB)
    telegram = demo.telegram
    await telegram.wait_for(lambda: "⚠️" in str(telegram.messages(telegram.group_id)), PATIENCE)


async def _look(
    tab: Tab, demo: Demo, language: str, person: int, chat: int, size: tuple[int, int], target: Path
) -> Path:
    await tab.open(f"{demo.telegram.url}/?{target.name}#{person}/{chat}", *size)
    await tab.until("window.junzi?.store.online")
    await tab.evaluate(f"localStorage.setItem('junzi.language', '{language}')")
    await tab.evaluate("localStorage.setItem('junzi.theme', 'light')")
    await tab.send("Page.reload")
    await tab.until("window.junzi?.store.online && document.querySelectorAll('#messages .theirs').length > 1")
    await tab.evaluate("document.querySelector('#messages').lastElementChild.scrollIntoView()")
    await tab.until("!document.querySelector('.scrolling')")
    path = await tab.screenshot(target.with_name(f"{target.name}-{language}.png"))
    return _packed(path.read_bytes(), path)


def _packed(png: bytes, path: Path) -> Path:
    with Image.open(BytesIO(png)) as picture:
        picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    return path


if __name__ == "__main__":
    for picture in asyncio.run(take(PICTURES)):
        print(picture, picture.stat().st_size)
