"""Stories that are one matter to the people in it: told in one message, said again at growing intervals, answered once.

A torchrun on four of a holder's cards is four stories and one case. Whatever the cards do meanwhile, nobody hears of
the same matter twice within `repeat_after`; in between, the message there is gets edited.

    told------edited---------told again (the old message points to it)--------edited: resolved
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from bot.domain.card import Card
from bot.domain.evidence import Finding, FindingKind, StoryKey
from bot.domain.policy import WatchPolicy
from bot.domain.story import Chapter, Ending, Story

# Said again while it goes on. The others are offers or facts: once is enough.
REPEATED = frozenset({FindingKind.TRESPASS, FindingKind.COLLISION, FindingKind.OVER_SHARE})
# They can wait until people are awake.
ROUTINE = frozenset({FindingKind.UNBOOKED_USE, FindingKind.IDLE_BOOKING, FindingKind.OVERRUN})


@dataclass(frozen=True)
class Subject:
    """What a case is about. `people`: whom it is between, as far as that tells one case from another."""

    kind: FindingKind
    people: tuple[int, ...] = ()
    aspect: str = ""


class Answered(str, Enum):
    ALLOWED = "allowed"  # the holder: it's fine with me
    MINDED = "minded"  # ... and then: no, I do need it
    STOPPING = "stopping"  # whose run it is: I'm stopping it
    MOVING = "moving"  # ... and has booked other cards for it
    SHIFTED = "shifted"  # the holder: I have moved my booking to other cards
    BOOKED = "booked"
    KEPT = "kept"
    RELEASED = "released"
    LEFT_TO_WAITING = "left_to_waiting"  # given back by junzi, because somebody waits


# After these nothing is left to say: the message shows what came of it.
FINAL = frozenset({Answered.ALLOWED, Answered.BOOKED, Answered.KEPT, Answered.RELEASED, Answered.LEFT_TO_WAITING})


@dataclass(frozen=True)
class Answer:
    """What the right person pressed. `cards`: where the run, or the booking, moves to."""

    what: Answered
    by: int
    at: datetime
    cards: tuple[Card, ...] = ()


@dataclass(frozen=True)
class Case:
    """`id` None: not written down yet. `tellings`: how often it was said so far. `fresh`: something came to it, or
    came back, since it was last said. `told`: the members who were told in private, who hear of its end too."""

    subject: Subject
    stories: tuple[Story, ...]
    opened_at: datetime
    id: int | None = None
    told_at: datetime | None = None
    tellings: int = 0
    fresh: bool = False
    ended_at: datetime | None = None
    answer: Answer | None = None
    told: tuple[int, ...] = ()

    @property
    def is_final(self) -> bool:
        return self.answer is not None and self.answer.what in FINAL

    @property
    def going_on(self) -> tuple[Story, ...]:
        return tuple(story for story in self.stories if story.ended_at is None)

    @property
    def shown(self) -> tuple[Story, ...]:
        """What a message about it is about: what goes on; once nothing does, all that did."""
        return self.going_on or self.stories

    @property
    def findings(self) -> tuple[Finding, ...]:
        return tuple(story.finding for story in self.shown)

    @property
    def cards(self) -> tuple[Card, ...]:
        return tuple(sorted({f.card for f in self.findings}, key=lambda card: (card.index, card.id)))

    @property
    def first_seen(self) -> datetime:
        return min(story.first_seen for story in self.stories)

    @property
    def ending(self) -> Ending | None:
        """How it ended: unknown for one card is unknown for all; only where nobody left is it "allowed"."""
        if self.ended_at is None:
            return None
        endings = {story.ending for story in self.stories}
        if Ending.LOST_SIGHT in endings:
            return Ending.LOST_SIGHT
        return Ending.ALLOWED if Ending.ALLOWED in endings else Ending.OVER


class Move(str, Enum):
    TELL = "tell"  # a new message
    EDIT = "edit"  # the message there is shows what is so now
    KEEP = "keep"  # nothing that anybody should read


@dataclass(frozen=True)
class Step:
    case: Case
    move: Move


def subject_of(finding: Finding) -> Subject:
    kind = finding.kind
    if kind is FindingKind.TRESPASS:
        return Subject(kind, (finding.offender or 0, finding.holder or 0))
    if kind is FindingKind.COLLISION:
        return Subject(kind, finding.members)
    if kind is FindingKind.IDLE_BOOKING:
        # Each booking is asked about by itself (that is its aspect): one may be needed and the other not.
        return Subject(kind, (finding.holder or 0,), finding.aspect)
    people = () if finding.offender is None else (finding.offender,)
    return Subject(kind, people, finding.aspect)


def follow_cases(cases: Iterable[Case], chapter: Chapter, policy: WatchPolicy, now: datetime) -> tuple[Step, ...]:
    """The cases after this poll. `cases`: those open, and those that ended as lately as `memory` says, oldest first."""
    docket = _Docket(list(cases), policy, now)
    for story in (*chapter.opened, *chapter.reopened, *chapter.updated, *chapter.resolved):
        docket.place(story, is_new=story in chapter.opened)
    current = {story.key: story for story in chapter.stories}
    return tuple(docket.step(place, current) for place in range(len(docket.cases)))


def memory(policy: WatchPolicy) -> timedelta:
    """How long ago a case may have ended and yet be the one that something belongs to."""
    return max(policy.quiet_after, policy.repeat_after)


def wait_before_repeat(case: Case, policy: WatchPolicy) -> timedelta:
    """Half an hour, an hour, two ...; what is new, or came back, is said at the first opportunity."""
    if case.fresh or case.tellings < 1:
        return policy.repeat_after
    longer: timedelta = policy.repeat_after * 2 ** (case.tellings - 1)
    return max(policy.repeat_after, min(longer, policy.repeat_longest))


@dataclass
class _Docket:
    cases: list[Case]
    policy: WatchPolicy
    now: datetime

    def __post_init__(self) -> None:
        self.touched: set[int] = set()

    def place(self, story: Story, *, is_new: bool) -> None:
        """Put a story that changed into its case."""
        place = None if is_new else self._holding(story.key)
        if place is None:
            place = self._joinable(subject_of(story.finding))
        if place is None:
            self.cases.append(Case(subject_of(story.finding), (), self.now))
            place = len(self.cases) - 1
        case = self.cases[place]
        others = tuple(one for one in case.stories if one.key != story.key)
        stories = tuple(sorted((*others, story), key=lambda one: one.key.in_order()))
        came = story.ended_at is None and (is_new or self._was_over(case, story.key))
        self.cases[place] = replace(case, stories=stories, fresh=case.fresh or (came and case.tellings > 0))
        self.touched.add(place)

    def step(self, place: int, current: dict[StoryKey, Story]) -> Step:
        case = self._refreshed(place, current)
        if case.is_final:
            return Step(case, Move.KEEP)
        if case.ended_at is None and self._may_be_told(case):
            told = replace(case, told_at=self.now, tellings=case.tellings + 1, fresh=False)
            return Step(told, Move.TELL)
        edited = place in self.touched and case.tellings > 0
        return Step(case, Move.EDIT if edited else Move.KEEP)

    def _refreshed(self, place: int, current: dict[StoryKey, Story]) -> Case:
        """With the latest look at its stories, and whether all of them are over."""
        case = self.cases[place]
        stories = tuple(one if one.ended_at is not None else self._latest(one, current) for one in case.stories)
        if len([one for one in stories if one.ended_at is None]) < len(case.going_on):
            self.touched.add(place)
        over = [one.ended_at for one in stories if one.ended_at is not None]
        ended_at = max(over) if len(over) == len(stories) else None
        return replace(case, stories=stories, ended_at=ended_at)

    def _latest(self, story: Story, current: dict[StoryKey, Story]) -> Story:
        """A story that is told no more (or another one under its name) is over, though nobody saw its end."""
        found = current.get(story.key)
        if found is not None and found.first_seen == story.first_seen:
            return found
        return replace(story, ended_at=self.now, ending=Ending.LOST_SIGHT)

    def _may_be_told(self, case: Case) -> bool:
        """Never of what this poll did not see; routine only while people are awake."""
        if not any(story.last_seen == self.now for story in case.going_on):
            return False
        if case.told_at is None:
            return case.subject.kind not in ROUTINE or not self.policy.is_quiet(self.now)
        due = self.now - case.told_at >= wait_before_repeat(case, self.policy)
        return due and case.subject.kind in REPEATED

    def _joinable(self, subject: Subject) -> int | None:
        for place in reversed(range(len(self.cases))):
            case = self.cases[place]
            if case.subject == subject and not case.is_final and not self._is_forgotten(case):
                return place
        return None

    def _holding(self, key: StoryKey) -> int | None:
        for place in reversed(range(len(self.cases))):
            if any(story.key == key for story in self.cases[place].stories):
                return place
        return None

    @staticmethod
    def _was_over(case: Case, key: StoryKey) -> bool:
        return any(story.key == key and story.ended_at is not None for story in case.stories)

    def _is_forgotten(self, case: Case) -> bool:
        if case.ended_at is None:
            return False
        told_at = case.told_at or case.ended_at
        return self.now - case.ended_at > self.policy.quiet_after and self.now - told_at >= self.policy.repeat_after
