"""The queue between people and the bot: numbered, confirmed by offset, handed out by long poll."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from bot.demo.server.chats import Json
from bot.demo.server.errors import conflict

# These come only to a bot that asks for them by name.
ON_REQUEST = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
KEPT_FOR = timedelta(hours=24)


class Updates:
    """What waits for the bot."""

    def __init__(self, changed: Callable[[], None] = lambda: None) -> None:
        """Begin empty, at a number that nobody mistakes for a count; ``changed`` is told when a poll begins or ends."""
        self.changed = changed
        self.waiting: deque[tuple[datetime, Json]] = deque()
        self.allowed: frozenset[str] | None = None
        self.next_id = 710_000_001
        self._poll: asyncio.Future[None] | None = None
        self._closed = False

    @property
    def is_polled(self) -> bool:
        """Tell whether a bot waits for updates at this moment."""
        return self._poll is not None

    def wants(self, kind: str) -> bool:
        """Tell whether the bot gets updates of this kind."""
        return kind not in ON_REQUEST if self.allowed is None else kind in self.allowed

    def put(self, kind: str, value: Json, now: datetime) -> int | None:
        """Queue an update and return its number, None when the bot doesn't want its kind."""
        if not self.wants(kind):
            return None
        number = self.next_id
        self.next_id += 1
        self.waiting.append((now, {"update_id": number, kind: value}))
        self._wake()
        return number

    def allow(self, kinds: Sequence[str] | None) -> None:
        """Remember ``allowed_updates``; absent keeps what was said before, an empty list means the default."""
        if kinds is not None:
            self.allowed = frozenset(kinds) or None

    def drop(self) -> None:
        """Forget everything that waits."""
        self.waiting.clear()

    async def get(self, offset: int, limit: int, timeout_seconds: float, now: datetime) -> list[Json]:
        """Confirm up to ``offset``, then return what waits or wait for something."""
        self._end_older_poll()
        self._confirm(offset, now)
        if not self.waiting and timeout_seconds > 0 and not self._closed:
            self._poll = asyncio.get_running_loop().create_future()
            mine = self._poll
            self.changed()
            try:
                await asyncio.wait_for(mine, timeout_seconds)
            except asyncio.TimeoutError:  # another class than TimeoutError until Python 3.11
                pass
            finally:
                if self._poll is mine:
                    self._poll = None
                self.changed()
        return [update for _, update in self.waiting][:limit]

    def close(self) -> None:
        """Let a waiting poll go home."""
        self._closed = True
        self._wake()

    def _confirm(self, offset: int, now: datetime) -> None:
        while self.waiting and self.waiting[0][0] < now - KEPT_FOR:
            self.waiting.popleft()
        if offset < 0:
            while len(self.waiting) > -offset:
                self.waiting.popleft()
        while self.waiting and self.waiting[0][1]["update_id"] < offset:
            self.waiting.popleft()

    def _wake(self) -> None:
        if self._poll is not None and not self._poll.done():
            self._poll.set_result(None)

    def _end_older_poll(self) -> None:
        if self._poll is not None and not self._poll.done():
            self._poll.set_exception(
                conflict("terminated by other getUpdates request; make sure that only one bot instance is running")
            )
