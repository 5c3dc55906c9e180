"""What every use case needs that changes a container: LXD, the registry, one thing at a time, and the audit log."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from bot.books import Books, Store
from bot.domain.container import InstanceRecord, InstanceState
from bot.domain.errors import InstanceError, JunziError
from bot.domain.instance import Device, Instance
from bot.domain.member import Member
from bot.domain.upkeep import NotDone
from bot.ports import Clock, Instances
from bot.services.at_work import AlreadyAtWork, AtWork
from bot.services.faults import fault
from bot.services.new_users import HostFacts

logger = logging.getLogger("junzi.upkeep")

T = TypeVar("T")
ROUNDS = 3
LAST_LINES = 4


@dataclass(frozen=True)
class By:
    """Who asked for it (None: junzi itself), and in which message."""

    member: Member | None
    origin: str | None = None


@dataclass(frozen=True)
class Workshop:
    store: Store
    clock: Clock
    instances: Instances
    host: HostFacts
    at_work: AtWork

    async def ready(self) -> Sequence[InstanceRecord]:
        """The members' containers."""
        records = await self.store.read(lambda books: books.instances.all())
        return [record for record in records if record.state is InstanceState.READY]

    async def owner(self, record: InstanceRecord) -> str:
        """The Unix name of the account inside."""
        if record.account:
            return record.account
        return await self.member_name(record)

    async def member_name(self, record: InstanceRecord) -> str:
        member = await self.store.read(lambda books: books.members.get(record.member_id))
        return member.unix_name if member is not None else record.name

    async def alone(
        self,
        action: str,
        record: InstanceRecord,
        by: By,
        work: Callable[[], Awaitable[T]],
        detail: Mapping[str, object] | None = None,
    ) -> T | NotDone:
        """Do it while nobody else works on that container; what came of it is in the audit log either way."""
        try:
            with self.at_work.alone(record.name, action):
                outcome = await work()
        except AlreadyAtWork as exc:
            return NotDone(exc.saying)
        except JunziError as error:
            logger.warning("%s of %s: %s", action, record.name, error)
            await self.note(f"{action}.failed", record, by, {**(detail or {}), "why": str(error)[:200]})
            return NotDone(fault(error))
        if not isinstance(outcome, NotDone):
            await self.note(action, record, by, detail)
        return outcome

    async def note(
        self, action: str, record: InstanceRecord, by: By, detail: Mapping[str, object] | None = None
    ) -> None:
        actor = None if by.member is None else by.member.id

        def work(books: Books) -> None:
            subject = f"instance:{record.name}"
            books.audit.record(action, subject, self.clock.now(), actor=actor, origin=by.origin, detail=detail)

        await self.store.write(work)

    async def converge(self, name: str, changes: Callable[[Instance], Mapping[str, Device | None]]) -> Instance:
        """Change its devices until there is nothing left to change; the container as it is then.

        Masks and profiles come to light one after the other, so it takes up to three rounds.
        """
        instance = await self.instances.get(name)
        for _ in range(ROUNDS):
            wanted = changes(instance)
            if not wanted:
                return instance
            await self.instances.reconfigure(name, devices=wanted)
            instance = await self.instances.get(name)
        if changes(instance):
            raise InstanceError(f"the devices of {name} don't become what they should be")
        return instance

    async def last_words(self, record: InstanceRecord) -> str:
        """What LXD noted, or the container showed on its console, when it would not start; "" if nobody says."""
        try:
            noted = [line for line in (await self.instances.log(record.name)).splitlines() if " ERROR " in line]
            lines = noted or (await self.instances.console(record.name)).splitlines()
        except InstanceError as error:
            logger.info("no last words of %s: %s", record.name, error)
            return ""
        return "\n".join([line.strip()[:200] for line in lines if line.strip()][-LAST_LINES:])

    def now(self) -> datetime:
        return self.clock.now()
