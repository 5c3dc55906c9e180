"""This host's clock beside a web server's."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timezone

import pytest
from aiohttp import web

from bot.adapters.server_clock import seconds_ahead

NOON = datetime(2026, 11, 25, 12, tzinfo=timezone.utc)


class Stopped:
    def now(self) -> datetime:
        return NOON


@pytest.fixture
async def serve() -> AsyncIterator[Callable[[str], Awaitable[str]]]:
    runners: list[web.AppRunner] = []

    async def start(date: str) -> str:
        async def answer(_request: web.Request) -> web.Response:
            return web.Response(headers={"Date": date})

        application = web.Application()
        application.router.add_route("*", "/", answer)
        runner = web.AppRunner(application)
        runners.append(runner)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        return f"http://{host}:{port}"

    yield start
    for runner in runners:
        await runner.cleanup()


async def test_it_is_told_to_the_second(serve: Callable[[str], Awaitable[str]]) -> None:
    assert await seconds_ahead(Stopped(), await serve("Wed, 25 Nov 2026 11:58:30 GMT")) == 90


async def test_a_server_that_says_no_date_of_any_kind_is_no_clock(serve: Callable[[str], Awaitable[str]]) -> None:
    assert await seconds_ahead(Stopped(), await serve("sometime")) is None


@pytest.mark.parametrize("proxy", ["", "socks5://127.0.0.1:9", "http://127.0.0.1:9"])
async def test_a_server_that_can_not_be_reached_is_no_clock(proxy: str) -> None:
    assert await seconds_ahead(Stopped(), "http://127.0.0.1:9", proxy) is None
