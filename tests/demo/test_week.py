"""A week of a lab of thirty on eight cards, in fast-forward: every warning of the watch against the truth.

The truth is taken from the made-up world itself, by plain loops that share no code with the rules. Cards are lost and
found, the driver hangs, the bot restarts (its stories go through the ledger's text form), bookings come and go.
"""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from datetime import datetime, timedelta

import pytest

from bot.demo.cards import MadeUpCards
from bot.demo.hardware import A100, GIB
from bot.demo.simulation import World
from bot.domain.evidence import FindingKind, StoryKey
from bot.domain.finding import judge
from bot.domain.policy import WatchPolicy
from bot.domain.reservation import Reservation
from bot.domain.sight import seen
from bot.domain.story import Chapter, Story, follow
from bot.domain.window import Window
from storage import codec, stories  # noqa: F401 stories registers what a story is made of
from tests.conftest import FakeClock

PEOPLE = {f"student{number:02}": number for number in range(1, 31)}
POLL = timedelta(minutes=2)
POLICY = WatchPolicy()
Triple = tuple[int, int, int]  # card index, offender, holder


class Week:
    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.clock = FakeClock()
        self.running = list(PEOPLE)
        self.world = World(self.clock.now, lambda: self.running, seed=seed, makes=(A100,) * 8, step=POLL / 2)
        self.cards = MadeUpCards(self.world)
        self.bookings: list[Reservation] = []
        self.stories: tuple[Story, ...] = ()
        self.blind: set[int] = set()

    def live(self) -> Chapter:
        """Two minutes of lab life, then a poll."""
        now = self.clock.advance(seconds=POLL.total_seconds())
        self._book(now)
        self._wander()
        self._break_things()
        if self.dice.random() < 0.01:  # the bot restarts
            self.stories = codec.decode(codec.encode(self.stories))
        sample = asyncio.run(self.cards.sample())
        findings = judge(sample, self.bookings, PEOPLE, now, POLICY)
        chapter = follow(self.stories, findings, seen(sample), POLICY, now)
        self.stories = chapter.stories
        return chapter

    def trespasses(self) -> set[Triple]:
        """What is really so, seen or not."""
        now = self.clock.now()
        return {
            (run.card_index, PEOPLE[run.instance], booking.member_id)
            for run in self.world.runs()
            for booking in self.bookings
            if run.instance is not None
            and booking.card == self.world.cards[run.card_index].id
            and booking.window.start <= now < booking.window.end
            and booking.member_id != PEOPLE[run.instance]
        }

    def visible(self, card_index: int) -> bool:
        return self.world.trouble is None and card_index not in self.world.lost

    def index_of(self, key: StoryKey) -> int:
        return next(card.index for card in self.world.cards if card.id == key.card)

    def _book(self, now: datetime) -> None:
        self.bookings = [one for one in self.bookings if one.window.end > now - timedelta(hours=24)]
        card = self.dice.choice(self.world.cards)
        window = Window.lasting(now, timedelta(minutes=self.dice.randint(20, 400)))
        if self.dice.random() < 0.05 and not any(
            one.card == card.id and one.window.overlaps(window) for one in self.bookings
        ):
            number = len(self.bookings) + int(now.timestamp())
            self.bookings.append(Reservation(number, number, card.id, self.dice.choice(list(PEOPLE.values())), window))
        elif self.dice.random() < 0.01 and self.bookings:
            self.bookings.remove(self.dice.choice(self.bookings))  # released

    def _wander(self) -> None:
        """Somebody forgets CUDA_VISIBLE_DEVICES; somebody's container is stopped."""
        if self.dice.random() < 0.1:
            lasts = timedelta(minutes=self.dice.choice([1, 3, 7, 30, 200]))
            card, who = self.dice.randrange(8), self.dice.choice(list(PEOPLE))
            self.world.start_run(who, card, "python train.py", GIB, lasts=lasts)
        if self.dice.random() < 0.02:
            self.running = self.dice.sample(list(PEOPLE), self.dice.randint(20, 30))

    def _break_things(self) -> None:
        if self.dice.random() < 0.01:
            self.world.lose_card(self.dice.randrange(8))
        if self.dice.random() < 0.03:
            self.world.lost.clear()
        if self.dice.random() < 0.005:
            self.world.hang()
        elif self.dice.random() < 0.2:
            self.world.wake()


@pytest.mark.parametrize("seed", [1])
def test_no_warning_is_wrong_missed_or_repeated_too_soon(seed: int) -> None:
    week = Week(seed)
    seen_running: dict[Triple, int] = defaultdict(int)  # visible polls in a row that show it
    last_visible: dict[Triple, datetime] = {}
    told_at: dict[Triple, datetime] = {}
    counts = {"opened": 0, "repeated": 0, "resolved": 0}
    for _ in range(int(timedelta(days=7) / POLL)):
        chapter = week.live()
        now, truth = week.clock.now(), week.trespasses()
        for triple in truth | seen_running.keys():
            if not week.visible(triple[0]):
                continue
            if triple not in truth:
                seen_running.pop(triple, None)
            elif now - last_visible.get(triple, now) > POLICY.longest_gap and not is_open(week, triple):
                seen_running[triple] = 1
            else:
                seen_running[triple] += 1
            last_visible[triple] = now

        for move in counts:
            for story in getattr(chapter, move):
                if story.key.kind is not FindingKind.TRESPASS:
                    continue
                counts[move] += 1
                triple = (week.index_of(story.key), story.key.offender, story.key.holder)
                assert week.visible(triple[0]), "a card that nobody saw said something"
                if move == "resolved":
                    assert triple not in truth
                    continue
                assert triple in truth, "wrong"
                assert seen_running[triple] >= POLICY.polls_before_warning, "too soon"
                assert triple not in told_at or now - told_at[triple] >= POLICY.repeat_after, "repeated too soon"
                told_at[triple] = now
        for triple in truth:
            if week.visible(triple[0]) and seen_running[triple] >= POLICY.polls_before_warning:
                assert is_open(week, triple), "missed"
                assert now - told_at[triple] <= POLICY.repeat_after + 2 * POLL or seen_running[triple] == 2, (
                    "not repeated"
                )
    assert counts["opened"] > 50
    assert counts["repeated"] > 50
    assert counts["resolved"] > 50


def is_open(week: Week, triple: Triple) -> bool:
    return any(
        story.is_open
        for story in week.stories
        if story.key.kind is FindingKind.TRESPASS
        and (week.index_of(story.key), story.key.offender, story.key.holder) == triple
    )
