"""What the lab allows. Defaults are mild: they stop a typo ("480h"), not a researcher."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class BookingPolicy:
    """Limits on a booking; admins are bound by the shortest one only. None = no limit.

    `longest`: one booking. `horizon`: how far ahead of now it may begin. `cards_at_once`: cards that one member may
    hold at any one instant. `card_hours`: card-hours that one member may hold from now on.
    """

    longest: timedelta = timedelta(days=7)
    shortest: timedelta = timedelta(minutes=5)
    horizon: timedelta = timedelta(days=14)
    cards_at_once: int | None = None
    card_hours: float | None = None


@dataclass(frozen=True)
class WatchPolicy:
    """When a finding becomes a warning, and how often it may be said again."""

    polls_before_warning: int = 2
    repeat_after: timedelta = timedelta(minutes=30)
    unexplained_memory_bytes: int = 1 << 30
    hot_celsius: int = 90
    idle_after: timedelta = timedelta(hours=2)
