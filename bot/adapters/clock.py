"""The only place that reads the time."""

from __future__ import annotations

import asyncio
from datetime import datetime, timezone


class SystemClock:
    """`bot.ports.Clock` as the host keeps it."""

    def now(self) -> datetime:
        return datetime.now(timezone.utc)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class FastClock:
    """A clock that runs `speed` times as fast as the host's from the moment it is made: the demo's."""

    def __init__(self, speed: float = 1.0) -> None:
        self.speed = speed
        self._started = datetime.now(timezone.utc)

    def now(self) -> datetime:
        return self._started + (datetime.now(timezone.utc) - self._started) * self.speed

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self.speed)
