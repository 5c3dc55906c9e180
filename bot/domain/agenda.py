"""What stands in the ledger, with cards and members: what calendars and free lists are made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.domain.board import Holding
from bot.domain.card import Card
from bot.domain.window import Window


@dataclass(frozen=True)
class Agenda:
    """Everything that stands at `now` or later, soonest start first."""

    cards: tuple[Card, ...]
    holdings: tuple[Holding, ...]
    now: datetime


@dataclass(frozen=True)
class CardFree:
    """A card in a stretch of time: the gaps in which nobody holds any of it, and who holds it before the first of them.

    `busy`: somebody is really on it now.
    """

    card: Card
    gaps: tuple[Window, ...]
    holders: tuple[Holding, ...]
    busy: bool


@dataclass(frozen=True)
class Slot:
    """The earliest window in which these cards are free together for the length that was asked."""

    cards: tuple[Card, ...]
    window: Window
