"""/doctor in the chat, and every day: the admins hear only of what changed."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime

from bot.books import Books, Store
from bot.domain.health import Finding, State
from bot.domain.saying import Saying
from bot.ports import Clock
from bot.services.owing import owe_admins
from bot.views.health import changes_message, saying_of

logger = logging.getLogger("junzi.health")

FACT = "doctor.known"
RIVAL = "telegram.rival_at"  # when another process was last noticed to poll with the same token


class HealthService:
    def __init__(self, store: Store, clock: Clock, examine: Callable[[], Awaitable[Sequence[Finding]]]) -> None:
        self._store = store
        self._clock = clock
        self._examine = examine

    async def examine(self) -> Sequence[Finding]:
        return await self._examine()

    async def tell_changes(self) -> int:
        """Look at everything, and owe the admins what is new and what is over. The number of both."""
        findings = await self._examine()
        return await self._store.write(lambda books: self._tell(books, findings))

    async def rival_noticed(self, at: datetime) -> None:
        """Another process answers with the same token: kept for every check-up, and told at once."""
        await self._store.write(lambda books: books.facts.put(RIVAL, at))
        await self.tell_changes()

    def _tell(self, books: Books, findings: Sequence[Finding]) -> int:
        known: Mapping[str, Saying] = books.facts.get(FACT) or {}
        ill = {identity(finding): finding for finding in findings if finding.state is not State.OK}
        now = {key: saying_of(finding) for key, finding in ill.items()}
        unseen = any(finding.state is State.UNKNOWN for finding in findings)
        new = [finding for key, finding in ill.items() if key not in known]
        # What could not be looked at is not over: it is kept until it is seen to be well.
        over = [] if unseen else [saying for key, saying in known.items() if key not in now]
        books.facts.put(FACT, {**(known if unseen else {}), **now})
        if new or over:
            owe_admins(books, changes_message(new, over), self._clock.now())
        return len(new) + len(over)


def identity(finding: Finding) -> str:
    """The same trouble tomorrow, though an amount of it has changed: only its words count."""
    words = (f"{name}={value}" for name, value in sorted(finding.values.items()) if _names_something(name, value))
    return "|".join((finding.key, *words))


def _names_something(name: str, value: object) -> bool:
    return isinstance(value, str) and name not in ("words", "version", "mode")
