"""How far this host's clock is from a web server's: every answer bears its date."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

import httpx

from bot.ports import Clock

PATIENCE_SECONDS = 10


async def seconds_ahead(clock: Clock, url: str, proxy: str = "") -> float | None:
    """Of the server at `url`, to the second; None if it says no date, or can't be reached."""
    try:
        async with httpx.AsyncClient(proxy=proxy or None, timeout=PATIENCE_SECONDS) as client:
            response = await client.head(url)
        return (clock.now() - parsedate_to_datetime(response.headers["Date"])).total_seconds()
    except (httpx.HTTPError, httpx.InvalidURL, OSError, KeyError, ValueError, TypeError):
        return None
