"""Keeps what the server and the bot's rights allow up to date: at the start, and when the bot's rights change."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from bot.domain.ability import Abilities, Able

logger = logging.getLogger("junzi.abilities")


class AbilityService:
    """`quiet` and `rich` are the configuration's wishes: they may switch a feature off, never on."""

    def __init__(
        self, able: Able, find_out: Callable[[], Awaitable[Abilities]], *, quiet: bool = True, rich: bool = True
    ) -> None:
        self.able = able
        self._find_out = find_out
        self._quiet = quiet
        self._rich = rich

    async def refresh(self) -> Abilities:
        found = (await self._find_out()).allowed(quiet=self._quiet, rich=self._rich)
        if found != self.able.now:
            logger.info("the server and the bot's rights allow: %s", found)
        self.able.now = found
        return found
