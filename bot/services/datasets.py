"""Host folders in containers: mounted and unmounted at once, and how large they are.

Counting a large folder takes minutes: it goes on in the background, and who asks waits for a moment only.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.container import InstanceRecord
from bot.domain.errors import InstanceError
from bot.domain.instance import Dataset, Device, Instance, datasets_of
from bot.domain.mount import SECRET, VITAL, DatasetSeen, mounted_at, path_fault
from bot.domain.provisioning import dataset_devices
from bot.domain.saying import Code, Saying
from bot.domain.upkeep import Batch, NotDone
from bot.ports import HostFolders
from bot.services.at_work import AlreadyAtWork
from bot.services.faults import fault
from bot.services.templates import default_template
from bot.services.workshop import By, Workshop

logger = logging.getLogger("junzi.datasets")

# What to change in one container's devices, or why nothing.
Changes = Callable[[Instance], Mapping[str, Device | None] | Saying]

COUNT_SECONDS = 600.0
PATIENCE_SECONDS = 3.0
FRESH = timedelta(hours=24)
MOST_NAMES = 12


class DatasetService:
    def __init__(self, workshop: Workshop, folders: HostFolders) -> None:
        self._shop = workshop
        self._folders = folders
        self._sizes: dict[str, tuple[datetime, int | None]] = {}
        self._counting: dict[str, asyncio.Task[None]] = {}

    async def refusal(self, dataset: Dataset) -> Saying | None:
        """What is wrong with it, before LXD is asked; a source that is not there would only show after a reboot."""
        # A link in a folder that members may write to leads wherever they like, and LXD follows it as root.
        for source in (dataset.source, await self._folders.real(dataset.source)):
            if (wrong := path_fault(source, SECRET)) is not None:
                return Saying(f"mount.source_{wrong}", {"path": Code(source)})
        if (wrong := path_fault(dataset.path, VITAL)) is not None:
            return Saying(f"mount.path_{wrong}", {"path": Code(dataset.path)})
        if await self._folders.is_folder(dataset.source) is False:
            return Saying("mount.no_source", {"path": Code(dataset.source)})
        return None

    async def mount(self, names: Sequence[str], dataset: Dataset, by: By) -> Batch | NotDone:
        """In the place of what is mounted at that path already."""
        refusal = await self.refusal(dataset)
        if refusal is not None:
            return NotDone(refusal)

        def changes(instance: Instance) -> Mapping[str, Device | None] | Saying:
            return dict(dataset_devices((dataset,), instance.expanded_devices))

        return await self._to_all(names, "mount", changes, by, {"source": dataset.source, "path": dataset.path})

    async def unmount(self, names: Sequence[str], path: str, by: By) -> Batch | NotDone:
        def changes(instance: Instance) -> Mapping[str, Device | None] | Saying:
            own = mounted_at(instance.devices, path)
            if path == "/" or not (own or mounted_at(instance.expanded_devices, path)):
                return Saying("mount.not_mounted", {"path": Code(path)})
            return dict.fromkeys(own) if own else Saying("mount.of_profile", {"path": Code(path)})

        return await self._to_all(names, "unmount", changes, by, {"path": path})

    async def _to_all(
        self,
        names: Sequence[str],
        action: str,
        changes: Changes,
        by: By,
        detail: Mapping[str, object],
    ) -> Batch:
        done, failed = [], {}
        for name in names:
            why = await self._change(name, action, changes)
            if why is None:
                done.append(name)
            else:
                failed[name] = why
        await self._shop.store.write(
            lambda books: books.audit.record(
                action,
                f"instance:{','.join(names)[:200]}",
                self._shop.now(),
                actor=None if by.member is None else by.member.id,
                origin=by.origin,
                detail={**detail, "done": done, "failed": list(failed)},
            )
        )
        return Batch(tuple(done), failed)

    async def _change(self, name: str, action: str, changes: Changes) -> Saying | None:
        """None when it is done. One that fails keeps no other from its change."""
        try:
            with self._shop.at_work.alone(name, action):
                wanted = changes(await self._shop.instances.get(name))
                if isinstance(wanted, Saying):
                    return wanted
                await self._shop.instances.reconfigure(name, devices=wanted)
        except AlreadyAtWork as exc:
            return exc.saying
        except InstanceError as error:
            logger.warning("%s of %s: %s", action, name, error)
            return fault(error)
        return None

    async def everybody(self) -> tuple[str, ...]:
        """Every member's container, and the template, so that new ones are born with it."""
        template = await self.template()
        return (*(record.name for record in await self._shop.ready()), template)

    async def template(self) -> str:
        return await default_template(self._shop)

    async def seen_in(self, record: InstanceRecord) -> Sequence[DatasetSeen] | NotDone:
        try:
            found = datasets_of((await self._shop.instances.get(record.name)).expanded_devices)
        except InstanceError as error:
            return NotDone(fault(error))
        sizes = await self._sizes_of([dataset.source for dataset in found])
        return [await self._with_names(DatasetSeen(dataset, sizes[dataset.source])) for dataset in found]

    async def _with_names(self, seen: DatasetSeen) -> DatasetSeen:
        names = await self._folders.names(seen.dataset.source, MOST_NAMES + 1) or ()
        return replace(seen, names=tuple(names[:MOST_NAMES]), has_more=len(names) > MOST_NAMES)

    async def seen_anywhere(self) -> Sequence[DatasetSeen] | NotDone:
        """Each folder once, with the containers that see it."""
        try:
            instances = await self._shop.instances.list()
        except InstanceError as error:
            return NotDone(fault(error))
        users: dict[Dataset, list[str]] = {}
        for instance in instances:
            for dataset in datasets_of(instance.expanded_devices):
                users.setdefault(dataset, []).append(instance.name)
        sizes = await self._sizes_of([dataset.source for dataset in users])
        return [DatasetSeen(dataset, sizes[dataset.source], tuple(names)) for dataset, names in users.items()]

    async def _sizes_of(self, sources: Sequence[str]) -> dict[str, int | None]:
        """What is known within a moment; the counting goes on, for whoever asks next."""
        due = [source for source in dict.fromkeys(sources) if self._is_stale(source)]
        for source in due:
            if source not in self._counting:
                self._counting[source] = asyncio.create_task(self._count(source))
        waiting = [self._counting[source] for source in due if source in self._counting]
        if waiting:
            await asyncio.wait(waiting, timeout=PATIENCE_SECONDS)
        return {source: self._sizes.get(source, (None, None))[1] for source in sources}

    def _is_stale(self, source: str) -> bool:
        return source not in self._sizes or self._shop.now() - self._sizes[source][0] > FRESH

    async def _count(self, source: str) -> None:
        try:
            size = await self._folders.size(source, COUNT_SECONDS)
            self._sizes[source] = (self._shop.now(), size)
        finally:
            self._counting.pop(source, None)
