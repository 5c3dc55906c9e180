"""What came of joining, taking or leaving the waiting list, as values that handlers and views read."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.card import Card
from bot.domain.reservation import Refused
from bot.domain.waiting import Ticket
from bot.domain.window import Window


@dataclass(frozen=True)
class InLine:
    """A ticket as its holder sees it. `cards`: those it names, or that are held for it; `ahead`: tickets before it.

    `again`: they were in line for the same already. `promised`: when those cards are theirs at the latest.
    """

    ticket: Ticket
    cards: tuple[Card, ...]
    ahead: int
    again: bool = False
    promised: Window | None = None


@dataclass(frozen=True)
class NotJoined:
    """It could never be served: against the lab's rules, or there are no such cards."""

    refusal: Refused


@dataclass(frozen=True)
class NotTaken:
    """`seen`: how the ticket stands (None: it is not theirs). `refusal`: held for them still, but against the rules."""

    seen: InLine | None
    refusal: Refused | None = None
