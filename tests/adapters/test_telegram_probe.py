"""What the probe makes of servers that are no Bot API server, and of tokens that Telegram refuses."""

from __future__ import annotations

import asyncio

import pytest

from bot.adapters.telegram_probe import TelegramProbe
from bot.domain.health import TelegramTrouble
from tests.tcp_server import tcp_server

PAGE = b"<html><body>" + b"no such page " * 200 + b"</body></html>"
REFUSAL = b'{"ok":false,"error_code":404,"description":"Not Found"}'


async def trouble_with(status: bytes, body: bytes) -> TelegramTrouble:
    """What `me` raises if a server at the address of the Bot API answers like this."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 %s\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % (status, len(body)) + body)
        await writer.drain()

    async with tcp_server(serve) as port, TelegramProbe("7:secret", f"http://127.0.0.1:{port}") as probe:
        with pytest.raises(TelegramTrouble) as caught:
            await probe.me()
    return caught.value


@pytest.mark.parametrize("status", [b"404 Not Found", b"401 Unauthorized", b"403 Forbidden", b"400 Bad Request"])
async def test_a_page_of_some_web_server_says_nothing_about_the_token(status: bytes) -> None:
    trouble = await trouble_with(status, PAGE)
    assert trouble.reason == "other"
    assert len(str(trouble)) < 40, "the page itself is nobody's reading"


async def test_only_a_bot_api_server_can_refuse_a_token() -> None:
    assert (await trouble_with(b"404 Not Found", REFUSAL)).reason == "token"
