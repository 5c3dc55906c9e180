"""A lab that reaches Telegram only by a proxy: polls, answers, pictures, files and downloads all go that way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from bot.application import authorities
from bot.demo.lab import Demo
from bot.settings import Settings
from tests.stories.conftest import ADMIN, LISI, WANGWU, Talk
from tests.stories.proxies import NAME, PORT, HiddenTelegram, Line, http_proxy, socks_proxy

BOSS, ME = ADMIN.telegram_id, LISI.telegram_id
PROXIES = {"http": http_proxy, "socks5": socks_proxy}


class FarDemo(Demo):
    """Its server stands at api.telegram.org, beyond a proxy."""

    proxy = ""

    def _settings(self, url: str) -> Settings:
        settings = super()._settings(url)
        far = settings.telegram.model_copy(update={"api_url": f"https://{NAME}", "proxy": self.proxy})
        return settings.model_copy(update={"telegram": far})


@pytest.fixture(params=PROXIES)
async def far(
    tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[Talk, HiddenTelegram, Line]]:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authorities.pem"))
    authorities.cache_clear()
    demo = FarDemo(tmp_path, speed=20, quiet=True, flood_limits=False)
    hidden = HiddenTelegram(demo.telegram, tmp_path / "authorities.pem")
    async with AsyncExitStack() as stack:
        line = Line(await stack.enter_async_context(hidden.listening()))
        demo.proxy = await stack.enter_async_context(PROXIES[request.param](line))
        await asyncio.wait_for(demo.start(port=0), 60)  # by itself it would try for ever
        talk = Talk(demo)
        for persona in (ADMIN, LISI, WANGWU):
            await talk.until(persona.telegram_id, "👋")
        yield talk, hidden, line
        await demo.stop()
        authorities.cache_clear()


async def test_everything_goes_through_it(far: tuple[Talk, HiddenTelegram, Line]) -> None:
    talk, hidden, line = far
    assert "gpu1 归你用" in (await talk.say(ME, "/reserve gpu1 4h"))["text"]
    assert "photo" in await talk.say(ME, "/calendar")
    assert "document" in await talk.say(ME, "/ics")
    await talk.telegram.upload(BOSS, BOSS, "people.csv", b"name\nsunqi\n")
    await talk.until(BOSS, "sunqi")

    for method in ("getMe", "getUpdates", "sendMessage", "sendPhoto", "sendDocument", "getFile"):
        assert hidden.paths[method], f"{method} did not come through the proxy"
    assert any(path.endswith(".csv") for path in hidden.paths), "the download did not come through the proxy"
    assert set(line.asked) == {f"{NAME}:{PORT}"}


# By HTTP only: httpcore leaves the socket of a SOCKS proxy that refuses to the garbage collector, which a test may not.
@pytest.mark.parametrize("far", ["http"], indirect=True)
async def test_what_was_said_while_it_was_down_is_handled_when_it_is_back(
    far: tuple[Talk, HiddenTelegram, Line],
) -> None:
    talk, _, line = far
    line.cut()
    await talk.telegram.say(ME, ME, "/reserve gpu1 4h")
    await asyncio.wait_for(line.is_tried_again(), talk.patience)
    assert not any("归你用" in text for text in talk.texts(ME))
    line.mend()
    await talk.until(ME, "gpu1 归你用")
