"""Tells the admins, once, of what was changed about containers on the host past junzi. Nothing is overwritten.

It compares: at each tick, and as soon as LXD says that something happened. What junzi itself worked on is left out.
"""

from __future__ import annotations

import asyncio
import logging

from bot.books import Books
from bot.domain.errors import InstanceError
from bot.domain.noticing import News, Seen, compare
from bot.services.inventory import Inventory, InventoryService
from bot.services.lifecycle import Lifecycle
from bot.services.owing import owe_admins
from bot.views.noticing import told

logger = logging.getLogger("junzi.noticing")

FACT = "noticed"
# Somebody who types on the host types several commands; they are told of together.
QUIET_SECONDS = 5.0


class NoticingService:
    def __init__(self, lifecycle: Lifecycle, inventory: InventoryService) -> None:
        self._life = lifecycle
        self._inventory = inventory
        self._looking = asyncio.Lock()

    async def look(self) -> int:
        """The number of things told. May run at any time, as often as it likes."""
        async with self._looking:
            taken = await self._inventory.take()
            if not isinstance(taken, Inventory):
                return 0
            # Asked after LXD was: what was begun meanwhile is junzi's own doing too.
            touched = self._life.at_work.touched()
            news = await self._life.store.write(lambda books: self._compare(books, taken, touched))
            self._life.at_work.looked_at(touched)
        return len(news.disagreements) + len(news.changes)

    def _compare(self, books: Books, taken: Inventory, touched: frozenset[str]) -> News:
        now = self._life.clock.now()
        kept = books.facts.get(FACT)
        seen = Seen() if kept is None else Seen(frozenset(map(tuple, kept["told"])), kept["containers"])
        news = compare(seen, taken.rows, touched | self._worked_on(books, kept))
        for change in news.changes:
            detail = {"kind": change.kind, "key": change.key}
            books.audit.record("changed_by_hand", f"instance:{change.container}", now, detail=detail)
        if news.is_any:
            owe_admins(books, told(news), now)
        self._remember(books, news.seen)
        return news

    @staticmethod
    def _remember(books: Books, seen: Seen) -> None:
        """With how far the audit log is by now: what is told of is no work of junzi's own."""
        told_now = [list(pair) for pair in sorted(seen.told)]
        books.facts.put(FACT, {"told": told_now, "containers": seen.containers, "audit": books.audit.last_id()})

    @staticmethod
    def _worked_on(books: Books, kept: object) -> frozenset[str]:
        """What an earlier process worked on after its last look, by the audit log."""
        if not isinstance(kept, dict):
            return frozenset()
        subjects = books.audit.subjects_since(kept["audit"])
        return frozenset(one.removeprefix("instance:") for one in subjects if one.startswith("instance:"))

    async def listen(self) -> None:
        """Look as soon as LXD says that something happened; until it is cancelled."""
        async for _name in self._life.instances.changes():
            try:
                await self._life.clock.sleep(QUIET_SECONDS)
                await self.look()
            except InstanceError as error:
                logger.warning("what was changed can't be looked at: %s", error)
            except Exception:
                logger.exception("what was changed could not be compared; the next tick tries again")
