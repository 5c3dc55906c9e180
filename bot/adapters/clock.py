"""The only place that reads the time."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta, timezone


class SystemClock:
    """`bot.ports.Clock` as the host keeps it."""

    def now(self) -> datetime:
        return datetime.now(timezone.utc)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class FastClock:
    """A clock that runs `speed` times as fast as the host's from the moment it is made: the demo's.

    `skip` lets time pass at once: who tests what happens in ten minutes need not wait for them.
    """

    def __init__(self, speed: float = 1.0) -> None:
        self.speed = speed
        self._started = datetime.now(timezone.utc)
        self._skipped = timedelta(0)

    def now(self) -> datetime:
        return self._started + self._skipped + (datetime.now(timezone.utc) - self._started) * self.speed

    def skip(self, **spans: float) -> None:
        self._skipped += timedelta(**spans)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self.speed)
