"""/deluser: a member and their container, or an archive, is deleted for good. Asked twice; the second time by a code.

The code is bound to one admin and one name, works once, and expires.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta

from bot.books import Books
from bot.domain.archive import Archive, ArchiveState, Deleted, NotDone
from bot.domain.container import InstanceRecord, InstanceState
from bot.domain.errors import InstanceBusy
from bot.domain.member import Member
from bot.domain.operation import Operation, OperationState
from bot.domain.saying import Saying
from bot.services.archive_steps import deleting
from bot.services.at_work import AlreadyAtWork
from bot.services.faults import fault
from bot.services.leaving import leave_with_the_container
from bot.services.lifecycle import Lifecycle, not_done
from bot.services.operations import OnStep, Step, Stopped

CODE_LASTS = timedelta(minutes=5)


class DeletionService:
    def __init__(self, lifecycle: Lifecycle) -> None:
        self._life = lifecycle

    async def ask(self, admin: Member, name: str) -> str:
        """A code that deletes this name if this admin types both in time; an older one stops working."""
        code = f"{secrets.randbelow(10_000):04d}"
        until = self._life.clock.now() + CODE_LASTS
        asked = {"name": name, "code": code, "until": until}
        await self._life.store.write(lambda books: books.facts.put(_fact(admin), asked))
        return code

    async def delete(self, admin: Member, name: str, code: str, on_step: OnStep, origin: str) -> Deleted | NotDone:
        """A wrong code makes the right one worthless too."""
        again = await self._life.store.read(lambda books: _deleted_before(books, name, origin))
        if again is not None:
            return again
        refusal = await self._life.store.write(lambda books: self._use_code(books, admin, name, code))
        if refusal is not None:
            return NotDone(refusal)
        there = await self._life.store.read(lambda books: self._there(books, name))
        try:
            with self._life.at_work.alone(there, "deluser"):
                return await self._delete(admin, name, on_step, origin)
        except InstanceBusy as error:  # one that could not be undone yet
            return NotDone(fault(error))
        except AlreadyAtWork as exc:
            return NotDone(exc.saying)

    def _use_code(self, books: Books, admin: Member, name: str, code: str) -> Saying | None:
        asked = books.facts.get(_fact(admin))
        books.facts.put(_fact(admin), None)
        if asked is None or asked["name"] != name or not secrets.compare_digest(asked["code"], code):
            return Saying("deluser.wrong_code", {"name": name})
        return Saying("deluser.too_late", {"name": name}) if asked["until"] <= self._life.clock.now() else None

    async def _delete(self, admin: Member, name: str, on_step: OnStep, origin: str) -> Deleted | NotDone:
        begun = await self._life.store.write(lambda books: self._begin(books, admin, name, origin))
        if isinstance(begun, NotDone):
            return begun
        outcome = await self._life.journal.run(
            begun, self._steps(begun), lambda books: self._finish(books, begun), on_step
        )
        return not_done(outcome) if isinstance(outcome, Stopped) else outcome

    def _begin(self, books: Books, admin: Member, name: str, origin: str) -> Operation | NotDone:
        record, archive, member = self._known(books, name)
        if record is None and archive is None and (member is None or member.has_left):
            return NotDone(Saying("archive.unknown", {"name": name}))
        detail = {
            "asked": name,
            "archive": None if archive is None else archive.id,
            "container": record is not None or archive is not None,
            "member": None if member is None else member.id,
        }
        operation = self._life.operation("deluser", self._there(books, name), admin, origin, detail)
        books.operations.begin(operation)
        now = self._life.clock.now()
        books.audit.record("deluser.begin", f"instance:{operation.name}", now, actor=admin.id, origin=origin)
        return operation

    def _known(self, books: Books, name: str) -> tuple[InstanceRecord | None, Archive | None, Member | None]:
        record = books.instances.get(self._life.host.server, name)
        archive = books.archives.of_name(name) if record is None else None
        owner_id = record.member_id if record is not None else archive.member_id if archive is not None else None
        return record, archive, books.members.by_name(name) if owner_id is None else books.members.get(owner_id)

    def _there(self, books: Books, name: str) -> str:
        """What LXD calls it."""
        record, archive, _ = self._known(books, name)
        return archive.name if record is None and archive is not None else name

    def _steps(self, operation: Operation) -> Sequence[Step]:
        """A member without a container is a matter of the books alone."""
        if not operation.detail["container"]:
            return ()
        is_archive = operation.detail["archive"] is not None
        return deleting(self._life.instances, operation.name, is_archive=is_archive)

    def _finish(self, books: Books, operation: Operation) -> Deleted:
        now, detail = self._life.clock.now(), operation.detail
        if detail["archive"] is not None:
            books.archives.set_state(detail["archive"], ArchiveState.DELETED)
        else:
            books.instances.set_state(operation.server, operation.name, InstanceState.GONE)
        member = books.members.get(detail["member"]) if detail["member"] is not None else None
        bookings = leave_with_the_container(books, member, operation, now, self._life.on_freed)
        books.audit.record("deluser.done", f"instance:{operation.name}", now, actor=operation.actor)
        return Deleted(detail["asked"], member, bookings)

    async def settle(self, operation: Operation) -> Saying:
        """After a kill it is gone on with: it was asked for twice."""
        done = await self._life.journal.settle(
            operation, self._steps(operation), lambda books: self._finish(books, operation)
        )
        key = "deluser.finished_after_stop" if done else "deluser.undone_after_stop"
        return Saying(key, {"name": operation.detail["asked"]})


def _fact(admin: Member) -> str:
    return f"deluser.{admin.id}"


def _deleted_before(books: Books, name: str, origin: str) -> Deleted | None:
    """The same message, taken up again after a kill: what it led to."""
    before = books.operations.of_origin(origin)
    if before is None or before.kind != "deluser" or before.state is not OperationState.DONE:
        return None
    member = books.members.get(before.detail["member"]) if before.detail["member"] is not None else None
    return Deleted(name, member, 0) if before.detail["asked"] == name else None
