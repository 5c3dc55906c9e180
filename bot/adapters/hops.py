"""The way to a server, hop by hop: name, TCP, a proxy on the way, TLS. Says which one fails first.

A lab behind a firewall sees "Telegram does not work" for five different reasons, each with another cure.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from base64 import b64encode
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from bot.domain.health import HopFault

TIMEOUT_SECONDS = 10.0
DEFAULT_PORTS = {"http": 80, "https": 443, "socks5": 1080, "socks5h": 1080}


def is_loopback(url: str) -> bool:
    """Whether a URL names this machine itself: no proxy may stand in between."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def proxy_for(url: str, configured: str) -> str:
    """The proxy that httpx would take: the configured one, else the environment's; "" for none."""
    if configured or is_loopback(url):
        return configured
    parts = urlsplit(url)
    if proxy_bypass(parts.hostname or ""):
        return ""
    proxies = getproxies()
    return proxies.get(parts.scheme) or proxies.get("all") or ""


async def first_fault(url: str, proxy: str) -> HopFault | None:
    """None if a connection can be made, TLS included."""
    return await asyncio.to_thread(_first_fault, urlsplit(url), urlsplit(proxy) if proxy else None)


class _Failed(Exception):
    def __init__(self, hop: str, where: str, words: str) -> None:
        super().__init__(words)
        self.fault = HopFault(hop, where, words)


@dataclass(frozen=True)
class _End:
    host: str
    port: int

    @classmethod
    def of(cls, url: SplitResult) -> _End:
        return cls(url.hostname or "", url.port or DEFAULT_PORTS.get(url.scheme, 443))

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def _first_fault(url: SplitResult, proxy: SplitResult | None) -> HopFault | None:
    end = _End.of(url)
    try:
        with _connect(end, "") if proxy is None else _through(proxy, end) as way:
            if url.scheme == "https":
                _tls(way, end, "").close()
    except _Failed as failed:
        return failed.fault
    return None


def _connect(end: _End, prefix: str) -> socket.socket:
    try:
        socket.getaddrinfo(end.host, end.port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise _Failed(f"{prefix}name", end.host, str(error)) from error
    try:
        return socket.create_connection((end.host, end.port), timeout=TIMEOUT_SECONDS)
    except OSError as error:
        raise _Failed(f"{prefix}tcp", str(end), str(error)) from error


def _tls(way: socket.socket, end: _End, prefix: str) -> ssl.SSLSocket:
    try:
        return ssl.create_default_context().wrap_socket(way, server_hostname=end.host)
    except OSError as error:  # SSLError is one
        raise _Failed(f"{prefix}tls", str(end), str(error)) from error


def _through(proxy: SplitResult, end: _End) -> socket.socket:
    own = _End.of(proxy)
    way = _connect(own, "proxy_")
    try:
        if proxy.scheme.startswith("socks5"):
            _socks5(way, proxy, end)
            return way
        if proxy.scheme == "https":
            way = _tls(way, own, "proxy_")
        _http_connect(way, proxy, end)
    except OSError as error:
        way.close()
        raise _Failed("proxy_refused", str(own), str(error)) from error
    except _Failed:
        way.close()
        raise
    return way


def _http_connect(way: socket.socket, proxy: SplitResult, end: _End) -> None:
    lines = [f"CONNECT {end} HTTP/1.1", f"Host: {end}"]
    if proxy.username:
        secret = b64encode(f"{unquote(proxy.username)}:{unquote(proxy.password or '')}".encode()).decode()
        lines.append(f"Proxy-Authorization: Basic {secret}")
    way.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
    answer = way.recv(4096).split(b"\r\n")[0].decode("latin-1")
    if answer.split(" ")[1:2] != ["200"]:
        raise OSError(answer or "it hung up")


# What a SOCKS server may answer to a wish to connect (RFC 1928).
SOCKS_REPLIES = {
    1: "general failure", 2: "not allowed by its rules", 3: "network unreachable", 4: "host unreachable",
    5: "connection refused", 6: "TTL expired", 7: "command not supported", 8: "address type not supported",
}  # fmt: skip


def _socks5(way: socket.socket, proxy: SplitResult, end: _End) -> None:
    way.sendall(b"\x05\x02\x00\x02" if proxy.username else b"\x05\x01\x00")
    version, method = _exactly(way, 2)
    if version != 5 or method == 0xFF:
        raise OSError("it speaks no SOCKS5, or wants a user and a password")
    if method == 2:
        user, password = unquote(proxy.username or "").encode(), unquote(proxy.password or "").encode()
        way.sendall(bytes([1, len(user)]) + user + bytes([len(password)]) + password)
        if _exactly(way, 2)[1] != 0:
            raise OSError("it refuses the user or the password")
    host = end.host.encode("idna")
    way.sendall(b"\x05\x01\x00\x03" + bytes([len(host)]) + host + end.port.to_bytes(2, "big"))
    reply = _exactly(way, 4)
    if reply[1] != 0:
        raise OSError(SOCKS_REPLIES.get(reply[1], f"reply {reply[1]}"))
    length = {1: 4, 4: 16}.get(reply[3]) or _exactly(way, 1)[0]
    _exactly(way, length + 2)


def _exactly(way: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        more = way.recv(count - len(data))
        if not more:
            raise OSError("it hung up")
        data += more
    return data
