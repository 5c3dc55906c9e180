"""A small TCP server for a test: every connection is one call of a function, and none is left open."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from bot.demo.server.local import TURNS_TO_COME_IN

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def tcp_server(serve: Serve, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """The port of 127.0.0.1 on which `serve` answers. The block ends when every connection has."""
    served: list[asyncio.Task[None]] = []

    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer)
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.append(asyncio.ensure_future(once(reader, writer)))

    door = socket.create_server(("127.0.0.1", 0))
    server = await asyncio.start_server(accept, sock=door, ssl=tls)
    async with server:
        yield door.getsockname()[1]
        # Who was accepted and not handed over yet would be forgotten when the server closes, and never be closed.
        asyncio.get_running_loop().remove_reader(door)
        for _ in range(TURNS_TO_COME_IN):
            await asyncio.sleep(0)
    await asyncio.gather(*served)
    await asyncio.sleep(0.05)  # a TLS handshake that was cut off takes the loop a few turns to end
