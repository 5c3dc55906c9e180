"""How much a container has on its disk: one answer for /mycontainer, /limit, /backup and /containers.

LXD's figure where there is one. Some pools have none: `dir` never, and btrfs only what no snapshot shares (measured,
5.0.2); there it is counted inside, by `du`. Whoever needs to know now has it counted, but not oftener than every ten
minutes; the table of all is content with last night's count, and says of when it is.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.books import Books
from bot.domain.disk_use import DiskFigure
from bot.domain.errors import InstanceError
from bot.domain.instance import Instance
from bot.services.workshop import Workshop

logger = logging.getLogger("junzi.disks")

FACT = "disk_counts"
COUNT_SECONDS = 60
NIGHTLY_COUNT_SECONDS = 15 * 60
REMEMBERED = timedelta(minutes=10)
KEPT = timedelta(days=30)
COMMAND = ("du", "-sx", "--block-size=1", "/")  # one file system: shared folders are nobody's own


class DiskCounts:
    def __init__(self, workshop: Workshop) -> None:
        self._shop = workshop
        self._counted: dict[str, tuple[datetime, int]] = {}

    def remembered(self, name: str) -> int | None:
        """The last count in bytes, if it is not old."""
        at, figure = self._counted.get(name, (None, 0))
        return None if at is None or self._shop.now() - at > REMEMBERED else figure

    async def used(self, instance: Instance, *, fresh: bool = False) -> int | None:
        """In bytes; None where nobody knows: it is stopped, or has too many files to count in a minute.

        `fresh`: not as it was some minutes ago. Raises InstanceError.
        """
        figure = (await self._shop.instances.usage(instance.name)).disk_bytes
        if figure is None and not fresh:
            figure = self.remembered(instance.name)
        if figure is not None or not instance.is_running:
            return figure
        return await self._count(instance.name, COUNT_SECONDS)

    async def count_all(self) -> None:
        """Those that run and of which LXD does not say, one after the other: `du` reads the whole disk."""
        for instance, usage in await self._shop.instances.list_with_usage():
            if not instance.is_running or usage.disk_bytes is not None:
                continue
            try:
                await self._count(instance.name, NIGHTLY_COUNT_SECONDS)
            except InstanceError as error:  # stopped or deleted meanwhile
                logger.info("the disk of %s can't be counted: %s", instance.name, error)

    async def _count(self, name: str, timeout_seconds: int) -> int | None:
        answer = await self._shop.instances.run(name, COMMAND, timeout_seconds=timeout_seconds)
        words = answer.stdout.partition("\t")[0].strip()
        if answer.exit_code not in (0, 1) or not words.isdecimal():  # 1: files vanished under it
            return None
        now, figure = self._shop.now(), int(words)
        self._counted[name] = (now, figure)
        await self._shop.store.write(lambda books: _note(books, name, figure, now))
        return figure


def counted(books: Books) -> Mapping[str, DiskFigure]:
    """The last count of each container that was ever counted."""
    return {name: DiskFigure(figure, at) for name, (figure, at) in (books.facts.get(FACT) or {}).items()}


def _note(books: Books, name: str, figure: int, now: datetime) -> None:
    known = {**(books.facts.get(FACT) or {}), name: (figure, now)}
    books.facts.put(FACT, {one: (count, at) for one, (count, at) in known.items() if now - at < KEPT})
