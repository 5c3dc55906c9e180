"""What LXD says has happened, as it happens. Its channel dies with the daemon (closed 1006): it is opened again."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator

import aiohttp

from bot.adapters.lxd_exec import Door

logger = logging.getLogger("junzi.lxd")

FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 1.0, 60.0


async def changes(door: Door) -> AsyncIterator[str]:
    """Names of containers that something happened to; "" when the channel was closed and things may have been missed.

    Never ends by itself. Trouble is logged once, and so is the recovery.
    """
    wait, lost = FIRST_WAIT_SECONDS, False
    while True:
        try:
            async with door.session() as session:
                url = f"/1.0/events?type=lifecycle&project={door.project}"
                async with session.ws_connect(url, heartbeat=30) as channel:
                    if lost:
                        logger.info("LXD's events are heard again")
                        yield ""
                    wait, lost = FIRST_WAIT_SECONDS, False
                    async for message in channel:
                        if message.type is aiohttp.WSMsgType.TEXT and (name := container_of(message.data)):
                            yield name
        except (aiohttp.ClientError, OSError, asyncio.TimeoutError) as error:
            if not lost:
                logger.warning("LXD's events can't be heard (%s); looking every minute meanwhile", error)
        lost = True
        await asyncio.sleep(wait)
        wait = min(wait * 2, LONGEST_WAIT_SECONDS)


def container_of(event: str) -> str:
    """ "lisi" of an event about /1.0/instances/lisi or one of its snapshots; "" of any other."""
    try:
        source = json.loads(event)["metadata"]["source"]
    except (ValueError, KeyError, TypeError):
        return ""
    parts = str(source).partition("?")[0].split("/")
    return parts[3] if len(parts) > 3 and parts[1:3] in (["1.0", "instances"], ["1.0", "containers"]) else ""
