"""The containers that new ones are copied from: the default, publishing one's work, building from the script.

    copy (no cards, no limits, nobody's ports) -> start -> scripts inside -> stop -> sealed: marked and protected

Journaled: what kill -9 leaves of it is removed, since a half-cleaned template would carry somebody's keys along.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence

from bot.books import Books
from bot.domain.container import InstanceRecord
from bot.domain.errors import InstanceError, JunziError
from bot.domain.instance import INSTANCE_NAME, Instance
from bot.domain.operation import Operation, OperationState
from bot.domain.saying import Code, Saying
from bot.domain.template import (
    TEMPLATE_KEY,
    TemplateSeen,
    folders_to_keep,
    next_version,
    stripped_config,
    stripped_devices,
    templates_seen,
)
from bot.domain.upkeep import NotDone, TemplateMade
from bot.services.at_work import AlreadyAtWork
from bot.services.faults import fault
from bot.services.operations import Journal, OnStep, Step, Stopped, quiet
from bot.services.wishes import CHOSEN_TEMPLATE, chosen_template
from bot.services.workshop import By, Workshop

logger = logging.getLogger("junzi.templates")

SCRIPT_SECONDS = 3600
PROTECTED = "security.protection.delete"


class ScriptFailed(JunziError):
    """A script inside ended badly; str() is what it said last."""


async def default_template(workshop: Workshop) -> str:
    return await workshop.store.read(lambda books: chosen_template(books, workshop.host))


class TemplateService:
    """`scripts`: by name ("build", "clean"), with what `environment` they run in."""

    def __init__(
        self, workshop: Workshop, script: Callable[[str], Awaitable[bytes]], environment: Mapping[str, str]
    ) -> None:
        self._shop = workshop
        self._script = script
        self._environment = environment
        self._journal = Journal(workshop.store, workshop.clock)

    async def seen(self) -> Sequence[TemplateSeen] | NotDone:
        try:
            instances = {instance.name: instance for instance in await self._shop.instances.list()}
        except InstanceError as error:
            return NotDone(fault(error))
        default = await default_template(self._shop)
        return templates_seen(default, instances, await self._shop.ready())

    async def set_default(self, name: str, by: By) -> NotDone | None:
        """From the next /adduser on."""
        seen = await self.seen()
        if isinstance(seen, NotDone):
            return seen
        if name in {record.name for record in await self._shop.ready()}:
            return NotDone(Saying("template.is_somebodys", {"name": Code(name)}))
        try:
            await self._shop.instances.get(name)
        except InstanceError as error:
            return NotDone(fault(error))
        actor = None if by.member is None else by.member.id

        def work(books: Books) -> None:
            books.facts.put(CHOSEN_TEMPLATE, name)
            books.audit.record("template", f"instance:{name}", self._shop.now(), actor=actor, origin=by.origin)

        await self._shop.store.write(work)
        return None

    async def publish(
        self, record: InstanceRecord, name: str, by: By, on_step: OnStep = quiet
    ) -> TemplateMade | NotDone:
        """A copy of somebody's container, cleaned of them, as the next version; the original is left as it is."""
        return await self._make(record.name, name, ("clean",), by, on_step)

    async def build(self, base: str, name: str, by: By, on_step: OnStep = quiet) -> TemplateMade | NotDone:
        """A copy of a fresh container with what the lab wants in it."""
        return await self._make(base, name, ("build", "clean"), by, on_step)

    async def _make(
        self, source: str, name: str, scripts: Sequence[str], by: By, on_step: OnStep
    ) -> TemplateMade | NotDone:
        try:
            present = {instance.name: instance for instance in await self._shop.instances.list()}
        except InstanceError as error:
            return NotDone(fault(error))
        if source not in present:
            return NotDone(Saying("upkeep.no_container", {"name": Code(source)}))
        name = name or next_version(await default_template(self._shop), present)
        if INSTANCE_NAME.fullmatch(name) is None or name in present:
            return NotDone(Saying("template.bad_name", {"name": Code(name)}))
        try:
            with self._shop.at_work.alone(name, "publish"):
                return await self._made(present[source], name, scripts, by, on_step)
        except AlreadyAtWork as exc:
            return NotDone(exc.saying)

    async def _made(
        self, source: Instance, name: str, scripts: Sequence[str], by: By, on_step: OnStep
    ) -> TemplateMade | NotDone:
        actor, detail = None if by.member is None else by.member.id, {"source": source.name}
        operation = Operation(
            secrets.token_hex(8), "publish", self._shop.host.server, name, self._shop.now(), actor, by.origin, detail
        )
        await self._shop.store.write(lambda books: books.operations.begin(operation))
        steps = self._steps(source, name, scripts)
        outcome = await self._journal.run(operation, steps, lambda books: self._noted(books, operation), on_step)
        if isinstance(outcome, Stopped):
            why = Saying("template.script", {"words": Code(str(outcome.cause)[-300:])})
            return NotDone(why if isinstance(outcome.cause, ScriptFailed) else fault(outcome.cause))
        return TemplateMade(name, source.name)

    def _noted(self, books: Books, operation: Operation) -> None:
        subject, detail = f"instance:{operation.name}", operation.detail
        books.audit.record(
            "publish", subject, self._shop.now(), actor=operation.actor, origin=operation.origin, detail=detail
        )

    def _steps(self, source: Instance, name: str, scripts: Sequence[str]) -> list[Step]:
        instances = self._shop.instances

        async def copy() -> None:
            await instances.copy(
                source.name, name, devices=stripped_devices(source), config=stripped_config(source.config)
            )

        async def remove() -> None:
            await self._remove(name)

        async def start() -> None:
            await instances.start(name)

        async def seal() -> None:
            await instances.stop(name, timeout_seconds=30, force=True)
            marks = {TEMPLATE_KEY: source.name, PROTECTED: "true"}
            await instances.reconfigure(name, devices=folders_to_keep(source), config=marks)

        inside = [Step(f"script_{script}", self._run_inside(name, script)) for script in scripts]
        return [Step("copy", copy, undo=remove), Step("start", start), *inside, Step("seal", seal)]

    def _run_inside(self, name: str, script: str) -> Callable[[], Awaitable[None]]:
        """The script goes by standard input, its settings as arguments of `env`: no shell reads them."""

        async def run() -> None:
            settings = [f"{key}={value}" for key, value in self._environment.items()]
            result = await self._shop.instances.run(
                name, ["env", *settings, "sh", "-s"], stdin=await self._script(script), timeout_seconds=SCRIPT_SECONDS
            )
            if result.exit_code != 0:
                said = (result.stderr or result.stdout).strip()
                raise ScriptFailed(said or f"exit code {result.exit_code}")

        return run

    async def _remove(self, name: str) -> None:
        await self._shop.instances.settle(name)
        await self._shop.instances.delete(name)

    async def settle(self, operation: Operation) -> Saying | None:
        """Only a sealed one is a template; anything less goes."""
        sealed = False
        await self._shop.instances.settle(operation.name)
        try:
            sealed = TEMPLATE_KEY in (await self._shop.instances.get(operation.name)).config
        except InstanceError as error:
            logger.info("%s is not there: %s", operation.name, error)
        if not sealed:
            await self._remove(operation.name)
        state = OperationState.DONE if sealed else OperationState.UNDONE
        await self._journal.set_state(operation, state)
        key = "template.finished_after_stop" if sealed else "template.undone_after_stop"
        return Saying(key, {"name": Code(operation.name)})
