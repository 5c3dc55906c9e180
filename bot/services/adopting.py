"""/adopt: a container that junzi did not make becomes somebody's, as it is.

Only `user.junzi.member` is written to it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from bot.books import Books
from bot.domain.adoption import Adopted, AdoptionWish, Found, Known, NotAdopted, examine
from bot.domain.container import InstanceRecord, InstanceState
from bot.domain.errors import InstanceBusy, InstanceError
from bot.domain.instance import Instance
from bot.domain.inventory import Disagreement, inventory
from bot.domain.member import Member, Role
from bot.domain.operation import Operation, OperationState
from bot.domain.provisioning import MEMBER_KEY
from bot.domain.saying import Saying
from bot.services.at_work import AlreadyAtWork
from bot.services.faults import fault
from bot.services.lifecycle import Lifecycle, not_done
from bot.services.members import new_claim
from bot.services.operations import Step, Stopped
from bot.services.wishes import chosen_template


class AdoptionService:
    def __init__(self, lifecycle: Lifecycle) -> None:
        self._life = lifecycle

    async def found(self) -> Sequence[Found] | Saying:
        """Every container that belongs to nobody, and what each turned out to be."""
        try:
            present = await self._life.instances.list_with_usage()
            known = await self._life.store.read(self._known)
            rows = inventory(present, known.records, (), {}, known.templates, (), {}, {})
            strange = [
                row.instance
                for row in rows
                if row.instance is not None
                and row.name not in known.archives
                and Disagreement.NO_RECORD in row.disagreements()
            ]
            return await asyncio.gather(*(self._examine(one, AdoptionWish(one.name), known) for one in strange))
        except InstanceError as error:
            return fault(error)

    async def look(self, wish: AdoptionWish) -> Found | NotAdopted:
        """What adopting this one would mean."""
        try:
            instance = await self._life.instances.get(wish.name)
            return await self._examine(instance, wish, await self._life.store.read(self._known))
        except InstanceError as error:
            return NotAdopted(wish.name, fault(error))

    async def adopt(self, admin: Member, wish: AdoptionWish, origin: str) -> Adopted | NotAdopted:
        try:
            with self._life.at_work.alone(wish.name, "adopt"):
                again = await self._life.store.write(lambda books: self._adopted_before(books, wish, origin))
                found = await self.look(wish)
                if isinstance(found, NotAdopted):
                    return found
                if again is not None:
                    return Adopted(found, again[0], again[1])
                return await self._adopt(admin, wish, found, origin)
        except InstanceBusy as error:  # one that could not be undone yet
            return NotAdopted(wish.name, fault(error))
        except AlreadyAtWork as exc:
            return NotAdopted(wish.name, exc.saying)

    def _known(self, books: Books) -> Known:
        return Known(
            books.instances.all(),
            frozenset(archive.name for archive in books.archives.all()),
            {member.unix_name: member for member in books.members.all()},
            {self._life.host.template, chosen_template(books, self._life.host)},
        )

    async def _examine(self, instance: Instance, wish: AdoptionWish, known: Known) -> Found:
        return examine(instance, wish, known, await self._life.instances.read_file(instance.name, "/etc/passwd"))

    async def _adopt(self, admin: Member, wish: AdoptionWish, found: Found, origin: str) -> Adopted | NotAdopted:
        if found.refusal is not None:
            return NotAdopted(wish.name, found.refusal)
        before = (await self._life.instances.get(wish.name)).config.get(MEMBER_KEY, "")
        begun = await self._life.store.write(
            lambda books: self._begin(books, admin, found, before, wish.telegram, origin)
        )
        outcome = await self._life.journal.run(begun, self._steps(begun), lambda books: self._finish(books, begun))
        if not isinstance(outcome, Stopped):
            member, code = outcome
            return Adopted(found, member, code)
        if outcome.left_behind is None:
            await self._life.store.write(lambda books: self._forget(books, begun))
        return NotAdopted(wish.name, not_done(outcome).why)

    def _begin(self, books: Books, admin: Member, found: Found, before: str, telegram: str, origin: str) -> Operation:
        now = self._life.clock.now()
        present = books.members.by_name(found.who)
        detail = {
            "who": found.who,
            "before": before,
            "port": found.port,
            "mends": found.mends,
            "telegram": telegram,
            "new": present is None,
            "back": present is not None and present.has_left,
        }
        account = None if found.account == found.who else found.account
        if found.mends and found.account is not None:
            detail["account"] = account
        operation = self._life.operation("adopt", found.name, admin, origin, detail)
        books.operations.begin(operation)
        member = present or books.members.add(found.who, Role.STUDENT, now)
        if member.has_left:
            books.members.come_back(member.id, same_person=False)
        if not found.mends:
            state, made = InstanceState.MAKING, operation.id
            books.instances.add(
                InstanceRecord(operation.server, found.name, member.id, found.port, "", state, made, now, account)
            )
        books.audit.record("adopt.begin", f"instance:{found.name}", now, actor=admin.id, origin=origin, detail=detail)
        return operation

    def _steps(self, operation: Operation) -> Sequence[Step]:
        async def mark() -> None:
            await self._life.instances.set_config(operation.name, {MEMBER_KEY: operation.detail["who"]})

        async def unmark() -> None:
            await self._life.instances.set_config(operation.name, {MEMBER_KEY: operation.detail["before"]})

        return (Step("mark", mark, unmark),)

    def _finish(self, books: Books, operation: Operation) -> tuple[Member, str | None]:
        now, member = self._life.clock.now(), books.members.by_name(operation.detail["who"])
        if member is None:
            raise LookupError(f"nobody is called {operation.detail['who']}")
        if operation.detail["mends"]:
            books.instances.set_port(operation.server, operation.name, operation.detail["port"])
            if "account" in operation.detail:
                books.instances.set_account(operation.server, operation.name, operation.detail["account"])
        else:
            books.instances.set_state(operation.server, operation.name, InstanceState.READY)
        books.audit.record("adopt.done", f"instance:{operation.name}", now, actor=operation.actor)
        return member, self._link_code(books, member, operation)

    def _forget(self, books: Books, operation: Operation) -> None:
        """As if it had never been asked for."""
        if operation.detail["mends"]:
            return
        books.instances.forget(operation.server, operation.name)
        member = books.members.by_name(operation.detail["who"])
        if member is None or books.instances.of_member(member.id):
            return
        if operation.detail["new"]:
            books.members.remove(member.id)
        elif operation.detail["back"]:
            books.members.leave(member.id, self._life.clock.now())

    async def settle(self, operation: Operation) -> Saying:
        """After a kill: to the end, if it can be done; else as if it had never been asked for."""
        done = await self._life.journal.settle(
            operation, self._steps(operation), lambda books: self._finish(books, operation)
        )
        if not done:
            await self._life.store.write(lambda books: self._forget(books, operation))
        key = "adopt.finished_after_stop" if done else "adopt.undone_after_stop"
        return Saying(key, {"name": operation.name, "who": operation.detail["who"]})

    def _adopted_before(self, books: Books, wish: AdoptionWish, origin: str) -> tuple[Member, str | None] | None:
        """The same message, taken up again after a kill: what it led to."""
        before = books.operations.of_origin(origin)
        if before is None or before.kind != "adopt" or before.name != wish.name:
            return None
        member = books.members.by_name(before.detail["who"])
        if before.state is not OperationState.DONE or member is None:
            return None
        return member, self._link_code(books, member, before)

    def _link_code(self, books: Books, member: Member, operation: Operation) -> str | None:
        """None for somebody whom Telegram knows already. Where the admin named an account, only that one gets in."""
        if member.telegram_id is not None:
            return None
        telegram = operation.detail.get("telegram", "")
        return new_claim(books, member.role, member.id, self._life.clock.now(), telegram)
