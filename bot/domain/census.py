"""Everything worth measuring at one instant, counted once, for whoever draws graphs of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.domain.board import Board
from bot.domain.instance import Instance


@dataclass(frozen=True)
class Census:
    """`instances` None: LXD has not told. `owners`: a container's member by Unix name.

    `bookings_now` and `bookings_later` count cards promised, `owed` messages that wait to be sent.
    """

    board: Board
    instances: Mapping[str, Instance] | None
    owners: Mapping[str, str]
    members: int
    bookings_now: int
    bookings_later: int
    waiting: int
    owed: int
