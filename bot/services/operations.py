"""Changes of several steps: journaled before each step, undone when one fails, settled after kill -9.

    begun  ->  step, step, step  ->  finish (one transaction with the last word of the journal)
                   └ a step fails: what was reached is undone, last step first

Every `do` and `undo` makes something so, whether or not it is so already: after a crash nobody knows how far it came.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from bot.books import Books, Store
from bot.domain.errors import InstanceBusy, InstanceError, JunziError, LxdUnreachable
from bot.domain.operation import Operation, OperationState
from bot.domain.saying import Message, Saying
from bot.ports import Clock
from bot.services.at_work import AlreadyAtWork, AtWork
from bot.services.owing import owe_admins

logger = logging.getLogger("junzi.operations")

T = TypeVar("T")
Do = Callable[[], Awaitable[None]]
OnStep = Callable[[str], Awaitable[None]]


@dataclass(frozen=True)
class Step:
    """`name` is a key of the catalogues: "operation.step_<name>"."""

    name: str
    do: Do
    undo: Do | None = None


@dataclass(frozen=True)
class Stopped:
    """A step failed. `left_behind`: what kept it from being undone; it is tried again until it is."""

    step: str
    cause: Exception
    left_behind: Exception | None = None


async def quiet(_step: str) -> None:
    """Nobody watches the progress."""


class Journal:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def run(
        self, operation: Operation, steps: Sequence[Step], finish: Callable[[Books], T], on_step: OnStep = quiet
    ) -> T | Stopped:
        """Do the steps from the journaled one on, then `finish`."""
        for number, step in enumerate(steps):
            if number < _place(steps, operation.step):
                continue
            await self.reach(operation, step.name)
            await on_step(step.name)
            try:
                await step.do()
            except JunziError as cause:
                logger.warning("%s of %s stopped at %s: %s", operation.kind, operation.name, step.name, cause)
                return Stopped(step.name, cause, await self.undo(operation, steps[: number + 1], str(cause)))
        return await self._store.write(lambda books: self._finished(books, operation, finish))

    async def reach(self, operation: Operation, step: str) -> None:
        await self._store.write(lambda books: books.operations.reach(operation.id, step))

    async def undo(self, operation: Operation, reached: Sequence[Step], why: str) -> Exception | None:
        """Last step first; None when nothing of it is left."""
        await self.set_state(operation, OperationState.UNDOING, why)
        for step in reversed(reached):
            try:
                if step.undo is not None:
                    await step.undo()
            except JunziError as error:
                logger.error("%s of %s: %s could not be undone: %s", operation.kind, operation.name, step.name, error)
                return error
        await self.set_state(operation, OperationState.UNDONE)
        return None

    async def set_state(self, operation: Operation, state: OperationState, why: str = "") -> None:
        await self._store.write(
            lambda books: books.operations.set_state(operation.id, state, self._clock.now(), why[:500])
        )

    def _finished(self, books: Books, operation: Operation, finish: Callable[[Books], T]) -> T:
        outcome = finish(books)
        books.operations.set_state(operation.id, OperationState.DONE, self._clock.now())
        return outcome

    async def settle(self, operation: Operation, steps: Sequence[Step], finish: Callable[[Books], object]) -> bool:
        """What an earlier process left: go on to the end, or back to the beginning. True: it is finished.

        InstanceError: not now; try again later.
        """
        if operation.state is OperationState.RUNNING:
            outcome = await self._patiently(operation, steps, finish)
            if not isinstance(outcome, Stopped):
                return True
            if isinstance(outcome.left_behind, InstanceError):
                raise outcome.left_behind
            return False
        left = await self.undo(operation, steps[: _place(steps, operation.step) + 1], "")
        if isinstance(left, InstanceError):
            raise left
        return False

    async def _patiently(
        self, operation: Operation, steps: Sequence[Step], finish: Callable[[Books], T]
    ) -> T | Stopped:
        """An LXD that does not answer just now is no reason to give up what was promised."""
        return await self.run(operation, [_unless_it_is_away(step) for step in steps], finish)


class NotNow(Exception):
    """LXD is away or busy; raised through `Journal.run`, which undoes only what is junzi's own trouble."""

    def __init__(self, cause: InstanceError) -> None:
        super().__init__(str(cause))
        self.cause = cause


def _unless_it_is_away(step: Step) -> Step:
    async def do() -> None:
        try:
            await step.do()
        except (LxdUnreachable, InstanceBusy) as error:
            raise NotNow(error) from error

    return Step(step.name, do, step.undo)


def new_operation_id() -> str:
    return secrets.token_hex(8)


def _place(steps: Sequence[Step], name: str) -> int:
    """Of the step of that name; 0 if none was begun."""
    return next((number for number, step in enumerate(steps) if step.name == name), 0)


class OperationService:
    """Settles what an earlier process left half-done. `kinds`: for each, what settles one and says what came of it."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        at_work: AtWork,
        kinds: Mapping[str, Callable[[Operation], Awaitable[Saying | None]]],
    ) -> None:
        self._store = store
        self._clock = clock
        self._at_work = at_work
        self._kinds = kinds

    async def reconcile(self) -> int:
        """The number of things settled; the admins are told of each. May run at any time, as often as it likes."""
        settled = 0
        for operation in await self._store.read(lambda books: books.operations.unfinished()):
            settled += await self._settle(operation)
        return settled

    async def _settle(self, operation: Operation) -> bool:
        try:
            with self._at_work.alone(operation.name, operation.kind):
                present = await self._present(operation)
                if present is None:
                    return False
                told = await self._kinds[operation.kind](present)
        except AlreadyAtWork:
            return False
        except (InstanceError, NotNow) as error:
            logger.warning("%s of %s can't be settled yet: %s", operation.kind, operation.name, error)
            return False
        if told is not None:
            await self._store.write(lambda books: owe_admins(books, Message(told), self._clock.now()))
        return True

    async def _present(self, operation: Operation) -> Operation | None:
        """As it is now that nobody else works on it; None if it is over."""
        unfinished = await self._store.read(lambda books: books.operations.unfinished())
        return next((one for one in unfinished if one.id == operation.id), None)
