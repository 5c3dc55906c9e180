"""/restoreuser: a container comes back from the archive, with a port, and its member with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.books import Books
from bot.domain.archive import Archive, ArchiveState, NotDone, Restored
from bot.domain.container import InstanceRecord, InstanceState
from bot.domain.errors import InstanceBusy, InstanceError
from bot.domain.instance import SSH_DEVICE, Device, Instance, listening_ports, proxy_to_ssh, ssh_port
from bot.domain.member import Member
from bot.domain.operation import Operation, OperationState
from bot.domain.provisioning import choose_port
from bot.domain.saying import Saying
from bot.services.archive_steps import restoring
from bot.services.at_work import AlreadyAtWork
from bot.services.faults import fault
from bot.services.lifecycle import Lifecycle, not_done
from bot.services.members import new_claim
from bot.services.operations import OnStep, Step, Stopped


class ReturnService:
    def __init__(self, lifecycle: Lifecycle) -> None:
        self._life = lifecycle

    async def restore(self, admin: Member, name: str, on_step: OnStep, origin: str) -> Restored | NotDone:
        """By the name that it had, or has in the archive."""
        archive = await self._life.store.read(lambda books: books.archives.of_name(name))
        try:
            with self._life.at_work.alone(archive.original if archive is not None else name, "restoreuser"):
                if archive is None:
                    again = await self._life.store.write(lambda books: self._restored_before(books, name, origin))
                    return again or NotDone(Saying("archive.not_archived", {"name": name}))
                return await self._restore(admin, archive, on_step, origin)
        except InstanceBusy as error:  # one that could not be undone yet
            return NotDone(fault(error))
        except AlreadyAtWork as exc:
            return NotDone(exc.saying)

    async def _restore(self, admin: Member, archive: Archive, on_step: OnStep, origin: str) -> Restored | NotDone:
        try:
            present = await self._life.instances.list()
        except InstanceError as error:
            return NotDone(fault(error))
        begun = await self._hold(admin, archive, present, origin)
        if isinstance(begun, NotDone):
            return begun
        notes: set[str] = set()
        outcome = await self._life.journal.run(
            begun, self._steps(begun, notes), lambda books: self._finish(books, begun, notes), on_step
        )
        if not isinstance(outcome, Stopped):
            return outcome
        if outcome.left_behind is None:
            await self._life.store.write(lambda books: _let_go(books, begun))
        return not_done(outcome)

    async def _hold(
        self, admin: Member, archive: Archive, present: Sequence[Instance], origin: str
    ) -> Operation | NotDone:
        """Its old port if nobody has it now; a port of the range otherwise."""
        listening = frozenset().union(*(listening_ports(instance.expanded_devices) for instance in present))
        occupied: set[int] = set()
        names = frozenset(instance.name for instance in present)
        while True:
            begun = await self._life.store.write(
                lambda books: self._begin(books, admin, archive, names, listening | occupied, origin)
            )
            if isinstance(begun, NotDone):
                return begun
            port = begun.detail["port"]
            if port is None or await self._life.tools.is_bindable(port):
                return begun
            occupied.add(port)
            await self._abandon(begun)

    def _begin(
        self,
        books: Books,
        admin: Member,
        archive: Archive,
        present: frozenset[str],
        taken: frozenset[int],
        origin: str,
    ) -> Operation | NotDone:
        server, now = self._life.host.server, self._life.clock.now()
        if archive.name not in present:
            return NotDone(Saying("archive.lost", {"name": archive.name}))
        if archive.original in present or books.instances.get(server, archive.original) is not None:
            return NotDone(Saying("archive.name_taken", {"name": archive.original}))
        held = taken | books.instances.ports(server)
        port = self._port(archive, held)
        if port is None and archive.ssh_port is not None:
            first, last = self._life.host.ports[0], self._life.host.ports[-1]
            return NotDone(Saying("adduser.no_port", {"first": str(first), "last": str(last)}))
        member = books.members.get(archive.member_id)
        detail = {
            "archive": archive.id,
            "kept": archive.name,
            "member": archive.original if member is None else member.unix_name,
            "port": port,
            "ports": dict(ports_to_give(archive, port, held)),
        }
        operation = self._life.operation("restoreuser", archive.original, admin, origin, detail)
        books.operations.begin(operation)
        books.instances.add(
            InstanceRecord(
                server,
                archive.original,
                archive.member_id,
                port,
                archive.template,
                InstanceState.MAKING,
                operation.id,
                now,
                archive.account,
            )
        )
        books.audit.record("restoreuser.begin", f"instance:{archive.original}", now, actor=admin.id, origin=origin)
        return operation

    def _port(self, archive: Archive, held: frozenset[int]) -> int | None:
        if archive.ssh_port is None or archive.ssh_port not in held:
            return archive.ssh_port
        return choose_port(self._life.host.ports, held)

    def _steps(self, operation: Operation, notes: set[str]) -> Sequence[Step]:
        detail = operation.detail

        async def wait_for_ssh() -> None:
            """One that does not answer is back all the same: its member has it in hand."""
            if detail["port"] is not None and not await self._life.tools.wait_for_ssh(detail["port"]):
                notes.add("ssh_silent")

        return restoring(
            self._life.instances,
            detail["kept"],
            operation.name,
            detail["ports"],
            detail["member"],
            wait_for_ssh,
            lambda: notes.add("cards_hidden"),
        )

    def _finish(self, books: Books, operation: Operation, notes: set[str]) -> Restored:
        now = self._life.clock.now()
        archive = books.archives.get(operation.detail["archive"])
        member = books.members.get(archive.member_id) if archive is not None else None
        if archive is None or member is None:
            raise LookupError(f"{operation.name} came back, and the archive knows nothing of it")
        books.instances.set_state(operation.server, operation.name, InstanceState.READY)
        books.archives.set_state(archive.id, ArchiveState.RESTORED)
        if member.has_left:
            books.members.come_back(member.id, same_person=True)
        books.audit.record("restoreuser.done", f"instance:{operation.name}", now, actor=operation.actor)
        code = None if member.telegram_id is not None else new_claim(books, member.role, member.id, now)
        port = operation.detail["port"]
        hidden, silent = "cards_hidden" in notes, "ssh_silent" in notes
        return Restored(member, operation.name, port, port != archive.ssh_port, hidden, not silent, code)

    async def _abandon(self, operation: Operation) -> None:
        def work(books: Books) -> None:
            _let_go(books, operation)
            books.operations.set_state(operation.id, OperationState.UNDONE, self._life.clock.now(), "port in use")

        await self._life.store.write(work)

    async def settle(self, operation: Operation) -> Saying:
        """After a kill: to the end, if it can be done; else back into the archive."""
        notes: set[str] = set()
        done = await self._life.journal.settle(
            operation, self._steps(operation, notes), lambda books: self._finish(books, operation, notes)
        )
        if not done:
            await self._life.store.write(lambda books: _let_go(books, operation))
        key = "archive.restored_after_stop" if done else "archive.not_restored_after_stop"
        return Saying(key, {"name": operation.name})

    def _restored_before(self, books: Books, name: str, origin: str) -> Restored | None:
        """The same message, taken up again after a kill: what it led to."""
        before = books.operations.of_origin(origin)
        record = books.instances.get(self._life.host.server, name)
        member = books.members.get(record.member_id) if record is not None else None
        if before is None or before.kind != "restoreuser" or before.state is not OperationState.DONE:
            return None
        if record is None or member is None:
            return None
        code = None
        if member.telegram_id is None:
            code = new_claim(books, member.role, member.id, self._life.clock.now())
        return Restored(member, name, record.ssh_port, False, False, True, code)


def _let_go(books: Books, operation: Operation) -> None:
    """Its name and port are free again; it is in the archive still."""
    books.instances.forget(operation.server, operation.name)


def ports_to_give(archive: Archive, port: int | None, held: frozenset[int]) -> Mapping[str, Device]:
    """The proxy devices that it had, without those whose ports others have now; SSH on `port`."""
    given: dict[str, Device] = {}
    for name, device in archive.ports.items():
        if ssh_port({name: device}) == archive.ssh_port and archive.ssh_port is not None and port is not None:
            given[name] = dict(device) if port == archive.ssh_port else dict(proxy_to_ssh(port))
        elif not listening_ports({name: device}) & held:
            given[name] = dict(device)
    if port is not None and not any(ssh_port({name: device}) == port for name, device in given.items()):
        given[SSH_DEVICE] = dict(proxy_to_ssh(port))
    return given
