"""/adduser: a member, a container and a claim link, or nothing at all.

    wish written (name and port are held)  ->  LXD does it, step by step  ->  result written
                                                     └ on failure: taken back, nothing is held

LXD is never called inside a transaction. What kill -9 leaves between the two writes is settled by `reconcile`.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from bot.books import Books, Store
from bot.domain.container import InstanceRecord, InstanceState, NotAdded, UserAdded
from bot.domain.errors import InstanceError, InstanceNotFound
from bot.domain.instance import Dataset, Instance, listening_ports, name_fault
from bot.domain.member import Member, Role
from bot.domain.password import new_password
from bot.domain.provisioning import (
    MEMBER_KEY,
    HostKey,
    Plan,
    ProvisioningFailed,
    Step,
    choose_port,
)
from bot.domain.saying import Message, Saying
from bot.ports import Clock, Instances
from bot.services.at_work import AlreadyAtWork, AtWork
from bot.services.faults import fault
from bot.services.members import new_claim
from bot.services.owing import owe_admins
from bot.services.provisioning import provision, take_back

logger = logging.getLogger("junzi.adduser")


@dataclass(frozen=True)
class HostFacts:
    """What the lab's configuration says about its host. `server` names the LXD server in the registry."""

    name: str
    ports: range
    template: str
    datasets: tuple[Dataset, ...] = ()
    server: str = "local"


@dataclass(frozen=True)
class HostTools:
    """What the host does for a new container beside LXD."""

    make_host_keys: Callable[[], Awaitable[Sequence[HostKey]]]
    wait_for_ssh: Callable[[int], Awaitable[bool]]
    is_bindable: Callable[[int], Awaitable[bool]]


class NewUserService:
    def __init__(
        self, store: Store, clock: Clock, instances: Instances, host: HostFacts, tools: HostTools, at_work: AtWork
    ) -> None:
        self._store = store
        self._clock = clock
        self._instances = instances
        self._host = host
        self._tools = tools
        self._at_work = at_work

    async def add(
        self, admin: Member, unix_name: str, on_step: Callable[[Step], Awaitable[None]], origin: str
    ) -> UserAdded | NotAdded:
        """Make the member and the container. Two at once for one name: the second is told what runs."""
        wrong = name_fault(unix_name)
        if wrong is not None:
            return NotAdded(Saying(f"adduser.name_{wrong}", {"name": unix_name}))
        try:
            with self._at_work.alone(unix_name, "adduser"):
                return await self._add(admin, unix_name, secrets.token_hex(8), on_step, origin)
        except AlreadyAtWork as exc:
            return NotAdded(exc.saying)

    async def _add(
        self, admin: Member, name: str, operation: str, on_step: Callable[[Step], Awaitable[None]], origin: str
    ) -> UserAdded | NotAdded:
        try:
            present = await self._instances.list()
        except InstanceError as error:
            logger.warning("adduser %s: %s", name, error)
            return NotAdded(fault(error))
        if any(instance.name == name for instance in present):
            return NotAdded(Saying("adduser.exists", {"name": name}))
        wish = await self._write_wish(admin, name, operation, present, origin)
        if isinstance(wish, NotAdded):
            return wish
        member, record, is_new = wish
        return await self._carry_out(admin, member, record, is_new, on_step, origin)

    async def _write_wish(
        self, admin: Member, name: str, operation: str, present: Sequence[Instance], origin: str
    ) -> tuple[Member, InstanceRecord, bool] | NotAdded:
        """Hold the name and a free port, before anything is made."""
        listening = frozenset().union(*(listening_ports(instance.expanded_devices) for instance in present))
        occupied: set[int] = set()
        while True:
            outcome = await self._store.write(
                lambda books: self._wish(books, admin, name, operation, listening | occupied, origin)
            )
            if isinstance(outcome, NotAdded):
                return outcome
            port = outcome[1].ssh_port
            if port is None or await self._tools.is_bindable(port):
                return outcome
            occupied.add(port)
            await self._forget(outcome[0], outcome[1], outcome[2], origin, "port in use on the host")

    def _wish(
        self, books: Books, admin: Member, name: str, operation: str, taken: frozenset[int], origin: str
    ) -> tuple[Member, InstanceRecord, bool] | NotAdded:
        now = self._clock.now()
        server = self._host.server
        member = books.members.by_name(name)
        if books.instances.get(server, name) is not None or (member and books.instances.of_member(member.id)):
            return NotAdded(Saying("adduser.exists", {"name": name}))
        port = choose_port(self._host.ports, taken | books.instances.ports(server))
        if port is None:
            first, last = self._host.ports[0], self._host.ports[-1]
            return NotAdded(Saying("adduser.no_port", {"first": str(first), "last": str(last)}))
        is_new = member is None
        member = member or books.members.add(name, Role.STUDENT, now)
        record = InstanceRecord(
            server, name, member.id, port, self._host.template, InstanceState.MAKING, operation, now
        )
        books.instances.add(record)
        detail = {"port": port, "template": record.template, "operation": operation}
        books.audit.record("adduser.begin", f"instance:{name}", now, actor=admin.id, origin=origin, detail=detail)
        return member, record, is_new

    async def _carry_out(
        self,
        admin: Member,
        member: Member,
        record: InstanceRecord,
        is_new: bool,
        on_step: Callable[[Step], Awaitable[None]],
        origin: str,
    ) -> UserAdded | NotAdded:
        try:
            # The first password is known to nobody: the student gets one of their own with the claim link.
            provisioned = await provision(
                self._instances,
                Plan(
                    operation=record.operation,
                    member=member.unix_name,
                    name=record.name,
                    unix_name=member.unix_name,
                    template=record.template,
                    ssh_port=record.ssh_port or 0,
                    password=new_password(),
                    datasets=self._host.datasets,
                ),
                self._tools.make_host_keys,
                self._tools.wait_for_ssh,
                on_step,
            )
        except ProvisioningFailed as failure:
            logger.warning("adduser %s failed at %s: %s", record.name, failure.step.value, failure.cause)
            left = await self._undo(member, record, is_new, origin, str(failure))
            return NotAdded(fault(failure.cause), failure.step, left)
        code = await self._store.write(lambda books: self._finish(books, admin, member, record, origin))
        return UserAdded(member, record, provisioned, code)

    def _finish(self, books: Books, admin: Member, member: Member, record: InstanceRecord, origin: str) -> str:
        now = self._clock.now()
        books.instances.set_state(record.server, record.name, InstanceState.READY)
        books.audit.record("adduser.done", f"instance:{record.name}", now, actor=admin.id, origin=origin)
        return new_claim(books, member.role, member.id, now)

    async def _undo(self, member: Member, record: InstanceRecord, is_new: bool, origin: str, why: str) -> Saying | None:
        """Take back what was made. If LXD won't, the record stays as it is and `reconcile` tries again."""
        try:
            await take_back(self._instances, record.name, record.operation)
        except InstanceError as error:
            logger.error("adduser %s: could not be taken back: %s", record.name, error)
            return Saying("adduser.left_behind", {"name": record.name, "why": fault(error)})
        await self._forget(member, record, is_new, origin, why)
        return None

    async def _forget(self, member: Member, record: InstanceRecord, is_new: bool, origin: str, why: str) -> None:
        def work(books: Books) -> None:
            books.instances.forget(record.server, record.name)
            if is_new:
                books.members.remove(member.id)
            books.audit.record(
                "adduser.undone", f"instance:{record.name}", self._clock.now(), origin=origin, detail={"why": why}
            )

        await self._store.write(work)

    async def reconcile(self) -> int:
        """Settle what an earlier process left half-done, and tell the admins. The number of things settled."""
        records = await self._store.read(lambda books: books.instances.unfinished())
        settled = 0
        for record in records:
            try:
                with self._at_work.alone(record.name, "adduser"):
                    await self._settle(record)
            except AlreadyAtWork:
                continue
            except InstanceError as error:
                logger.warning("adduser %s can't be settled yet: %s", record.name, error)
                continue
            settled += 1
        return settled

    async def _settle(self, record: InstanceRecord) -> None:
        """Finished in LXD: finish it here. Anything less: take it back, so that the name can be used again."""
        if await self._is_finished(record):
            await self._store.write(lambda books: self._settled(books, record, finished=True))
        else:
            await take_back(self._instances, record.name, record.operation)
            await self._store.write(lambda books: self._settled(books, record, finished=False))

    async def _is_finished(self, record: InstanceRecord) -> bool:
        await self._instances.settle(record.name)
        try:
            instance = await self._instances.get(record.name)
        except InstanceNotFound:
            return False
        return bool(instance.config.get(MEMBER_KEY))

    def _settled(self, books: Books, record: InstanceRecord, *, finished: bool) -> None:
        now = self._clock.now()
        if finished:
            books.instances.set_state(record.server, record.name, InstanceState.READY)
        else:
            books.instances.forget(record.server, record.name)
            member = books.members.get(record.member_id)
            if member is not None and member.telegram_id is None and not books.instances.of_member(member.id):
                books.members.remove(member.id)
        key = "adduser.finished_after_stop" if finished else "adduser.undone_after_stop"
        books.audit.record(key, f"instance:{record.name}", now)
        message = Message(Saying(key, {"name": record.name}))
        owe_admins(books, message, now)
