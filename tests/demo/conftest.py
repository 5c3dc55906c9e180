"""A local Telegram with three people in it, and python-telegram-bot talking to it over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from telegram import Bot
from telegram.request import HTTPXRequest

from bot.demo.server import LocalTelegram, Persona

TOKEN = "7000000001:made-up"
ADA, BO, CHEN = 101, 102, 103
PEOPLE = (
    Persona(ADA, "Ada Wang", "ada", "en", "runs the server", group_admin=True),
    Persona(BO, "博文", "bowen", "zh-hans", "vision"),
    Persona(CHEN, "陈 <b>静</b>", None, None, "speech"),
)


class HandClock:
    """A clock that moves when a test says so."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 25, 6, 0, tzinfo=timezone.utc)

    def __call__(self) -> datetime:
        return self.at

    def advance(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


Serve = Callable[..., AbstractAsyncContextManager[tuple[LocalTelegram, Bot]]]


@pytest.fixture(autouse=True)
def future_of_ptb(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take waits as timedelta, as a later python-telegram-bot gives them."""
    monkeypatch.setenv("PTB_TIMEDELTA", "true")


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def serve(clock: HandClock) -> Serve:
    """Start a server with any options, and a bot that is connected to it."""

    @asynccontextmanager
    async def start(**options: Any) -> AsyncIterator[tuple[LocalTelegram, Bot]]:
        options = {"now": clock, "flood_limits": False, **options}
        server = LocalTelegram(TOKEN, "lab_bot", PEOPLE, "Lab 302", **options)
        url = await server.start(port=0)
        bot = connect(url)
        try:
            async with bot:
                yield server, bot
        finally:
            await server.stop()

    return start


def connect(url: str, token: str = TOKEN) -> Bot:
    """Return a python-telegram-bot that talks to the server."""
    # Loopback needs no proxy and no certificates, whose loading takes most of a test.
    direct = {"httpx_kwargs": {"trust_env": False, "verify": False}}
    return Bot(token, base_url=f"{url}/bot", base_file_url=f"{url}/file/bot",
               request=HTTPXRequest(**direct), get_updates_request=HTTPXRequest(**direct))  # fmt: skip


@pytest.fixture
async def telegram(serve: Serve) -> AsyncIterator[LocalTelegram]:
    """A server whose bot everybody has started."""
    async with serve() as (server, _):
        for person in PEOPLE:
            await server.begin(person.telegram_id)
        server.core.updates.drop()
        yield server


@pytest.fixture
async def bot(telegram: LocalTelegram) -> AsyncIterator[Bot]:
    """The bot of that server."""
    async with connect(telegram.url) as bot:
        yield bot
