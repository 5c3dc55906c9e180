"""Each table on a phone, 390 points wide: Chinese and English, day and night, and in the plain form.

The pictures are artefacts of the run; that nothing is scrolled sideways is asserted.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import pytest

from bot.demo.cast import ADMIN, WANGWU
from bot.demo.lab import Demo
from tests.real.browser import chromium, find_browser
from tests.real.test_a_phones_width import ARTEFACTS, PATIENCE, THEMES, Phone, a_lab

pytestmark = [
    pytest.mark.real_browser,
    pytest.mark.skipif(find_browser() is None, reason="no Chromium on this machine"),
]
TABLES = (
    ("mine", WANGWU.telegram_id, "/mine"),
    ("calendar", WANGWU.telegram_id, "/calendar text"),
    ("gpus", WANGWU.telegram_id, "/gpus"),
    ("containers", ADMIN.telegram_id, "/containers"),
)


async def ask(demo: Demo, who: int, text: str) -> None:
    before = len(demo.telegram.messages(who))
    await demo.telegram.say(who, who, text)
    await demo.telegram.wait_for(lambda: len(demo.telegram.messages(who)) >= before + 2, PATIENCE)


async def look(phone: Phone, who: int, chat: int, theme: str, what: str) -> None:
    """Open that chat as this person at its newest message, and keep a picture."""
    await phone.tab.evaluate(f"localStorage.setItem('junzi.theme', '{theme}')")
    url = f"{phone.demo.telegram.url}/?{what}{theme}#{who}/{chat}"
    await phone.tab.send("Page.navigate", url=url)
    await phone.tab.until(f"window.junzi?.store.me === {who} && junzi.store.online", PATIENCE)
    await phone.tab.until("document.querySelectorAll('#messages .theirs').length")
    await phone.tab.evaluate("[...document.querySelectorAll('#messages .theirs')].at(-1).scrollIntoView()")
    await phone.tab.until("!document.querySelector('.scrolling')")
    await phone.fits()
    ARTEFACTS.mkdir(exist_ok=True)
    await phone.tab.screenshot(ARTEFACTS / f"phone-{phone.name}-{theme}-{what}.png")


@pytest.mark.parametrize("form", ["tables", "plain"])
@pytest.mark.parametrize("language", ["zh", "en"])
async def test_no_table_is_scrolled_sideways(tmp_path: Path, language: Literal["zh", "en"], form: str) -> None:
    rich: dict[str, Any] = {"rich": "auto" if form == "tables" else "off"}
    async with a_lab(tmp_path, language, **rich) as demo, chromium() as tab:
        phone = Phone(tab, demo, f"{language}-{form}")
        await phone.take_up(language)
        await ask(demo, WANGWU.telegram_id, "/reserve gpu2,gpu3 in 30h for 26h # ResNet")
        for what, who, text in TABLES:
            await ask(demo, who, text)
            for theme in THEMES:
                await look(phone, who, who, theme, what)
        assert demo.junzi is not None
        assert demo.junzi.lab is not None
        digest, group = demo.junzi.lab.digest, demo.telegram.group_id
        await digest._post(group, await digest.week(), demo.junzi.lab.voices.for_group())
        for theme in THEMES:
            await look(phone, WANGWU.telegram_id, group, theme, "digest")
        assert tab.errors == []
