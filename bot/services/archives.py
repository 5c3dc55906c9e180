"""/archive: somebody leaves, and their container is kept for a while.

Archived means: switched off, a snapshot, another name, protected; port and bookings released, no way in for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from bot.books import Books
from bot.domain.archive import Archive, Archived, Farewell, NotDone, archived_name, port_devices
from bot.domain.container import InstanceRecord, InstanceState
from bot.domain.disk_use import of_this_one
from bot.domain.errors import InstanceBusy, InstanceError
from bot.domain.instance import Instance
from bot.domain.member import Member
from bot.domain.operation import Operation, OperationState
from bot.domain.saying import Saying
from bot.services.archive_steps import archiving
from bot.services.at_work import AlreadyAtWork
from bot.services.disk_counts import counted
from bot.services.faults import fault
from bot.services.leaving import leave_with_the_container, standing_bookings
from bot.services.lifecycle import Lifecycle, not_done
from bot.services.operations import OnStep, Step, Stopped
from bot.services.owing import LASTING, owe_admins, owe_member
from bot.views import archives as views

OFFER_AGAIN = timedelta(days=30)


class ArchiveService:
    """`keep`: how long an archive is kept before the admins are asked whether to delete it."""

    def __init__(self, lifecycle: Lifecycle, keep: timedelta) -> None:
        self._life = lifecycle
        self.keep = keep

    async def all(self) -> Sequence[tuple[Archive, Member | None]]:
        """What is kept, with whose it was."""

        def read(books: Books) -> Sequence[tuple[Archive, Member | None]]:
            return [(archive, books.members.get(archive.member_id)) for archive in books.archives.all()]

        return await self._life.store.read(read)

    async def farewell(self, name: str) -> Farewell | NotDone:
        """What archiving or deleting would mean: of a container, an archive, or a member who has neither."""
        found = await self._life.store.read(lambda books: self._known(books, name))
        if found is None:
            return NotDone(Saying("archive.unknown", {"name": name}))
        record, archive, member, bookings = found
        there = archive.name if archive is not None else record.name if record is not None else ""
        if not there:
            return Farewell(name, member, False, False, None, 0, bookings)
        try:
            usages = {
                instance.name: (instance, usage) for instance, usage in await self._life.instances.list_with_usage()
            }
            if there not in usages:
                return Farewell(name, member, False, False, None, 0, bookings, archive)
            instance, usage = usages[there]
            snapshots = len(await self._life.instances.snapshots(there))
        except InstanceError as error:
            return NotDone(fault(error))
        figure = usage.disk_bytes
        if figure is None:
            last = of_this_one((await self._life.store.read(counted)).get(there), instance.created_at)
            figure = None if last is None else last.used_bytes
        return Farewell(name, member, True, instance.is_running, figure, snapshots, bookings, archive)

    def _known(
        self, books: Books, name: str
    ) -> tuple[InstanceRecord | None, Archive | None, Member | None, int] | None:
        record = books.instances.get(self._life.host.server, name)
        archive = books.archives.of_name(name) if record is None else None
        owner_id = record.member_id if record is not None else archive.member_id if archive is not None else None
        member = books.members.get(owner_id) if owner_id is not None else books.members.by_name(name)
        if member is None or (owner_id is None and member.has_left):
            return None
        return record, archive, member, standing_bookings(books, member, self._life.clock.now())

    async def archive(
        self,
        admin: Member,
        name: str,
        on_step: OnStep,
        origin: str,
        *,
        keep: timedelta | None = None,
        force: bool = False,
    ) -> Archived | NotDone:
        """`force`: pull the plug if it does not shut down when asked."""
        try:
            with self._life.at_work.alone(name, "archive"):
                again = await self._life.store.read(lambda books: _archived_before(books, origin))
                return again or await self._archive(admin, name, on_step, origin, keep or self.keep, force)
        except InstanceBusy as error:  # one that could not be undone yet
            return NotDone(fault(error))
        except AlreadyAtWork as exc:
            return NotDone(exc.saying)

    async def _archive(
        self, admin: Member, name: str, on_step: OnStep, origin: str, keep: timedelta, force: bool
    ) -> Archived | NotDone:
        try:
            present = {instance.name: instance for instance in await self._life.instances.list()}
        except InstanceError as error:
            return NotDone(fault(error))
        begun = await self._life.store.write(
            lambda books: self._begin(books, admin, name, present, origin, keep, force)
        )
        if isinstance(begun, NotDone):
            return begun
        outcome = await self._life.journal.run(
            begun, self._steps(begun), lambda books: self._finish(books, begun), on_step
        )
        return not_done(outcome) if isinstance(outcome, Stopped) else outcome

    def _begin(
        self,
        books: Books,
        admin: Member,
        name: str,
        present: dict[str, Instance],
        origin: str,
        keep: timedelta,
        force: bool,
    ) -> Operation | NotDone:
        record = books.instances.get(self._life.host.server, name)
        if record is None or record.state is not InstanceState.READY:
            known = books.archives.of_name(name) is not None
            return NotDone(Saying("archive.already" if known else "archive.unknown", {"name": name}))
        if name not in present:
            return NotDone(Saying("archive.no_container", {"name": name}))
        instance, now = present[name], self._life.clock.now()
        detail = {
            "kept": archived_name(name, now, present),
            "was_running": instance.is_running,
            "ports": {key: dict(device) for key, device in port_devices(instance).items()},
            "keep_seconds": int(keep.total_seconds()),
            "force": force,
        }
        operation = self._life.operation("archive", name, admin, origin, detail)
        books.operations.begin(operation)
        books.audit.record("archive.begin", f"instance:{name}", now, actor=admin.id, origin=origin)
        return operation

    def _steps(self, operation: Operation) -> Sequence[Step]:
        detail = operation.detail
        return archiving(
            self._life.instances,
            operation.name,
            detail["kept"],
            detail["ports"],
            was_running=detail["was_running"],
            force=detail["force"],
        )

    def _finish(self, books: Books, operation: Operation) -> Archived:
        now, detail = self._life.clock.now(), operation.detail
        record = books.instances.get(operation.server, operation.name)
        member = books.members.get(record.member_id) if record is not None else None
        if record is None or member is None:
            raise LookupError(f"{operation.name} was archived, and the registry knows nothing of it")
        books.instances.set_state(record.server, record.name, InstanceState.GONE)
        archive = books.archives.add(
            Archive(
                0,
                record.server,
                detail["kept"],
                record.name,
                member.id,
                record.ssh_port,
                record.template,
                record.account,
                detail["ports"],
                now,
                now + timedelta(seconds=detail["keep_seconds"]),
            )
        )
        owe_member(books, member, views.told_archived(archive), now, lasts=LASTING)
        bookings = leave_with_the_container(books, member, operation, now, self._life.on_freed)
        books.audit.record(
            "archive.done", f"instance:{record.name}", now, actor=operation.actor, origin=operation.origin
        )
        return Archived(archive, member, bookings)

    async def settle(self, operation: Operation) -> Saying:
        """After a kill: to the end, if it can be done; else back."""
        done = await self._life.journal.settle(
            operation, self._steps(operation), lambda books: self._finish(books, operation)
        )
        return Saying("archive.finished_after_stop" if done else "archive.undone_after_stop", {"name": operation.name})

    async def offer(self) -> int:
        """Ask the admins about what has been kept long enough; once, and again after a month."""
        return await self._life.store.write(self._offer)

    def _offer(self, books: Books) -> int:
        now = self._life.clock.now()
        due = [
            archive
            for archive in books.archives.all()
            if archive.keep_until <= now and (archive.offered_at is None or archive.offered_at + OFFER_AGAIN <= now)
        ]
        for archive in due:
            owe_admins(books, views.offer(archive, books.members.get(archive.member_id)), now)
            books.archives.offered(archive.id, now)
        return len(due)

    async def keep_longer(self, admin: Member, archive_id: int, origin: str) -> Archive | None:
        """Another month from now; None if it is kept no longer."""

        def work(books: Books) -> Archive | None:
            now = self._life.clock.now()
            if (archive := books.archives.get(archive_id)) is None:
                return None
            books.archives.keep_until(archive_id, now + OFFER_AGAIN)
            books.audit.record("archive.keep", f"instance:{archive.name}", now, actor=admin.id, origin=origin)
            return books.archives.get(archive_id)

        return await self._life.store.write(work)


def _archived_before(books: Books, origin: str) -> Archived | None:
    """The same press, taken up again after a kill: what it led to."""
    before = books.operations.of_origin(origin)
    if before is None or before.kind != "archive" or before.state is not OperationState.DONE:
        return None
    archive = books.archives.of_name(before.name)
    member = books.members.get(archive.member_id) if archive is not None else None
    return Archived(archive, member, 0) if archive is not None and member is not None else None
