"""What goes wrong while Telegram is asked for updates: a line in the log, and a rival is told to the admins.

Two processes that poll with one token take each other's updates: each answers some of them, from a ledger of its own
perhaps, and Telegram tells both by 409 Conflict. One such answer is nothing: a restart meets its own last poll.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from telegram.error import Conflict, TelegramError

from bot.ports import Clock

logger = logging.getLogger("junzi.inbox")

CONFLICTS = 3
WITHIN = timedelta(minutes=2)
TOLD_AGAIN_AFTER = timedelta(minutes=5)


class PollingTroubles:
    """What PTB calls with every error of a poll. `tell` hears when a rival is noticed."""

    def __init__(self, clock: Clock, tell: Callable[[datetime], Awaitable[None]]) -> None:
        self._clock = clock
        self._tell = tell
        self._conflicts: deque[datetime] = deque(maxlen=CONFLICTS)
        self._told_at: datetime | None = None
        self._telling: asyncio.Task[None] | None = None

    def __call__(self, error: TelegramError) -> None:
        if not isinstance(error, Conflict):
            logger.warning("no updates from Telegram (%s); asking again", error)
            return
        logger.error("another process asks Telegram for this bot's updates, with the same token: stop one of the two")
        now = self._clock.now()
        self._conflicts.append(now)
        is_rival = len(self._conflicts) == CONFLICTS and now - self._conflicts[0] <= WITHIN
        if is_rival and (self._told_at is None or now - self._told_at >= TOLD_AGAIN_AFTER):
            self._told_at = now
            self._telling = asyncio.ensure_future(self._tell(now))
