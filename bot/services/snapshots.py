"""A container's snapshots, and the way back to one.

    stop -> keep a snapshot of now -> (ZFS: drop the newer) -> restore -> put back ports, cards, limits -> start

It is journaled: what kill -9 leaves is carried on at the next start. What is put back was noted before the first step.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Sequence
from datetime import datetime

from bot.books import Books
from bot.domain.container import InstanceRecord
from bot.domain.errors import CardDeviceMissing, InstanceError, InstanceExists
from bot.domain.instance import Snapshot
from bot.domain.operation import Operation
from bot.domain.provisioning import MEMBER_KEY
from bot.domain.saying import Code, Message, Saying
from bot.domain.setup import Setup, setup_of, to_put_back
from bot.domain.snapshot import MOST_SNAPSHOTS, WayBack, free_name, snapshot_name_fault, way_back
from bot.domain.upkeep import NotDone, Restored, SnapshotTaken
from bot.services.assignments import AssignmentService
from bot.services.faults import fault
from bot.services.operations import Journal, Step, Stopped
from bot.services.owing import owe_member
from bot.services.workshop import By, Workshop

logger = logging.getLogger("junzi.snapshots")

GRACE_SECONDS = 30
BEFORE = "before-restore"


class SnapshotService:
    def __init__(self, workshop: Workshop, assignments: AssignmentService) -> None:
        self._shop = workshop
        self._assignments = assignments
        self._journal = Journal(workshop.store, workshop.clock)

    async def all(self, record: InstanceRecord) -> Sequence[Snapshot] | NotDone:
        """The oldest first."""
        try:
            return await self._shop.instances.snapshots(record.name)
        except InstanceError as error:
            return NotDone(fault(error))

    async def take(self, record: InstanceRecord, name: str, by: By) -> SnapshotTaken | NotDone:
        if (wrong := snapshot_name_fault(name)) is not None:
            return NotDone(Saying(f"snapshot.name_{wrong}", {"name": name}))

        async def work() -> SnapshotTaken | NotDone:
            present = await self._shop.instances.snapshots(record.name)
            if len(present) >= MOST_SNAPSHOTS:
                return NotDone(Saying("snapshot.too_many", {"count": len(present)}))
            try:
                await self._shop.instances.snapshot(record.name, name)
            except InstanceExists:
                return NotDone(Saying("snapshot.exists", {"name": Code(name)}))
            return SnapshotTaken(record, name)

        return await self._shop.alone("snapshot", record, by, work, {"snapshot": name})

    async def delete(self, record: InstanceRecord, name: str, by: By) -> NotDone | None:
        async def work() -> NotDone | None:
            if name not in [snapshot.name for snapshot in await self._shop.instances.snapshots(record.name)]:
                return NotDone(Saying("snapshot.unknown", {"name": Code(name)}))
            await self._shop.instances.delete_snapshot(record.name, name)
            return None

        return await self._shop.alone("snapshot_delete", record, by, work, {"snapshot": name})

    async def way_back(self, record: InstanceRecord, name: str) -> WayBack | NotDone:
        """What going back would cost; asked again before it is done."""
        try:
            pool = await self._shop.instances.pool_space(record.name)
            way = way_back(await self._shop.instances.snapshots(record.name), name, pool.driver)
        except InstanceError as error:
            return NotDone(fault(error))
        return way or NotDone(Saying("snapshot.unknown", {"name": Code(name)}))

    async def restore(self, record: InstanceRecord, name: str, by: By) -> Restored | NotDone:
        return await self._shop.alone("restore", record, by, lambda: self._restore(record, name, by), {"to": name})

    async def _restore(self, record: InstanceRecord, name: str, by: By) -> Restored | NotDone:
        way = await self.way_back(record, name)
        if isinstance(way, NotDone):
            return way
        operation = await self._begin(record, way, by)
        outcome = await self._journal.run(operation, self._steps(operation), _nothing_more)
        if isinstance(outcome, Stopped):
            left = Saying("snapshot.left_behind") if outcome.left_behind is not None else Saying("snapshot.as_before")
            return NotDone(Saying("snapshot.not_restored", {"why": fault(outcome.cause), "rest": left}))
        return await self._restored(record, operation)

    async def _begin(self, record: InstanceRecord, way: WayBack, by: By) -> Operation:
        """Note all that the snapshot would bring back the old of."""
        instances = self._shop.instances
        instance = await instances.get(record.name)
        setup = setup_of(instance)
        taken = [snapshot.name for snapshot in await instances.snapshots(record.name)]
        detail = {
            "snapshot": way.to.name,
            "kept": free_name(BEFORE, taken) if way.keeps_now else "",
            "lost": [snapshot.name for snapshot in way.lost],
            "running": instance.is_running,
            "devices": {key: dict(device) for key, device in setup.devices.items()},
            "config": {**setup.config, MEMBER_KEY: await self._shop.member_name(record)},
        }
        actor = None if by.member is None else by.member.id
        operation = Operation(
            secrets.token_hex(8), "restore", record.server, record.name, self._shop.now(), actor, by.origin, detail
        )
        await self._shop.store.write(lambda books: books.operations.begin(operation))
        return operation

    def _steps(self, operation: Operation) -> list[Step]:
        name, detail, instances = operation.name, operation.detail, self._shop.instances

        async def stop() -> None:
            try:
                await instances.stop(name, timeout_seconds=GRACE_SECONDS)
            except InstanceError:  # the person was told that what runs ends
                await instances.stop(name, timeout_seconds=0, force=True)

        async def keep() -> None:
            if detail["kept"] and detail["kept"] not in [s.name for s in await instances.snapshots(name)]:
                await instances.snapshot(name, detail["kept"])

        async def clear() -> None:
            for lost in reversed(detail["lost"]):
                await instances.delete_snapshot(name, lost)

        async def restore() -> None:
            await instances.restore(name, detail["snapshot"])

        async def put_back() -> None:
            await self._put_back(operation)

        async def start() -> None:
            if detail["running"]:
                await self._start(operation)

        return [
            Step("stop", stop, undo=start),
            Step("keep", keep),
            Step("clear", clear),
            Step("restore", restore, undo=put_back),
            Step("put_back", put_back),
            Step("start", start),
        ]

    async def _put_back(self, operation: Operation) -> None:
        instances, name = self._shop.instances, operation.name
        used = (await instances.usage(name)).disk_bytes
        wanted = Setup(operation.detail["devices"], operation.detail["config"])
        changes = to_put_back(wanted, await instances.get(name), used)
        if changes.devices or changes.config:
            await instances.reconfigure(name, devices=changes.devices, config=changes.config)

    async def _start(self, operation: Operation) -> None:
        """A card that died meanwhile keeps nobody from their files."""
        try:
            await self._shop.instances.start(operation.name)
        except CardDeviceMissing:
            await self._assignments.set_cards_aside(operation.server, operation.name)
            await self._shop.instances.start(operation.name)

    async def _restored(self, record: InstanceRecord, operation: Operation) -> Restored:
        instance = await self._shop.instances.get(record.name)
        devices = operation.detail["devices"]
        root = next((key for key, device in devices.items() if device.get("path") == "/"), "root")
        return Restored(
            record,
            operation.detail["snapshot"],
            operation.detail["kept"],
            instance.is_running,
            disk_kept=instance.devices.get(root, {}).get("size") != devices.get(root, {}).get("size"),
            without_cards=await self._assignments.set_aside(record),
        )

    async def settle(self, operation: Operation) -> Saying | None:
        """Carry on what kill -9 left; the owner and the admins are told."""
        done = await self._journal.settle(operation, self._steps(operation), _nothing_more)
        key = "snapshot.finished_after_stop" if done else "snapshot.undone_after_stop"
        values = {"name": Code(operation.name), "snapshot": Code(str(operation.detail["snapshot"]))}
        told = Saying(key, values)
        await self._shop.store.write(lambda books: _tell_owner(books, operation, told, self._shop.now()))
        return told


def _tell_owner(books: Books, operation: Operation, told: Saying, now: datetime) -> None:
    record = books.instances.get(operation.server, operation.name)
    owner = None if record is None else books.members.get(record.member_id)
    if owner is not None and not owner.is_admin:
        owe_member(books, owner, Message(told), now)


def _nothing_more(_books: Books) -> None:
    """The journal's own last word is enough."""
