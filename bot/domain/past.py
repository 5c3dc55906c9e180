"""A stretch of time as the books remember it: what was promised, what the cards did, who was really on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.domain.board import Holding
from bot.domain.bucket import CardUse, MemberUse, Width
from bot.domain.card import Card
from bot.domain.member import Member
from bot.domain.reservation import Reservation
from bot.domain.window import Window


@dataclass(frozen=True)
class Past:
    """`holdings`: whatever stands or stood at some instant of the window, in order of their start.

    `uses`: the buckets of `width` that begin in the window; `member_uses`: sums over the whole of it. Both are empty
    where nobody asked for them.
    """

    window: Window
    now: datetime
    cards: tuple[Card, ...]
    holdings: tuple[Holding, ...]
    people: tuple[Member, ...] = ()
    width: Width | None = None
    uses: tuple[CardUse, ...] = ()
    member_uses: tuple[MemberUse, ...] = ()

    @property
    def reservations(self) -> tuple[Reservation, ...]:
        return tuple(holding.reservation for holding in self.holdings)

    @property
    def members(self) -> Mapping[int, Member]:
        return {member.id: member for member in self.people}
