"""Findings over time, card by card: when one is worth telling, and when it is over.

bot/domain/case.py makes one message of what belongs together, and says when it is said again.

A story is *noticed* at the first poll that shows it, *open* once people were told, and *closed* when a poll that
would have shown it does not. It is kept for a while after, so that what flickers is one story and one message.

A poll that could not see the card neither begins, advances nor ends a story. The answer depends on the set of stories
and findings, not on their order; the same poll given twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from bot.domain.evidence import Finding, FindingKind, StoryKey
from bot.domain.policy import WatchPolicy
from bot.domain.sight import Sight, still_there, would_be_seen


class Ending(str, Enum):
    OVER = "over"  # a poll that would have shown it did not
    ALLOWED = "allowed"  # the same, but its processes are there yet: the bookings changed, not the card
    LOST_SIGHT = "lost_sight"  # nobody could look for so long that it is no news any more


@dataclass(frozen=True)
class Story:
    """One finding from poll to poll. `finding` is the latest; `polls` counts those running that showed it."""

    finding: Finding
    first_seen: datetime
    last_seen: datetime
    judged_at: datetime
    polls: int = 1
    warned_at: datetime | None = None
    ended_at: datetime | None = None
    ending: Ending | None = None

    @property
    def key(self) -> StoryKey:
        return self.finding.story

    @property
    def is_open(self) -> bool:
        """People were told, and it goes on as far as anybody can see."""
        return self.warned_at is not None and self.ended_at is None


@dataclass(frozen=True)
class Chapter:
    """What one poll changed. `stories` are all there are now."""

    stories: tuple[Story, ...] = ()
    opened: tuple[Story, ...] = ()
    reopened: tuple[Story, ...] = ()
    updated: tuple[Story, ...] = ()
    resolved: tuple[Story, ...] = ()


def follow(
    previous: Iterable[Story], findings: Iterable[Finding], sight: Sight, policy: WatchPolicy, now: datetime
) -> Chapter:
    """The next chapter. `sight` is what this poll could see (bot/domain/sight.py), `now` when it was taken."""
    stories = {story.key: story for story in previous}
    found = {finding.story: finding for finding in sorted(findings, key=_latest_last)}
    moves: dict[str, list[Story]] = {}
    for key in sorted(stories.keys() | found.keys(), key=StoryKey.in_order):
        story, move = _next(stories.get(key), found.get(key), key, sight, policy, now)
        if story is not None:
            moves.setdefault("stories", []).append(story)
            moves.setdefault(move, []).append(story)
    return Chapter(**{move: tuple(told) for move, told in moves.items() if move})


def _latest_last(finding: Finding) -> tuple[datetime, list[int]]:
    return finding.seen_at, [process.pid for process in finding.processes]


def _next(
    story: Story | None, finding: Finding | None, key: StoryKey, sight: Sight, policy: WatchPolicy, now: datetime
) -> tuple[Story | None, str]:
    """The story after this poll, None if it is forgotten, and the field of Chapter it belongs in, or ""."""
    if story is not None and now <= story.judged_at:
        return story, ""
    if finding is not None:
        return _shown(story, finding, policy, now)
    if story is None:
        return None, ""
    if not would_be_seen(key, sight):
        return _out_of_sight(story, policy, now)
    return _not_shown(story, Ending.ALLOWED if still_there(story.finding, sight) else Ending.OVER, policy, now)


def _shown(story: Story | None, finding: Finding, policy: WatchPolicy, now: datetime) -> tuple[Story, str]:
    if story is None or _is_another(story, policy, now):
        return _maybe_warn(Story(finding, first_seen=now, last_seen=now, judged_at=now), policy, now)
    before = story
    polls = 1 if _is_gap(story, policy, now) and not story.is_open else story.polls + 1
    story = replace(story, finding=finding, last_seen=now, judged_at=now, polls=polls)
    if story.warned_at is None:
        return _maybe_warn(story, policy, now)
    if story.ended_at is not None:
        if story.polls < policy.polls_before_warning:
            return story, ""
        return replace(story, ended_at=None, ending=None), "reopened"
    return story, "" if finding.looks_like(before.finding) else "updated"


def _not_shown(story: Story, ending: Ending, policy: WatchPolicy, now: datetime) -> tuple[Story | None, str]:
    if story.warned_at is None:
        return None, ""
    if story.ended_at is None:
        return replace(story, judged_at=now, polls=0, ended_at=now, ending=ending), "resolved"
    if _is_forgotten(story, policy, now):
        return None, ""
    return replace(story, judged_at=now, polls=0), ""


def _out_of_sight(story: Story, policy: WatchPolicy, now: datetime) -> tuple[Story | None, str]:
    if now - story.last_seen <= policy.lost_sight_after:
        return story, ""
    if not story.is_open:
        return None, ""
    return replace(story, judged_at=now, polls=0, ended_at=now, ending=Ending.LOST_SIGHT), "resolved"


def _maybe_warn(story: Story, policy: WatchPolicy, now: datetime) -> tuple[Story, str]:
    long_enough = now - story.first_seen >= patience(story.key.kind, policy)
    if story.polls < policy.polls_before_warning or not long_enough:
        return story, ""
    return replace(story, warned_at=now), "opened"


def _is_another(story: Story, policy: WatchPolicy, now: datetime) -> bool:
    """Whether what is seen now is no continuation: the old one was only noticed, or ended, too long ago.

    One that is on its way back (seen again by the last poll) is neither: it must not begin to count anew half-way.
    """
    if story.is_open or (story.polls > 0 and not _is_gap(story, policy, now)):
        return False
    return story.warned_at is None or _is_forgotten(story, policy, now)


def _is_gap(story: Story, policy: WatchPolicy, now: datetime) -> bool:
    return now - story.last_seen > policy.longest_gap


def _is_forgotten(story: Story, policy: WatchPolicy, now: datetime) -> bool:
    """Ended, and long enough since it was said that saying it again is no repetition."""
    ended, warned = story.ended_at, story.warned_at
    if ended is None or warned is None:
        return False
    return now - ended > policy.quiet_after and now - warned >= policy.repeat_after


def patience(kind: FindingKind, policy: WatchPolicy) -> timedelta:
    """How long it must go on before anybody hears of it, beyond the number of polls."""
    waits = {
        FindingKind.IDLE_BOOKING: policy.idle_after,
        FindingKind.OVERRUN: policy.overrun_after,
        FindingKind.UNBOOKED_USE: policy.unbooked_after,
    }
    return waits.get(kind, timedelta(0))
