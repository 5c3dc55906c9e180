"""Use cases without an event loop: a store that answers at once, so that a test calls them like plain functions."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, TypeVar

from storage.database import Database

T = TypeVar("T")


def done(work: Coroutine[Any, Any, T]) -> T:
    """Run what never really waits."""
    try:
        work.send(None)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]
    raise AssertionError("it waits for something")


class AtOnce:
    """`bot.books.Store` that writes and reads on the caller's own thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def write(self, work: Any) -> Any:
        return self._database.write_now(work)

    read = write
