"""A booking in preparation: what has been chosen so far under one message, and who may go on with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.card import CardId
from bot.domain.reservation import Refused


@dataclass(frozen=True)
class Draft:
    """`start` None = from the moment it is booked; `duration` None = not chosen yet. Only `member_id` may press.

    `end`: whenever it is booked, it ends there, where somebody else's begins; `duration` is what that was at first.
    With no `cards`, any `count` of `model` are meant (of any model, if that is None).
    """

    member_id: int
    cards: tuple[CardId, ...] = ()
    start: datetime | None = None
    duration: timedelta | None = None
    memory_bytes: int | None = None
    note: str = ""
    count: int = 1
    model: str | None = None
    more_days: bool = False  # the dialogue shows the days of the week ahead
    end: datetime | None = None


def pressable(draft: Draft | None, member_id: int) -> Draft | Refused:
    """The draft, if this member may go on with it. None: it is forgotten, its button is an old one."""
    if draft is None:
        return Refused("outdated")
    return draft if draft.member_id == member_id else Refused("not_yours")
