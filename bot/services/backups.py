"""A container as a file on the host, snapshots that LXD takes by itself, and what fills a disk."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import PurePosixPath

from bot.domain.container import InstanceRecord
from bot.domain.disk_use import du_command, read_du
from bot.domain.errors import InstanceError
from bot.domain.limits import limits_seen
from bot.domain.mount import SECRET, path_fault
from bot.domain.saying import Bytes, Code, Saying
from bot.domain.schedule import Schedule
from bot.domain.upkeep import BackedUp, DiskSeen, NotDone
from bot.ports import HostFolders
from bot.services.disk_counts import DiskCounts
from bot.services.faults import fault
from bot.services.workshop import By, Workshop

logger = logging.getLogger("junzi.backups")

TELL_EVERY_SECONDS = 5.0
DU_SECONDS = 30
SPARE_BYTES = 1 << 30

OnBytes = Callable[[int], Awaitable[None]]


class BackupService:
    """`folder`: where exports go unless another one is said."""

    def __init__(self, workshop: Workshop, counts: DiskCounts, folders: HostFolders, folder: str) -> None:
        self._shop = workshop
        self._counts = counts
        self._folders = folders
        self.folder = folder

    async def export(self, record: InstanceRecord, folder: str, on_bytes: OnBytes, by: By) -> BackedUp | NotDone:
        folder = (folder or self.folder).rstrip("/")
        if (wrong := path_fault(folder, SECRET)) is not None:
            return NotDone(Saying(f"mount.source_{wrong}", {"path": Code(folder)}))

        async def work() -> BackedUp | NotDone:
            refusal = await self._no_room(record, folder)
            if refusal is not None:
                return NotDone(refusal)
            name = f"{record.name}-{self._shop.now():%Y%m%d-%H%M%S}.tar.gz"
            path = str(PurePosixPath(folder) / name)
            return BackedUp(record, path, await self._exported(record, path, on_bytes))

        return await self._shop.alone("backup", record, by, work, {"folder": folder})

    async def _no_room(self, record: InstanceRecord, folder: str) -> Saying | None:
        """Room for all of it, uncompressed at worst. (LXD packs it on its own disk first, and says so if it can't.)"""
        free = await self._folders.free_bytes(folder)
        if free is None:
            return Saying("backup.no_folder", {"path": Code(folder)})
        used = await self._counts.used(await self._shop.instances.get(record.name))
        needed = (used or 0) + SPARE_BYTES
        if free < needed:
            return Saying("backup.no_room", {"path": Code(folder), "free": Bytes(free), "needed": Bytes(needed)})
        return None

    async def _exported(self, record: InstanceRecord, path: str, on_bytes: OnBytes) -> int:
        """The number of bytes is told now and then, from the event loop; a slow chat holds up nothing."""
        written = [0]

        def note(count: int) -> None:
            written[0] = count

        async def tell() -> None:
            while True:
                await asyncio.sleep(TELL_EVERY_SECONDS)  # of real time: Telegram's limits don't hurry with a fast clock
                await on_bytes(written[0])

        teller = asyncio.create_task(tell())
        try:
            return await self._shop.instances.export(record.name, path, note)
        finally:
            teller.cancel()

    async def schedule(self, record: InstanceRecord, schedule: Schedule, by: By) -> NotDone | None:
        async def work() -> None:
            await self._shop.instances.reconfigure(record.name, devices={}, config=schedule.config())

        return await self._shop.alone("limit", record, by, work, {"snapshots": schedule.every, "kept": schedule.kept})

    async def disk(self, record: InstanceRecord) -> DiskSeen | NotDone:
        """What fills the member's home; counted inside, in half a minute at most."""
        home = f"/home/{await self._shop.owner(record)}"
        try:
            instance = await self._shop.instances.get(record.name)
            if not instance.is_running:
                return NotDone(Saying("disk.stopped"))
            counted = await self._shop.instances.run(record.name, du_command(home), timeout_seconds=DU_SECONDS)
        except InstanceError as error:
            return NotDone(fault(error))
        if counted.exit_code in (124, 137):
            return NotDone(Saying("disk.too_long", {"seconds": DU_SECONDS, "home": Code(home)}))
        use = read_du(home, counted.stdout, whole=counted.exit_code == 0)
        if use is None:
            return NotDone(Saying("disk.unknown", {"home": Code(home)}))
        return DiskSeen(record, use, limits_seen(instance).disk)
