"""News for whoever watches: open pages, and tests that wait for something to happen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


class Live:
    """Passes events to every listener and wakes whoever waits for a condition."""

    def __init__(self) -> None:
        """Begin with nobody listening."""
        self.listeners: set[asyncio.Queue[dict[str, Any]]] = set()
        self._waiting: set[asyncio.Event] = set()

    def publish(self, event: dict[str, Any]) -> None:
        """Tell everybody."""
        for queue in self.listeners:
            queue.put_nowait(event)
        self.changed()

    def changed(self) -> None:
        """Let those who wait look again."""
        for event in self._waiting:
            event.set()

    async def wait_for(self, predicate: Callable[[], T], timeout_seconds: float) -> T:
        """Return the first true answer of ``predicate``, asked again whenever something happened."""
        event = asyncio.Event()
        self._waiting.add(event)
        try:
            return await asyncio.wait_for(self._until(predicate, event), timeout_seconds)
        finally:
            self._waiting.discard(event)

    async def _until(self, predicate: Callable[[], T], event: asyncio.Event) -> T:
        while True:
            event.clear()
            answer = predicate()
            if answer:
                return answer
            await event.wait()
