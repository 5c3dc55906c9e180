"""A week of a lab of thirty on eight cards, in fast-forward: every word of the watch against the truth.

The truth is taken from the made-up world itself, by plain loops that share no code with the rules. Cards are lost and
found, memory leaks, the driver hangs, the bot restarts (what it remembers goes through the ledger's text form), whole
cards and shares are booked and given back, holders say "it's fine with me".
"""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest

from bot.demo.cards import MadeUpCards
from bot.demo.hardware import A100, GIB
from bot.demo.simulation import World
from bot.domain.case import REPEATED, Answer, Answered, Case, Move, Step, follow_cases, memory
from bot.domain.evidence import FindingKind, StoryKey
from bot.domain.finding import judge
from bot.domain.outage import Outage, follow_outage
from bot.domain.policy import WatchPolicy
from bot.domain.reservation import Reservation
from bot.domain.sight import seen
from bot.domain.story import Chapter, Story, follow
from bot.domain.window import Window
from storage import cases, codec, stories  # noqa: F401 they register what is remembered
from tests.conftest import FakeClock

PEOPLE = {f"student{number:02}": number for number in range(1, 31)}
POLL = timedelta(minutes=2)
POLICY = WatchPolicy()
LEAK = 5 * GIB
WAITS = {
    FindingKind.IDLE_BOOKING: timedelta(hours=2),
    FindingKind.OVERRUN: timedelta(minutes=5),
    FindingKind.UNBOOKED_USE: timedelta(minutes=10),
}


@dataclass(frozen=True)
class Fact:
    """Something that is so, as a person would say it: kind, card, whose run, whose booking, which ill."""

    kind: FindingKind
    card: int
    offender: int | None = None
    holder: int | None = None
    ill: str = ""


class Week:
    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.clock = FakeClock()
        self.running = list(PEOPLE)
        self.world = World(self.clock.now, lambda: self.running, seed=seed, makes=(A100,) * 8, habits=(), step=POLL / 2)
        self.cards = MadeUpCards(self.world)
        self.bookings: list[Reservation] = []
        self.allowed: set[tuple[int, int]] = set()
        self.stories: tuple[Story, ...] = ()
        self.cases: dict[int, Case] = {}
        self.outage: Outage | None = None
        self.outages_told: list[tuple[datetime, bool]] = []

    def live(self) -> tuple[Chapter, list[Step]]:
        """Two minutes of lab life, then a poll."""
        now = self.clock.advance(seconds=POLL.total_seconds())
        self._book(now)
        self._wander()
        self._break_things()
        self._restart()
        sample = asyncio.run(self.cards.sample())
        self.outage, is_news = follow_outage(self.outage, sample, POLICY)
        if self.outage is not None and is_news:
            self.outages_told.append((now, self.outage.is_open))
        findings = judge(sample, self.bookings, PEOPLE, now, POLICY, allowed=self.allowed)
        chapter = follow(self.stories, findings, seen(sample), POLICY, now)
        self.stories = chapter.stories
        return chapter, self._follow_cases(chapter, now)

    def index_of(self, key: StoryKey) -> int:
        return next(card.index for card in self.world.cards if card.id == key.card)

    def fact(self, key: StoryKey) -> Fact:
        return Fact(key.kind, self.index_of(key), key.offender, key.holder, key.aspect)

    def visible(self, fact: Fact) -> bool:
        """A card that is lost shows nothing but that; a driver that hangs shows nothing at all."""
        return self.world.trouble is None and (fact.ill == "lost" or fact.card not in self.world.lost)

    def truth(self) -> set[Fact]:
        """What is really so on every card, seen or not."""
        return {fact for card in range(8) for fact in (*self._people(card), *self._ills(card))}

    def _people(self, card: int) -> Iterator[Fact]:
        now = self.clock.now()
        on_card: dict[int, list[tuple[datetime, int]]] = defaultdict(list)
        for run in self.world.runs():
            if run.card_index == card and run.instance is not None:
                on_card[PEOPLE[run.instance]].append((run.started_at, run.memory_bytes))
        here = [one for one in self.bookings if one.card == self.world.cards[card].id]
        now_booked = [one for one in here if one.window.start <= now < one.window.end]
        whole = [one for one in now_booked if one.memory_bytes is None]
        shares: dict[int, int] = defaultdict(int)
        for booking in now_booked:
            shares[booking.member_id] += booking.memory_bytes or 0
        strangers = set(on_card) - set(shares)
        for holder in set(shares) - set(on_card):
            idle = min((one.window, one.id, one.booking) for one in now_booked if one.member_id == holder)
            yield Fact(FindingKind.IDLE_BOOKING, card, holder=holder, ill=str(idle[-1]))
        if whole:
            for member in strangers:
                if (member, whole[0].booking) not in self.allowed:
                    yield Fact(FindingKind.TRESPASS, card, member, whole[0].member_id)
            return
        if not now_booked and len(strangers) > 1:
            yield Fact(FindingKind.COLLISION, card)
            return
        left = 80 * GIB - sum(shares.values())
        for member, runs in on_card.items():
            used = sum(memory_bytes for _, memory_bytes in runs)
            limit = shares.get(member, left) + POLICY.share_tolerance_bytes
            over = [one for one in here if one.member_id == member and one.window.end <= now]
            outlived = any(start < one.window.end for one in over for start, _ in runs)
            if now_booked and used > limit:
                yield Fact(FindingKind.OVER_SHARE, card, member)
            elif member in strangers:
                yield Fact(FindingKind.OVERRUN if outlived else FindingKind.UNBOOKED_USE, card, member)

    def _ills(self, card: int) -> Iterator[Fact]:
        if card in self.world.lost:
            yield Fact(FindingKind.SICK_CARD, card, ill="lost")
        if self.world.leaked_bytes.get(card, 0) > GIB:
            yield Fact(FindingKind.UNEXPLAINED_MEMORY, card)

    def _follow_cases(self, chapter: Chapter, now: datetime) -> list[Step]:
        since = now - memory(POLICY)
        known = [case for case in self.cases.values() if case.ended_at is None or case.ended_at >= since]
        steps = []
        for step in follow_cases(known, chapter, POLICY, now):
            number = step.case.id or len(self.cases) + 1
            self.cases[number] = replace(step.case, id=number)
            steps.append(Step(self.cases[number], step.move))
        return steps

    def _book(self, now: datetime) -> None:
        self.bookings = [one for one in self.bookings if one.window.end > now - timedelta(hours=24)]
        card = self.dice.choice(self.world.cards)
        window = Window.lasting(now, timedelta(minutes=self.dice.randint(20, 400)))
        there = [one for one in self.bookings if one.card == card.id and one.window.overlaps(window)]
        share = self.dice.choice([None, None, 20 * GIB])
        fits = not there or (share is not None and len(there) < 3 and all(one.memory_bytes for one in there))
        if self.dice.random() < 0.06 and fits:
            number = len(self.bookings) + int(now.timestamp())
            member = self.dice.choice(list(PEOPLE.values()))
            self.bookings.append(Reservation(number, number, card.id, member, window, share))
        elif self.dice.random() < 0.01 and self.bookings:
            self.bookings.remove(self.dice.choice(self.bookings))  # given back

    def _wander(self) -> None:
        """Holders train mostly where they may; somebody forgets CUDA_VISIBLE_DEVICES; a container is stopped."""
        now, lasts = self.clock.now(), timedelta(minutes=self.dice.choice([1, 3, 7, 30, 200]))
        memory_bytes = self.dice.choice([1, 4, 30]) * GIB
        booked = [one for one in self.bookings if one.window.contains(now)]
        if self.dice.random() < 0.1 and booked:
            one = self.dice.choice(booked)
            card = next(card.index for card in self.world.cards if card.id == one.card)
            who = next(name for name, number in PEOPLE.items() if number == one.member_id)
            self._train(who, card, memory_bytes, lasts)
        if self.dice.random() < 0.06:
            card, who = self.dice.randrange(8), self.dice.choice(list(PEOPLE))
            self._train(who, card, memory_bytes, lasts)
        if self.dice.random() < 0.02:
            self.running = self.dice.sample(list(PEOPLE), self.dice.randint(20, 30))
        open_cases = [case for case in self.cases.values() if case.ended_at is None and not case.is_final]
        trespasses = [case for case in open_cases if case.subject.kind is FindingKind.TRESPASS and case.tellings]
        if self.dice.random() < 0.02 and trespasses:
            self._allow(self.dice.choice(trespasses))

    def _train(self, who: str, card: int, memory_bytes: int, lasts: timedelta) -> None:
        """No card holds more than it has: what does not fit does not start."""
        held = sum(run.memory_bytes for run in self.world.runs() if run.card_index == card)
        if held + memory_bytes + LEAK <= 75 * GIB:
            self.world.start_run(who, card, "python train.py", memory_bytes, lasts=lasts)

    def _allow(self, case: Case) -> None:
        """As bot/services/answers.py does: the pairs are noted, the case is answered."""
        for finding in case.findings:
            assert finding.reservation is not None
            self.allowed.add((case.subject.people[0], finding.reservation.booking))
        answer = Answer(Answered.ALLOWED, case.subject.people[1], self.clock.now())
        self.cases[case.id or 0] = replace(case, answer=answer)

    def _break_things(self) -> None:
        if self.dice.random() < 0.01:
            self.world.lose_card(self.dice.randrange(8))
        if self.dice.random() < 0.03:
            self.world.lost.clear()
        if self.dice.random() < 0.01:
            self.world.leak(self.dice.randrange(8), LEAK)
        if self.dice.random() < 0.02:
            self.world.leaked_bytes.clear()
        if self.dice.random() < 0.005:
            self.world.hang()
        elif self.dice.random() < 0.2:
            self.world.wake()

    def _restart(self) -> None:
        if self.dice.random() < 0.01:
            self.stories = codec.decode(codec.encode(self.stories))
            self.cases = {number: codec.decode(codec.encode(case)) for number, case in self.cases.items()}
            self.outage = codec.decode(codec.encode(self.outage))


class Witness:
    """Counts for itself for how long each fact was to be seen, and says what the watch had to do."""

    def __init__(self, week: Week) -> None:
        self.week = week
        self.polls: dict[Fact, int] = defaultdict(int)
        self.since: dict[Fact, datetime] = {}
        self.last_visible: dict[Fact, datetime] = {}

    def look(self, truth: set[Fact]) -> None:
        now = self.week.clock.now()
        for fact in truth | self.polls.keys():
            if not self.week.visible(fact):
                continue
            if fact not in truth:
                self.polls.pop(fact, None)
                self.since.pop(fact, None)
            elif now - self.last_visible.get(fact, now) > POLICY.longest_gap and not is_open(self.week, fact):
                self.polls[fact], self.since[fact] = 1, now
            else:
                self.polls[fact] += 1
                self.since.setdefault(fact, now)
            self.last_visible[fact] = now

    def is_due(self, fact: Fact) -> bool:
        """Seen often and long enough that its people must have been told."""
        waited = self.week.clock.now() - self.since.get(fact, self.week.clock.now())
        return self.polls[fact] >= POLICY.polls_before_warning and waited >= WAITS.get(fact.kind, timedelta(0))


@pytest.mark.parametrize("seed", [1])
def test_no_word_is_wrong_missed_or_said_too_often(seed: int) -> None:
    week = Week(seed)
    witness = Witness(week)
    told_at: dict[object, datetime] = {}
    counts: dict[tuple[FindingKind, str], int] = defaultdict(int)
    for _ in range(int(timedelta(days=7) / POLL)):
        chapter, steps = week.live()
        truth = week.truth()
        witness.look(truth)
        for move in ("opened", "reopened", "resolved"):
            for story in getattr(chapter, move):
                fact = week.fact(story.key)
                counts[(fact.kind, move)] += 1
                assert week.visible(fact), "a card that nobody saw said something"
                assert (fact in truth) == (move != "resolved"), f"wrong: {move} {fact}"
                assert move == "resolved" or witness.polls[fact] >= POLICY.polls_before_warning, f"too soon: {fact}"
        for fact in truth:
            if week.visible(fact) and witness.is_due(fact):
                assert is_open(week, fact), f"missed: {fact}"
        check_messages(week, steps, truth, told_at, counts)
    for kind in FindingKind:
        assert counts[(kind, "opened")] > 10, kind
        assert counts[(kind, "told")] > 10, kind
        assert counts[(kind, "resolved")] > 10, kind
    for kind in REPEATED - {FindingKind.OVER_SHARE}:
        assert counts[(kind, "repeated")] > 0, kind
    check_outages(week)


def check_messages(
    week: Week,
    steps: list[Step],
    truth: set[Fact],
    told_at: dict[object, datetime],
    counts: dict[tuple[FindingKind, str], int],
) -> None:
    """Every story that is told is in one message; what a message says goes on does; nobody is told twice too soon."""
    now = week.clock.now()
    for step in steps:
        case = step.case
        kind = case.subject.kind
        if step.move is Move.TELL:
            counts[(kind, "told" if case.tellings == 1 else "repeated")] += 1
            shown = {week.fact(story.key) for story in case.shown if story.last_seen == now}
            assert shown, "told of what nobody sees"
            assert shown <= truth, "a message says what is not so"
            if kind in REPEATED:
                before = told_at.get(case.subject)
                assert before is None or now - before >= POLICY.repeat_after, "said again too soon"
                told_at[case.subject] = now
            else:
                assert case.tellings == 1, "an offer is made once"
    in_a_case = [week.fact(story.key) for case in week.cases.values() for story in case.going_on]
    assert len(in_a_case) == len(set(in_a_case)), "one matter in two messages"
    assert {week.fact(story.key) for story in week.stories if story.is_open} == set(in_a_case)
    for case in week.cases.values():
        if case.ended_at is None and not case.is_final and case.subject.kind in REPEATED and is_seen(week, case):
            assert case.told_at is not None
            assert now - case.told_at <= POLICY.repeat_longest + POLL, "not said again"


def is_seen(week: Week, case: Case) -> bool:
    return any(story.last_seen == week.clock.now() for story in case.going_on)


def check_outages(week: Week) -> None:
    """Told and resolved in turn."""
    assert len(week.outages_told) > 10
    assert all(is_open == (place % 2 == 0) for place, (_, is_open) in enumerate(week.outages_told))


def is_open(week: Week, fact: Fact) -> bool:
    return any(story.is_open and week.fact(story.key) == fact for story in week.stories)
