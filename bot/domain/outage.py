"""When the cards as a whole can't be read: a hung driver, none, or one that was upgraded under a running kernel.

Its own small story, since it is about no card: the admins hear of it once, and once of its end.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.policy import WatchPolicy
from bot.domain.sample import Sample, Unread


@dataclass(frozen=True)
class Outage:
    """`polls`: those running that showed it. `told_at` None: seen, not told yet."""

    why: Unread
    since: datetime
    polls: int = 1
    told_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self.told_at is not None and self.ended_at is None


def follow_outage(previous: Outage | None, sample: Sample, policy: WatchPolicy) -> tuple[Outage | None, bool]:
    """The outage after this poll, and whether its message is to be written (or edited) now.

    What comes back within `quiet_after` is the old outage: its message is edited, nobody is called again.
    """
    now = sample.taken_at
    if sample.trouble is None:
        return _over(previous, policy, now)
    if previous is None or (previous.ended_at is not None and now - previous.ended_at > policy.quiet_after):
        previous = Outage(sample.trouble, now, polls=0)
    outage = replace(previous, why=sample.trouble, polls=previous.polls + 1)
    if outage.polls < policy.polls_before_warning:
        return outage, False
    if outage.is_open:
        return outage, sample.trouble.reason != previous.why.reason
    return replace(outage, told_at=outage.told_at or now, ended_at=None), True


def _over(previous: Outage | None, policy: WatchPolicy, now: datetime) -> tuple[Outage | None, bool]:
    if previous is None or previous.told_at is None:
        return None, False
    if previous.ended_at is None:
        return replace(previous, polls=0, ended_at=now), True
    return (None if now - previous.ended_at > policy.quiet_after else replace(previous, polls=0)), False
