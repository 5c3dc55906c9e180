"""/adduser: a member, a container and a claim link, or nothing at all.

    wish written (name and port are held)  ->  LXD does it, step by step  ->  result written
                                                     └ on failure: taken back, nothing is held

LXD is never called inside a transaction. What kill -9 leaves between the two writes is settled by `settle`.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.books import Books, Store
from bot.domain.container import InstanceRecord, InstanceState, NotAdded, UserAdded
from bot.domain.errors import InstanceBusy, InstanceError, InstanceNotFound
from bot.domain.instance import Instance, listening_ports
from bot.domain.member import Member, Role
from bot.domain.operation import Operation, OperationState
from bot.domain.password import new_password
from bot.domain.provisioning import (
    MEMBER_KEY,
    HostKey,
    Plan,
    Provisioned,
    ProvisioningFailed,
    Step,
)
from bot.domain.saying import Saying
from bot.domain.user_options import UserWish
from bot.ports import Clock, Instances
from bot.services.at_work import AlreadyAtWork, AtWork
from bot.services.faults import fault
from bot.services.members import new_claim
from bot.services.operations import Journal, new_operation_id
from bot.services.provisioning import OnStep, provision, take_back
from bot.services.wishes import HostFacts, decide

__all__ = ["HostFacts", "HostTools", "NewUserService"]

logger = logging.getLogger("junzi.adduser")


@dataclass(frozen=True)
class HostTools:
    """What the host does for a new container beside LXD."""

    make_host_keys: Callable[[], Awaitable[Sequence[HostKey]]]
    wait_for_ssh: Callable[[int], Awaitable[bool]]
    is_bindable: Callable[[int], Awaitable[bool]]


@dataclass(frozen=True)
class _Wished:
    """What was written down before anything is made. `addresses`: the PCI addresses of the cards."""

    operation: Operation
    member: Member
    record: InstanceRecord
    wish: UserWish
    addresses: tuple[str, ...]


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
        self._journal = Journal(store, clock)

    async def add(self, admin: Member, wish: UserWish, on_step: OnStep, origin: str) -> UserAdded | NotAdded:
        """Make the member and the container. Two at once for one name: the second is told what runs."""
        try:
            with self._at_work.alone(wish.name, "adduser"):
                return await self._again(admin, wish, origin) or await self._add(admin, wish, on_step, origin)
        except InstanceBusy as error:  # one that could not be undone yet
            return NotAdded(fault(error))
        except AlreadyAtWork as exc:
            return NotAdded(exc.saying)

    async def _again(self, admin: Member, wish: UserWish, origin: str) -> UserAdded | None:
        """The same message, taken up again after a kill: what it led to is there, but nobody has seen its link."""

        def work(books: Books) -> UserAdded | None:
            before = books.operations.of_origin(origin)
            record = books.instances.get(self._host.server, wish.name)
            if before is None or before.state is not OperationState.DONE or record is None:
                return None
            member = books.members.get(record.member_id)
            if member is None or before.name != wish.name or before.actor != admin.id:
                return None
            code = new_claim(books, member.role, member.id, self._clock.now())
            return UserAdded(member, record, Provisioned(record.name, record.ssh_port or 0), code)

        return await self._store.write(work)

    async def _add(self, admin: Member, wish: UserWish, on_step: OnStep, origin: str) -> UserAdded | NotAdded:
        try:
            present = await self._instances.list()
        except InstanceError as error:
            logger.warning("adduser %s: %s", wish.name, error)
            return NotAdded(fault(error))
        if any(instance.name == wish.name for instance in present):
            return NotAdded(Saying("adduser.exists", {"name": wish.name}))
        wished = await self._write_wish(admin, wish, present, origin)
        return wished if isinstance(wished, NotAdded) else await self._carry_out(admin, wished, on_step, origin)

    async def _write_wish(
        self, admin: Member, wish: UserWish, present: Sequence[Instance], origin: str
    ) -> _Wished | NotAdded:
        """Hold the name and a free port, before anything is made."""
        listening = frozenset().union(*(listening_ports(instance.expanded_devices) for instance in present))
        names = frozenset(instance.name for instance in present)
        occupied: set[int] = set()
        while True:
            outcome = await self._store.write(
                lambda books: self._wish(books, admin, wish, names, listening | occupied, origin)
            )
            if isinstance(outcome, NotAdded):
                return outcome
            port = outcome.record.ssh_port
            if port is None or await self._tools.is_bindable(port):
                return outcome
            occupied.add(port)
            await self._forget(outcome, origin, "port in use on the host")

    def _wish(
        self,
        books: Books,
        admin: Member,
        wish: UserWish,
        present: frozenset[str],
        taken: frozenset[int],
        origin: str,
    ) -> _Wished | NotAdded:
        now, server, name = self._clock.now(), self._host.server, wish.name
        decided = decide(books, self._host, wish, present, taken)
        if isinstance(decided, Saying):
            return NotAdded(decided)
        member, port, template, cards = decided.member, decided.port, decided.template, decided.addresses
        detail = {"new": member is None, "back": member is not None and member.has_left}
        operation = Operation(new_operation_id(), "adduser", server, name, now, admin.id, origin, detail)
        member = member or books.members.add(name, Role.STUDENT, now)
        if member.has_left:
            books.members.come_back(member.id, same_person=False)
        record = InstanceRecord(server, name, member.id, port, template, InstanceState.MAKING, operation.id, now)
        books.instances.add(record)
        books.operations.begin(operation)
        noted = {"port": port, "template": template, "operation": operation.id}
        books.audit.record("adduser.begin", f"instance:{name}", now, actor=admin.id, origin=origin, detail=noted)
        return _Wished(operation, books.members.get(member.id) or member, record, wish, cards)

    async def _carry_out(self, admin: Member, wished: _Wished, on_step: OnStep, origin: str) -> UserAdded | NotAdded:
        async def reach(step: Step) -> None:
            await self._journal.reach(wished.operation, step.value)
            await on_step(step)

        record = wished.record
        try:
            provisioned = await provision(
                self._instances, self._plan(wished), self._tools.make_host_keys, self._tools.wait_for_ssh, reach
            )
        except ProvisioningFailed as failure:
            logger.warning("adduser %s failed at %s: %s", record.name, failure.step.value, failure.cause)
            left = await self._undo(wished, origin, str(failure))
            return NotAdded(fault(failure.cause), failure.step, left)
        code = await self._store.write(lambda books: self._finish(books, admin, wished, origin))
        return UserAdded(wished.member, record, provisioned, code)

    def _plan(self, wished: _Wished) -> Plan:
        """The first password is known to nobody: the student gets one of their own with the claim link."""
        return Plan(
            operation=wished.operation.id,
            member=wished.member.unix_name,
            name=wished.record.name,
            unix_name=wished.member.unix_name,
            template=wished.record.template,
            ssh_port=wished.record.ssh_port or 0,
            password=new_password(),
            datasets=self._host.datasets,
            cards="all" if wished.wish.cards == "all" else wished.addresses,
            limits=wished.wish.limits,
            authorized_keys=wished.wish.keys,
        )

    def _finish(self, books: Books, admin: Member, wished: _Wished, origin: str) -> str:
        now, record, member = self._clock.now(), wished.record, wished.member
        books.instances.set_state(record.server, record.name, InstanceState.READY)
        books.operations.set_state(wished.operation.id, OperationState.DONE, now)
        books.audit.record("adduser.done", f"instance:{record.name}", now, actor=admin.id, origin=origin)
        return new_claim(books, member.role, member.id, now)

    async def _undo(self, wished: _Wished, origin: str, why: str) -> Saying | None:
        """Take back what was made. If LXD won't, the record stays as it is and `settle` tries again."""
        record = wished.record
        await self._journal.set_state(wished.operation, OperationState.UNDOING, why)
        try:
            await take_back(self._instances, record.name, record.operation)
        except InstanceError as error:
            logger.error("adduser %s: could not be taken back: %s", record.name, error)
            return Saying("adduser.left_behind", {"name": record.name, "why": fault(error)})
        await self._forget(wished, origin, why)
        return None

    async def _forget(self, wished: _Wished, origin: str, why: str) -> None:
        def work(books: Books) -> None:
            now = self._clock.now()
            _forget_in(books, wished.operation, wished.record, now)
            name, detail = wished.record.name, {"why": why}
            books.audit.record("adduser.undone", f"instance:{name}", now, origin=origin, detail=detail)

        await self._store.write(work)

    async def settle(self, operation: Operation) -> Saying | None:
        """Finished in LXD: finish it here. Anything less: take it back, so that the name can be used again."""
        record = await self._store.read(lambda books: books.instances.get(operation.server, operation.name))
        if record is None or record.operation != operation.id:
            await self._journal.set_state(operation, OperationState.UNDONE, "nothing of it is in the registry")
            return None
        finished = operation.state is OperationState.RUNNING and await self._is_finished(record)
        if not finished:
            await take_back(self._instances, record.name, record.operation)
        return await self._store.write(lambda books: self._settled(books, operation, record, finished=finished))

    async def _is_finished(self, record: InstanceRecord) -> bool:
        await self._instances.settle(record.name)
        try:
            instance = await self._instances.get(record.name)
        except InstanceNotFound:
            return False
        return bool(instance.config.get(MEMBER_KEY))

    def _settled(self, books: Books, operation: Operation, record: InstanceRecord, *, finished: bool) -> Saying:
        now = self._clock.now()
        if finished:
            books.instances.set_state(record.server, record.name, InstanceState.READY)
            books.operations.set_state(operation.id, OperationState.DONE, now)
        else:
            _forget_in(books, operation, record, now)
        undone = "adduser.cleaned_up" if operation.state is OperationState.UNDOING else "adduser.undone_after_stop"
        key = "adduser.finished_after_stop" if finished else undone
        books.audit.record(key, f"instance:{record.name}", now)
        return Saying(key, {"name": record.name})


def _forget_in(books: Books, operation: Operation, record: InstanceRecord, now: datetime) -> None:
    """As if it had never been asked for; a member who had left has left again."""
    books.instances.forget(record.server, record.name)
    books.operations.set_state(operation.id, OperationState.UNDONE, now)
    member = books.members.get(record.member_id)
    if member is None or books.instances.of_member(member.id):
        return
    if operation.detail.get("back"):
        books.members.leave(member.id, now)
    elif operation.detail.get("new", member.telegram_id is None):
        books.members.remove(member.id)
