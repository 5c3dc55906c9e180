"""What the lab allows. Defaults are mild: they stop a typo ("480h"), not a researcher."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta, timezone, tzinfo
from typing import Any

from bot.domain.member import Member


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
class QuietHours:
    """From one time of day to another in the lab's zone, over midnight if need be; nothing routine is sent then."""

    start: time
    end: time

    def contains(self, local: time) -> bool:
        if self.start <= self.end:
            return self.start <= local < self.end
        return local >= self.start or local < self.end


@dataclass(frozen=True)
class WatchPolicy:
    """When a finding becomes a warning, how often it may be said again, and to whom.

    `repeat_after`: the first repeat; each next one waits twice as long, up to `repeat_longest`. The admins hear of it
    at the `escalate_at`th telling, the group of an over-share at the `group_at`th. `quiet_after`: what comes back this
    soon after it ended is the old story, not a new warning. `longest_gap`: polls further apart than this do not count
    as "running". `idle_after`, `overrun_after`, `unbooked_after`: how long a booking may lie idle, a process outlive
    its booking, or a card be used without one, before its owner hears of it. `quiet`: in these hours, by `zone`'s
    clock, nothing routine is said. `release_idle`: an idle booking is given back that long after its holder was told,
    if somebody waits for the card; None: never. `xid_news_for`: how long an XID is news (at least `longest_gap`).
    """

    polls_before_warning: int = 2
    repeat_after: timedelta = timedelta(minutes=30)
    repeat_longest: timedelta = timedelta(hours=4)
    escalate_at: int = 3
    group_at: int = 2
    quiet_after: timedelta = timedelta(minutes=30)
    longest_gap: timedelta = timedelta(minutes=10)
    lost_sight_after: timedelta = timedelta(days=1)
    unexplained_memory_bytes: int = 1 << 30
    share_tolerance_bytes: int = 512 << 20  # a CUDA context takes about that much beside what a program asks for
    hot_celsius: int = 90
    xid_news_for: timedelta = timedelta(minutes=10)
    idle_after: timedelta = timedelta(hours=2)
    overrun_after: timedelta = timedelta(minutes=5)
    unbooked_after: timedelta = timedelta(minutes=10)
    quiet: QuietHours | None = None
    zone: tzinfo = timezone.utc
    release_idle: timedelta | None = None

    def is_quiet(self, now: datetime) -> bool:
        return self.quiet is not None and self.quiet.contains(now.astimezone(self.zone).time())


@dataclass(frozen=True)
class RunPolicy:
    """`told_from`: a run that lasted as long is told of when it ends, unless its owner chose otherwise. `idle_after`:
    how long a run may hold memory at no load before its owner hears that it may hang."""

    told_from: timedelta = timedelta(minutes=10)
    idle_after: timedelta = timedelta(hours=1)
    polls_before_end: int = 2
    longest_gap: timedelta = timedelta(minutes=10)
    kept: timedelta = timedelta(weeks=12)


# What `/policy` may change, by the name that people type. Limits may be None: no limit.
FIELDS = {
    "longest": "longest",
    "ahead": "horizon",
    "cards": "cards_at_once",
    "hours": "card_hours",
}

Overrides = Mapping[str, Mapping[str, object]]


def scope_of(member: Member) -> tuple[str, ...]:
    """The scopes that bind a member, the most general first: a later one beats an earlier one."""
    return ("all", f"role:{member.role.value}", f"member:{member.unix_name}")


def policy_for(member: Member, base: BookingPolicy, overrides: Overrides) -> BookingPolicy:
    """The limits of one member: the configuration's, then everybody's exceptions, their role's, their own."""
    changed: dict[str, Any] = {}
    for scope in scope_of(member):
        changed.update(overrides.get(scope, {}))
    return replace(base, **changed)
