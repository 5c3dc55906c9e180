"""A Telegram that only a proxy can reach: `api.telegram.org` with TLS, and the two kinds of proxy a lab has.

The name resolves nowhere else, so whatever does not go through the proxy fails.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import trustme

from bot.demo.server import LocalTelegram
from tests.tcp_server import tcp_server

Way = tuple[asyncio.StreamReader, asyncio.StreamWriter, Callable[[bytes], bytes]]

NAME, PORT = "api.telegram.org", 443


class HiddenTelegram:
    """Stands for api.telegram.org:443 in front of a local server; `paths` counts what was asked of it."""

    def __init__(self, local: LocalTelegram, authorities: Path) -> None:
        """`authorities`: where to write the certificate to believe in."""
        authority = trustme.CA()
        authority.cert_pem.write_to_path(authorities)
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(NAME).configure_cert(self._tls)
        self._local = local
        self.paths: Counter[str] = Counter()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[int]:
        async with tcp_server(self._serve, self._tls) as port:
            yield port

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner, out = await asyncio.open_connection("127.0.0.1", urlsplit(self._local.url).port)
        await piped((reader, out, self._as_local), (inner, writer, bytes))

    def _as_local(self, data: bytes) -> bytes:
        """The local server answers to its own name only."""
        for line in data.split(b"\r\n"):
            if line.endswith(b" HTTP/1.1"):
                self.paths[line.split(b" ")[1].decode().rpartition("/")[2]] += 1
        return data.replace(f"Host: {NAME}".encode(), f"Host: {urlsplit(self._local.url).netloc}".encode())


@dataclass
class Line:
    """What goes through a proxy: `target` is the port of this machine behind it, `asked` the hosts that were asked for.

    `cut` ends what runs through it and lets nothing new through until `mend`.
    """

    target: int
    asked: list[str] = field(default_factory=list)
    is_cut: bool = False
    tunnels: set[asyncio.Task[None]] = field(default_factory=set)

    def cut(self) -> None:
        self.is_cut = True
        for tunnel in self.tunnels:
            tunnel.cancel()

    async def is_tried_again(self) -> None:
        """Waits until somebody who was cut off, or comes anew, asks for a way through."""
        before = len(self.asked)
        while len(self.asked) == before:
            await asyncio.sleep(0.01)

    def mend(self) -> None:
        self.is_cut = False

    def leads_to(self, host: str) -> bool:
        self.asked.append(host)
        return host == f"{NAME}:{PORT}" and not self.is_cut

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner, out = await asyncio.open_connection("127.0.0.1", self.target)
        tunnel = asyncio.ensure_future(piped((reader, out, bytes), (inner, writer, bytes)))
        self.tunnels.add(tunnel)
        await asyncio.wait([tunnel])
        self.tunnels.discard(tunnel)


@asynccontextmanager
async def http_proxy(line: Line) -> AsyncIterator[str]:
    """The address of a proxy that connects by HTTP's CONNECT."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        if not line.leads_to(head.split(b" ")[1].decode()):
            writer.write(b"HTTP/1.1 502 Bad Gateway\r\n\r\n")
            return
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await line.carry(reader, writer)

    async with tcp_server(serve) as port:
        yield f"http://127.0.0.1:{port}"


@asynccontextmanager
async def socks_proxy(line: Line) -> AsyncIterator[str]:
    """The same by SOCKS 5 (RFC 1928), which is given the name: this machine can't resolve it."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _version, methods = await reader.readexactly(2)
        await reader.readexactly(methods)
        writer.write(b"\x05\x00")
        _version, _connect, _, kind, length = await reader.readexactly(5)
        assert kind == 3, "an address instead of a name: somebody tried to resolve it"
        name, port = (await reader.readexactly(length)).decode(), int.from_bytes(await reader.readexactly(2), "big")
        leads = line.leads_to(f"{name}:{port}")
        writer.write(bytes([5, 0 if leads else 4, 0, 1, 0, 0, 0, 0, 0, 0]))
        if leads:
            await line.carry(reader, writer)

    async with tcp_server(serve) as port:
        yield f"socks5://127.0.0.1:{port}"


async def piped(*ways: Way) -> None:
    """Carry both ways until one end closes, then close the other."""

    async def carry(way: Way) -> None:
        reader, writer, change = way
        with suppress(OSError):
            while data := await reader.read(1 << 16):
                writer.write(change(data))
                await writer.drain()

    tasks = [asyncio.ensure_future(carry(way)) for way in ways]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task, (_, writer, _) in zip(tasks, ways, strict=True):
            task.cancel()
            writer.transport.abort()  # no farewell: TLS would wait for the other side's
        await asyncio.gather(*tasks, return_exceptions=True)
