"""/containers: LXD is asked once, the registry says whose each is."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.books import Books
from bot.domain.bucket import COARSE
from bot.domain.card import Card
from bot.domain.errors import InstanceError
from bot.domain.inventory import Row, inventory
from bot.domain.saying import Saying
from bot.services.disk_counts import counted
from bot.services.faults import fault
from bot.services.lifecycle import Lifecycle
from bot.services.wishes import chosen_template

logger = logging.getLogger("junzi.inventory")

USED_WITHIN = timedelta(days=90)


@dataclass(frozen=True)
class Inventory:
    rows: tuple[Row, ...]
    cards: Sequence[Card]


class InventoryService:
    def __init__(self, lifecycle: Lifecycle) -> None:
        self._life = lifecycle

    async def take(self) -> Inventory | Saying:
        """Every container that LXD or the registry knows; a Saying if LXD can't be asked."""
        try:
            found = await self._life.instances.list_with_usage()
        except InstanceError as error:
            logger.warning("the containers can't be listed: %s", error)
            return fault(error)

        def read(books: Books) -> Inventory:
            since = self._life.clock.now() - USED_WITHIN
            rows = inventory(
                found,
                books.instances.all(),
                books.archives.all(),
                {member.id: member for member in books.members.all()},
                {self._life.host.template, chosen_template(books, self._life.host)},
                self._life.at_work.names,
                books.usage.last_use(since, COARSE.length),
                counted(books),
            )
            return Inventory(rows, sorted(books.cards.all(), key=lambda card: card.index))

        return await self._life.store.read(read)
