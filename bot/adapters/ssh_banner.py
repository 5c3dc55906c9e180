"""Waiting until a container's sshd answers on its host port."""

from __future__ import annotations

import asyncio
from contextlib import suppress

PAUSE_SECONDS = 0.05
ANSWER_SECONDS = 3.0


async def wait_for_ssh(port: int, host: str = "127.0.0.1", timeout_seconds: float = 60.0) -> bool:
    """True once a server there introduces itself as SSH, False if none did in time.

    A connection alone proves nothing: LXD's proxy accepts it, and closes it again while sshd is not up.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + timeout_seconds
    while not await _answers(host, port):  # nobody is interrupted in the middle of one: asyncio would lose the socket
        if loop.time() > deadline:
            return False
        await asyncio.sleep(PAUSE_SECONDS)
    return True


async def _answers(host: str, port: int) -> bool:
    try:
        reader, writer = await asyncio.wait_for(asyncio.open_connection(host, port), ANSWER_SECONDS)
    except (OSError, asyncio.TimeoutError):
        return False
    try:
        line = await asyncio.wait_for(reader.readline(), ANSWER_SECONDS)
    except (OSError, asyncio.TimeoutError, ValueError):  # ValueError: a first line longer than 64 kB
        return False
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
    return line.startswith(b"SSH-")
