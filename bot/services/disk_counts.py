"""How much a container has on its disk: one answer for /mycontainer, /limit and /backup.

LXD's figure where there is one. Some pools have none: `dir` never, btrfs not before the disk has a limit (measured,
5.0.2); there it is counted inside, by `du`, and remembered for a while.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.domain.instance import Instance
from bot.services.workshop import Workshop

COUNT_SECONDS = 60
REMEMBERED = timedelta(minutes=10)
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
        return await self._count(instance.name)

    async def _count(self, name: str) -> int | None:
        counted = await self._shop.instances.run(name, COMMAND, timeout_seconds=COUNT_SECONDS)
        words = counted.stdout.partition("\t")[0].strip()
        if counted.exit_code not in (0, 1) or not words.isdecimal():  # 1: files vanished under it
            return None
        self._counted[name] = (self._shop.now(), int(words))
        return int(words)
