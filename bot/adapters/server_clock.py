"""How far this host's clock is from a web server's: every answer bears its date."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

import aiohttp

from bot.ports import Clock

PATIENCE = aiohttp.ClientTimeout(total=10)


async def seconds_ahead(clock: Clock, url: str, proxy: str = "") -> float | None:
    """Of the server at `url`, to the second; None if it says no date, or can't be reached (by a socks proxy, say)."""
    if proxy.startswith("socks"):
        return None
    try:
        async with (
            aiohttp.ClientSession(trust_env=True, timeout=PATIENCE) as session,
            session.head(url, proxy=proxy or None) as response,
        ):
            return (clock.now() - parsedate_to_datetime(response.headers["Date"])).total_seconds()
    except (aiohttp.ClientError, TimeoutError, OSError, KeyError, ValueError, TypeError):
        return None
