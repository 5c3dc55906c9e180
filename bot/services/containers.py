"""A member's own container: what it is, and switching it on and off. LXD is asked, the registry says whose it is."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace

from bot.books import Books, Store
from bot.domain.container import Access, ContainerView, InstanceRecord, InstanceState, NoContainer, login_of
from bot.domain.errors import InstanceError, JunziError
from bot.domain.instance import Dataset, InstanceUsage, datasets_of
from bot.domain.member import Member
from bot.domain.password import has_password, new_password
from bot.domain.provisioning import AccountRefused
from bot.domain.saying import Saying
from bot.domain.topic import Reader
from bot.ports import Clock, Instances
from bot.services.at_work import AlreadyAtWork, AtWork
from bot.services.faults import fault
from bot.services.new_users import HostFacts
from bot.services.provisioning import set_password

logger = logging.getLogger("junzi.containers")

GRACE_SECONDS = 60


class ContainerService:
    def __init__(self, store: Store, clock: Clock, instances: Instances, host: HostFacts, at_work: AtWork) -> None:
        self._store = store
        self._clock = clock
        self._instances = instances
        self._host = host
        self._at_work = at_work

    async def of(self, member: Member) -> InstanceRecord | None:
        """The member's container in the registry, once it is ready."""
        records = await self._store.read(lambda books: books.instances.of_member(member.id))
        return next((record for record in records if record.state is InstanceState.READY), None)

    async def reader(self, member: Member, lab: str) -> Reader:
        """What the examples of /help are filled in with; for who has no container, made up."""
        record = await self.of(member)
        port = None if record is None else record.ssh_port
        return Reader(
            host=self._host.name,
            port=self._host.ports[0] if port is None else port,
            user=(record.account if record is not None else None) or member.unix_name,
            datasets=await self._datasets_path(record),
            lab=lab,
            is_admin=member.is_admin,
            is_example=port is None,
        )

    async def _datasets_path(self, record: InstanceRecord | None) -> str | None:
        """Where the public datasets are in that container; what new ones get, if there is none or LXD does not say."""
        found: Sequence[Dataset] = self._host.datasets
        if record is not None:
            try:
                found = datasets_of((await self._instances.get(record.name)).expanded_devices)
            except InstanceError as error:
                logger.warning("datasets of %s: %s", record.name, error)
        paths = [dataset.path for dataset in found]
        wanted = [dataset.path for dataset in self._host.datasets if dataset.path in paths]
        return next(iter([*wanted, *paths]), None)

    async def record(self, name: str) -> InstanceRecord | None:
        return await self._store.read(lambda books: books.instances.get(self._host.server, name))

    async def view(self, record: InstanceRecord) -> ContainerView | NoContainer:
        try:
            instance = await self._instances.get(record.name)
        except InstanceError as error:
            logger.warning("container %s: %s", record.name, error)
            return NoContainer(fault(error))
        usage = await self._usage(record.name)
        owner = await self._store.read(lambda books: books.members.get(record.member_id))
        return ContainerView(record, owner, instance, usage, self._host.name)

    async def _usage(self, name: str) -> InstanceUsage | None:
        try:
            return await self._instances.usage(name)
        except InstanceError as error:
            logger.warning("usage of %s: %s", name, error)
            return None

    async def first_access(self, record: InstanceRecord, by: Member, origin: str) -> Access:
        """As `access`; but who moved in with a password of their own keeps it."""
        owner = await self._store.read(lambda books: books.members.get(record.member_id))
        user = login_of(record, owner)
        if not record.moved_in or not await self._has_password(record.name, user):
            return await self.access(record, by, origin)
        try:
            instance = await self._instances.get(record.name)
        except InstanceError as error:
            return Access(self._host.name, record.ssh_port, user, None, fault(error), kept=True)
        why = None if instance.is_running else Saying("access.is_stopped")
        datasets = datasets_of(instance.expanded_devices)
        return Access(self._host.name, record.ssh_port, user, None, why, datasets, kept=True)

    async def _has_password(self, name: str, user: str) -> bool:
        try:
            shadow = await self._instances.read_file(name, "/etc/shadow") or b""
        except InstanceError as error:
            logger.warning("accounts of %s: %s", name, error)
            return False
        return has_password(shadow, user)

    async def _why_no_password(self, record: InstanceRecord, user: str, error: JunziError) -> Saying:
        """chpasswd says of an account that isn't there what it says of a full disk (measured)."""
        if isinstance(error, AccountRefused):
            with suppress(InstanceError):
                passwd = await self._instances.read_file(record.name, "/etc/passwd") or b""
                if not any(line.startswith(f"{user}:".encode()) for line in passwd.splitlines()):
                    return Saying("access.no_account", {"user": user, "name": record.name})
        return fault(error)

    async def access(self, record: InstanceRecord, by: Member, origin: str) -> Access:
        """A new password, and all that is needed to log in. The password is in no log, no argument, no database."""
        owner = await self._store.read(lambda books: books.members.get(record.member_id))
        without = Access(self._host.name, record.ssh_port, login_of(record, owner), None)
        password = new_password()
        try:
            with self._at_work.alone(record.name, "password"):
                instance = await self._instances.get(record.name)
                without = replace(without, datasets=datasets_of(instance.expanded_devices))
                if not instance.is_running:
                    return replace(without, why=Saying("access.stopped"))
                await set_password(self._instances, record.name, without.user, password)
        except AlreadyAtWork as exc:
            return replace(without, why=exc.saying)
        except JunziError as error:
            logger.warning("new password for %s: %s", record.name, error)
            return replace(without, why=await self._why_no_password(record, without.user, error))
        await self._record("password", record, by, origin)
        return replace(without, password=password)

    async def start(self, record: InstanceRecord, by: Member, origin: str) -> Saying | None:
        """None when it runs; else why not."""
        return await self._do("start", record, by, origin, lambda: self._instances.start(record.name))

    async def stop(self, record: InstanceRecord, by: Member, origin: str, *, force: bool = False) -> Saying | None:
        """Asks it to shut down and gives it a minute; `force` pulls the plug."""

        async def work() -> None:
            await self._instances.stop(record.name, timeout_seconds=GRACE_SECONDS, force=force)

        return await self._do("stop", record, by, origin, work)

    async def restart(self, record: InstanceRecord, by: Member, origin: str, *, force: bool = False) -> Saying | None:
        async def work() -> None:
            await self._instances.stop(record.name, timeout_seconds=GRACE_SECONDS, force=force)
            await self._instances.start(record.name)

        return await self._do("restart", record, by, origin, work)

    async def _do(
        self, action: str, record: InstanceRecord, by: Member, origin: str, work: Callable[[], Awaitable[None]]
    ) -> Saying | None:
        try:
            with self._at_work.alone(record.name, action):
                await work()
        except AlreadyAtWork as exc:
            return exc.saying
        except InstanceError as error:
            logger.warning("%s of %s: %s", action, record.name, error)
            await self._record(f"{action}.failed", record, by, origin)
            return fault(error)
        await self._record(action, record, by, origin)
        return None

    async def _record(self, action: str, record: InstanceRecord, by: Member, origin: str) -> None:
        def work(books: Books) -> None:
            books.audit.record(action, f"instance:{record.name}", self._clock.now(), actor=by.id, origin=origin)

        await self._store.write(work)
