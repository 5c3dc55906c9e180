"""Running a program in a container over LXD's websockets, with asyncio.

Not pylxd's execute(), because (2.4.2, read and measured): over https its websockets check no certificate, and these
carry passwords; it never closes the one for standard input; and it looks for the end ten times a second (0.13 s for
`true`, 0.04 s here).
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp

from bot.adapters.lxd_errors import EndlessOutput, LxdSaidNo

# What LXD names the streams of a program that has no terminal.
STDIN, STDOUT, STDERR = "0", "1", "2"
CHUNK = 64 * 1024
# Who is root in there decides what a program is: it may write for ever. An hour of apt and conda writes less.
MOST_OUTPUT_BYTES = 4 << 20


# A program may take hours; getting through to LXD may not.
PATIENCE = aiohttp.ClientTimeout(total=None, sock_connect=10)


@dataclass(frozen=True)
class CommandOutput:
    exit_code: int
    stdout: bytes
    stderr: bytes


@dataclass(frozen=True)
class Door:
    """How to get to LXD: a unix socket's path, or an https endpoint with files of certificates."""

    endpoint: str
    cert: tuple[str, str] | None
    server_cert: str | None
    project: str

    def session(self) -> aiohttp.ClientSession:
        """Proxies in the environment are for Telegram: aiohttp looks at none unless told to."""
        if self.endpoint.startswith("/"):
            return aiohttp.ClientSession("http://lxd", connector=aiohttp.UnixConnector(self.endpoint), timeout=PATIENCE)
        return aiohttp.ClientSession(self.endpoint, connector=aiohttp.TCPConnector(ssl=self._tls()), timeout=PATIENCE)

    def _tls(self) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=self.server_cert)
        if self.server_cert is not None:
            # The one certificate that is trusted is the server's own: it proves more than a name.
            context.check_hostname = False
            context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        if self.cert is not None:
            context.load_cert_chain(*self.cert)
        return context


async def execute(door: Door, name: str, command: Sequence[str], stdin: bytes) -> CommandOutput:
    """Run it to its end, and to the end of everything that keeps its output open. EndlessOutput if it says too much:
    it is left to itself then."""
    request = {"command": list(command), "wait-for-websocket": True, "interactive": False}
    async with door.session() as session:
        project = {"project": door.project}
        operation = await _ask(session.post(f"/1.0/instances/{name}/exec", params=project, json=request))
        streams = operation["metadata"]["fds"]
        url = f"/1.0/operations/{operation['id']}"
        ended = asyncio.create_task(_ask(session.get(f"{url}/wait")))
        try:
            _, stdout, stderr = await asyncio.gather(
                _send(session, f"{url}/websocket?secret={streams[STDIN]}", stdin),
                _receive(session, f"{url}/websocket?secret={streams[STDOUT]}"),
                _receive(session, f"{url}/websocket?secret={streams[STDERR]}"),
            )
            return CommandOutput((await ended)["metadata"]["return"], stdout, stderr)
        finally:
            ended.cancel()


async def _ask(request: Any) -> dict[str, Any]:
    """The operation that LXD answers with; LxdSaidNo if it refuses or the operation failed."""
    async with request as response:
        answer = await response.json(content_type=None)
    operation: dict[str, Any] = answer.get("metadata") or {}
    if answer.get("type") == "error" or operation.get("status") == "Failure":
        raise LxdSaidNo(answer.get("error") or operation.get("err") or "LXD gave no reason", response.status)
    return operation


async def _send(session: aiohttp.ClientSession, url: str, content: bytes) -> None:
    """An empty text message is LXD's end of file. A program need not read its input: it may be gone before."""
    async with session.ws_connect(url) as channel:
        try:
            for start in range(0, len(content), CHUNK):
                await channel.send_bytes(content[start : start + CHUNK])
            await channel.send_str("")
        except ConnectionError:
            return
        async for _ in channel:
            pass


async def _receive(session: aiohttp.ClientSession, url: str) -> bytes:
    received = bytearray()
    async with session.ws_connect(url, max_msg_size=MOST_OUTPUT_BYTES) as channel:
        async for message in channel:
            if message.type is aiohttp.WSMsgType.BINARY:
                received += message.data
            if len(received) > MOST_OUTPUT_BYTES:
                raise EndlessOutput(f"it wrote more than {MOST_OUTPUT_BYTES >> 20} MiB")
            await asyncio.sleep(0)  # a stream that never dries up would keep everybody else waiting
    return bytes(received)
