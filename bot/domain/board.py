"""The board: every card with its reading, its holder and who is really on it, as values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.domain.card import Card
from bot.domain.member import Member
from bot.domain.reservation import Reservation
from bot.domain.sample import CardReading, Process, Unread


@dataclass(frozen=True)
class Holding:
    """A standing reservation with its member (None: a member that is gone)."""

    reservation: Reservation
    member: Member | None


@dataclass(frozen=True)
class OnCard:
    """A process on a card; `member` is None where its container has no member, or it lives in none."""

    process: Process
    member: Member | None


@dataclass(frozen=True)
class CardRow:
    """One card. `reading` None: not seen by the last poll. `read_at`: when the reading was taken (it may be old)."""

    card: Card
    reading: CardReading | None
    read_at: datetime | None
    trouble: Unread | None
    holding_now: tuple[Holding, ...]
    next: Holding | None
    processes: tuple[OnCard, ...] | Unread


@dataclass(frozen=True)
class Board:
    """`taken_at` None: nothing was read since the bot started. `trouble`: why nothing could be read at all."""

    rows: tuple[CardRow, ...]
    now: datetime
    taken_at: datetime | None
    trouble: Unread | None
