"""Telegram's flood limits, kept by waiting in line: one line a chat, first come first served.

python-telegram-bot asks this before every call. What its own limiter does otherwise: it lets 20 more through while the
first 20 of the minute still count, halts every chat for a 429 that one chat got, counts what is no message, and sends
ten edits of one message one after the other where the last says it all.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Hashable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from telegram.error import RetryAfter
from telegram.ext import BaseRateLimiter

from bot.adapters.telegram_errors import seconds_of
from bot.domain.line import Line, Ticket
from bot.domain.pace import Pace
from bot.ports import Clock

logger = logging.getLogger("junzi.pace")

COUNTED = ("send", "edit", "copy", "forward")
NOT_COUNTED = ("sendchataction",)
# Longer than that nobody waits in line: who asked is told, and the outbox comes back when Telegram says so.
LONGEST_WAIT_SECONDS = 90.0
MOST_TRIES = 10

Call = Callable[[], Awaitable[Any]]


@dataclass
class _Chat:
    """`closed_until`: on the loop's clock, after a 429."""

    line: Line[Call] = field(default_factory=Line)
    tasks: dict[Ticket[Call], asyncio.Task[Any]] = field(default_factory=dict)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    closed_until: float = 0.0

    def close(self, seconds: float) -> None:
        self.closed_until = asyncio.get_running_loop().time() + seconds

    def closed_seconds(self) -> float:
        return max(0.0, self.closed_until - asyncio.get_running_loop().time())


class PacedCalls(BaseRateLimiter[None]):
    """The limits run on the lab's clock; what a 429 says is in real seconds."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._pace = Pace()
        self._chats: dict[int, _Chat] = {}

    async def initialize(self) -> None:
        """Nothing to prepare."""

    async def shutdown(self) -> None:
        """Nobody waits any longer."""
        for chat in self._chats.values():
            for task in chat.tasks.values():
                task.cancel()

    def wait_seconds(self, chat_id: int) -> float:
        """How long a message to that chat would wait if it joined the line now; 0 = not at all."""
        chat = self._chat(chat_id)
        return max(chat.closed_seconds(), self._pace.wait(chat_id, self._clock.now(), len(chat.line.waiting)))

    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, Any]],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: None,  # noqa: ARG002 - part of the interface
    ) -> Any:
        call: Call = partial(callback, *args, **kwargs)
        chat_id = _counted_in(endpoint, data)
        if chat_id is None:
            return await self._accepted(_Chat(), Ticket(call))
        chat = self._chat(chat_id)
        new = Ticket(call, _changed(endpoint, data), endpoint)
        ticket = chat.line.join(new)
        if ticket is new:
            # A task of its own: who asked may give up while somebody else waits for the same ticket.
            task = asyncio.create_task(self._in_turn(chat_id, chat, ticket))
            chat.tasks[ticket] = task
            task.add_done_callback(partial(_forget, chat, ticket))
        return await asyncio.shield(chat.tasks[ticket])

    async def _in_turn(self, chat_id: int, chat: _Chat, ticket: Ticket[Call]) -> Any:
        async with chat.turn:
            while (wait := self._pace.wait(chat_id, self._clock.now())) > 0:
                await self._clock.sleep(wait)
            return await self._accepted(chat, ticket, chat_id)

    async def _accepted(self, chat: _Chat, ticket: Ticket[Call], chat_id: int | None = None) -> Any:
        """Wait as long as a 429 says and try again. An edit that became out of date meanwhile is not tried again."""
        for left in reversed(range(MOST_TRIES)):
            chat.line.leave(ticket)
            try:
                return await self._counted(chat_id, ticket.call)
            except RetryAfter as exc:
                wait = seconds_of(exc)
                if wait > LONGEST_WAIT_SECONDS or left == 0:
                    raise
                logger.info("Telegram asks to wait %.0f s", wait)
                chat.close(wait)
                if not chat.line.back(ticket):
                    return True
                await asyncio.sleep(wait)
        raise AssertionError("the last try returns or raises")

    async def _counted(self, chat_id: int | None, call: Call) -> Any:
        if chat_id is None:
            return await call()
        slip = self._pace.take(chat_id)
        try:
            return await call()
        finally:
            slip.landed_at = self._clock.now()

    def _chat(self, chat_id: int) -> _Chat:
        return self._chats.setdefault(chat_id, _Chat())


def _forget(chat: _Chat, ticket: Ticket[Call], task: asyncio.Task[Any]) -> None:
    chat.line.leave(ticket)
    chat.tasks.pop(ticket, None)
    if not task.cancelled():
        task.exception()  # who gave up waiting for it does not look at it


def _counted_in(endpoint: str, data: dict[str, Any]) -> int | None:
    """The chat whose limit a call counts against; None for a call that is no message."""
    name = endpoint.lower()
    if not name.startswith(COUNTED) or name in NOT_COUNTED:
        return None
    try:
        return int(data["chat_id"])
    except (KeyError, TypeError, ValueError):
        return None


def _changed(endpoint: str, data: dict[str, Any]) -> Hashable | None:
    """Which message an edit changes; None for a new message."""
    if not endpoint.lower().startswith("edit"):
        return None
    return data.get("message_id"), data.get("ephemeral_message_id")
