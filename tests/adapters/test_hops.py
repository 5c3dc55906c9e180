"""Which hop on the way to a server fails first, tried on small servers of this machine."""

from __future__ import annotations

import asyncio
import socket

import pytest

from bot.adapters.hops import first_fault, is_loopback, proxy_for
from bot.domain.health import HopFault
from tests.tcp_server import Serve, tcp_server


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(1)


async def no_tls(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(1)
    writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    await writer.drain()


def http_proxy(answer: str) -> Serve:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"CONNECT api.telegram.org:80 HTTP/1.1\r\n")
        wants_user = b"Proxy-Authorization: Basic dTpw\r\n" in head  # u:p
        writer.write((answer if wants_user else "HTTP/1.1 407 Proxy Authentication Required").encode() + b"\r\n\r\n")
        await writer.drain()

    return serve


def socks_proxy(reply: int) -> Serve:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await reader.readexactly(3) == b"\x05\x01\x00"
        writer.write(b"\x05\x00")
        wish = await reader.readexactly(5 + len("api.telegram.org") + 2)
        assert wish[5:-2] == b"api.telegram.org"
        writer.write(bytes([5, reply, 0, 1, 0, 0, 0, 0, 0, 0]))
        await writer.drain()

    return serve


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def test_a_server_that_listens_has_no_fault() -> None:
    async with tcp_server(silent) as port:
        assert await first_fault(f"http://127.0.0.1:{port}", "") is None


async def test_a_name_that_nobody_knows() -> None:
    fault = await first_fault("https://nowhere.invalid", "")
    assert fault is not None
    assert (fault.hop, fault.where) == ("name", "nowhere.invalid")


async def test_nobody_listens() -> None:
    port = free_port()
    fault = await first_fault(f"https://127.0.0.1:{port}", "")
    assert fault is not None
    assert (fault.hop, fault.where) == ("tcp", f"127.0.0.1:{port}")


async def test_something_else_than_tls_answers() -> None:
    async with tcp_server(no_tls) as port:
        fault = await first_fault(f"https://127.0.0.1:{port}", "")
    assert fault is not None
    assert fault.hop == "tls"


TELEGRAM = "http://api.telegram.org"  # by name, through made-up proxies only


async def test_an_http_proxy_lets_through_or_not() -> None:
    async with tcp_server(http_proxy("HTTP/1.1 200 Connection established")) as port:
        assert await first_fault(TELEGRAM, f"http://u:p@127.0.0.1:{port}") is None
        refused = await first_fault(TELEGRAM, f"http://127.0.0.1:{port}")
    words = "HTTP/1.1 407 Proxy Authentication Required"
    assert refused == HopFault("proxy_refused", f"127.0.0.1:{port}", words)


async def test_a_socks_proxy_lets_through_or_not() -> None:
    async with tcp_server(socks_proxy(0)) as port:
        assert await first_fault(TELEGRAM, f"socks5://127.0.0.1:{port}") is None
    async with tcp_server(socks_proxy(5)) as port:
        refused = await first_fault(TELEGRAM, f"socks5://127.0.0.1:{port}")
    assert refused == HopFault("proxy_refused", f"127.0.0.1:{port}", "connection refused")


async def test_a_proxy_that_is_down_or_unknown() -> None:
    down = await first_fault(TELEGRAM, f"socks5://127.0.0.1:{free_port()}")
    assert down is not None
    assert down.hop == "proxy_tcp"
    unknown = await first_fault(TELEGRAM, "http://proxy.invalid:3128")
    assert unknown is not None
    assert (unknown.hop, unknown.where) == ("proxy_name", "proxy.invalid")


def test_the_proxy_is_the_one_that_the_bot_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    assert proxy_for("https://api.telegram.org", "socks5://a:1") == "socks5://a:1"
    assert proxy_for("https://api.telegram.org", "") == ""
    monkeypatch.setenv("ALL_PROXY", "socks5://all:1")
    assert proxy_for("https://api.telegram.org", "") == "socks5://all:1"
    monkeypatch.setenv("HTTPS_PROXY", "http://https:1")
    assert proxy_for("https://api.telegram.org", "") == "http://https:1"
    assert proxy_for("http://127.0.0.1:8081", "") == ""
    monkeypatch.setenv("NO_PROXY", "telegram.org")
    assert proxy_for("https://api.telegram.org", "") == ""


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://localhost:8081", True),
        ("http://127.0.0.2", True),
        ("http://[::1]:8081", True),
        ("https://api.telegram.org", False),
        ("http://10.0.0.1", False),
    ],
)
def test_loopback(url: str, expected: bool) -> None:
    assert is_loopback(url) is expected
