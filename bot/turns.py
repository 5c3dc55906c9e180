"""Who is served when: one person's updates side by side, but never so many that nobody else gets a turn.

A handler may wait for minutes: for Telegram's flood limits in a busy group, for LXD, for a program in a container. With
one row for everybody, a hundred commands of one person kept the bot silent for all others (measured: for over five
minutes).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any

from telegram import Update
from telegram.ext import BaseUpdateProcessor

AT_ONCE = 256
# An admin may have some long operations under way and still asks.
AT_ONCE_A_PERSON = 12
# Those that wait cost a few kilobytes each; python-telegram-bot wants a number.
UNDER_WAY = 1_000_000


class FairTurns(BaseUpdateProcessor):
    """For `concurrent_updates`."""

    def __init__(self, at_once: int = AT_ONCE, a_person: int = AT_ONCE_A_PERSON) -> None:
        super().__init__(UNDER_WAY)
        self._all = asyncio.Semaphore(at_once)
        self._a_person = a_person
        self._rows: dict[int, tuple[asyncio.Semaphore, set[object]]] = {}

    async def initialize(self) -> None:
        """Nothing to prepare."""

    async def shutdown(self) -> None:
        """Nothing to close."""

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        person = _person(update)
        if person is None:
            await self._in_turn(coroutine)
            return
        semaphore, served = self._rows.setdefault(person, (asyncio.Semaphore(self._a_person), set()))
        served.add(coroutine)
        try:
            async with semaphore:
                await self._in_turn(coroutine)
        finally:
            served.discard(coroutine)
            if not served:
                self._rows.pop(person, None)

    async def _in_turn(self, coroutine: Awaitable[Any]) -> None:
        async with self._all:
            await coroutine


def _person(update: object) -> int | None:
    user = update.effective_user if isinstance(update, Update) else None
    return None if user is None else user.id
