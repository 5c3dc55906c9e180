"""Calls that wait for their turn in one chat: first come first served, and the newest state wins. Pure.

An edit takes the place of an older one of the same message that still waits: what is out of date is never sent, and
what is new does not begin again at the end of the line.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

C = TypeVar("C")


@dataclass(eq=False)
class Ticket(Generic[C]):
    """A place in the line. `changes`: the message that it edits, None for a new one; `how`: with which method."""

    call: C
    changes: Hashable | None = None
    how: str = ""


@dataclass
class Line(Generic[C]):
    waiting: list[Ticket[C]] = field(default_factory=list)

    def join(self, ticket: Ticket[C]) -> Ticket[C]:
        """The ticket to wait for: the new one at the end, or the older one, whose call is now the newer."""
        older = self._last_change_of(ticket.changes)
        # Text put where a picture waits to be put is another matter: then both are sent, in their order.
        if older is not None and older.how == ticket.how:
            older.call = ticket.call
            return older
        self.waiting.append(ticket)
        return ticket

    def leave(self, ticket: Ticket[C]) -> None:
        """Its turn has come, or it gave up."""
        if ticket in self.waiting:
            self.waiting.remove(ticket)

    def back(self, ticket: Ticket[C]) -> bool:
        """It was refused for now: first in the line again. False if a newer edit of the same message waits: drop it."""
        if self._last_change_of(ticket.changes) is not None:
            return False
        self.waiting.insert(0, ticket)
        return True

    def _last_change_of(self, message: Hashable | None) -> Ticket[C] | None:
        if message is None:
            return None
        return next((ticket for ticket in reversed(self.waiting) if ticket.changes == message), None)
