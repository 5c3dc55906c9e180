"""One matter, one message: what belongs together, when it is said again, and what an answer ends."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.case import Answer, Answered, Case, Move, Step, follow_cases, memory
from bot.domain.finding import judge
from bot.domain.policy import QuietHours, WatchPolicy
from bot.domain.reservation import Reservation
from bot.domain.sample import CardReading, Unread
from bot.domain.sight import seen
from bot.domain.story import Ending, Story, follow
from tests.domain.watched_lab import (
    GPU0,
    GPU1,
    LISI,
    NOW,
    OWNERS,
    WANGWU,
    ZHANGSAN,
    booking,
    lost,
    process,
    row,
    sample,
)

POLL = timedelta(seconds=30)
POLICY = WatchPolicy()
HOLDERS = [booking(LISI, end=100, number=1), booking(LISI, end=100, number=2, card=GPU1)]


def on(card: object, *processes: object) -> CardReading:
    return row(*processes, process(90 + card.index, "lisi"), card=card)  # type: ignore[arg-type, attr-defined]


CLEAN = (on(GPU0), on(GPU1))
FIRST = (on(GPU0, process(1, "zhangsan")), on(GPU1))
SECOND = (on(GPU0), on(GPU1, process(2, "zhangsan")))
BOTH = (on(GPU0, process(1, "zhangsan")), on(GPU1, process(2, "zhangsan")))
TWO_PEOPLE = (on(GPU0, process(1, "zhangsan")), on(GPU1, process(3, "wangwu")))


@dataclass
class Evening:
    """Feeds polls through judge, follow and follow_cases as the watch does, and numbers what is new."""

    standing: list[Reservation] = field(default_factory=lambda: list(HOLDERS))
    policy: WatchPolicy = POLICY
    now: datetime = NOW
    stories: tuple[Story, ...] = ()
    cases: dict[int, Case] = field(default_factory=dict)
    log: list[tuple[float, str, int, tuple[str, ...]]] = field(default_factory=list)

    def poll(self, rows: tuple[CardReading, ...], times: int = 1, after: timedelta = POLL) -> list[Step]:
        steps: list[Step] = []
        for _ in range(times):
            self.now += after
            steps = self._judge(rows)
        return steps

    def answer(self, case_id: int, what: Answered) -> None:
        self.cases[case_id] = replace(self.cases[case_id], answer=Answer(what, 1, self.now))

    def _judge(self, rows: tuple[CardReading, ...]) -> list[Step]:
        taken = sample(*rows, at=self.now)
        findings = judge(taken, self.standing, OWNERS, self.now, self.policy)
        chapter = follow(self.stories, findings, seen(taken), self.policy, self.now)
        self.stories = chapter.stories
        since = self.now - memory(self.policy)
        known = [case for case in self.cases.values() if case.ended_at is None or case.ended_at >= since]
        steps = []
        for step in follow_cases(known, chapter, self.policy, self.now):
            number = step.case.id or len(self.cases) + 1
            self.cases[number] = replace(step.case, id=number)
            steps.append(Step(self.cases[number], step.move))
            if step.move is not Move.KEEP:
                minute = (self.now - NOW).total_seconds() / 60
                self.log.append((minute, step.move.value, number, tuple(card.name for card in step.case.cards)))
        return steps

    def told(self) -> list[tuple[float, int]]:
        return [(minute, number) for minute, move, number, _ in self.log if move == "tell"]


def test_one_run_on_two_cards_of_one_holder_is_one_case() -> None:
    evening = Evening()
    evening.poll(BOTH, times=10)
    assert evening.log == [(1, "tell", 1, ("gpu0", "gpu1"))]


def test_two_people_are_two_cases() -> None:
    evening = Evening()
    evening.poll(TWO_PEOPLE, times=2)
    assert [case.subject.people for case in evening.cases.values()] == [(ZHANGSAN, LISI), (WANGWU, LISI)]


def test_two_holders_are_two_cases() -> None:
    evening = Evening(standing=[HOLDERS[0], booking(WANGWU, end=100, number=2, card=GPU1)])
    evening.poll((BOTH[0], row(process(2, "zhangsan"), process(3, "wangwu"), card=GPU1)), times=2)
    assert [case.subject.people for case in evening.cases.values()] == [(ZHANGSAN, LISI), (ZHANGSAN, WANGWU)]


def test_another_card_joins_by_an_edit_and_is_said_at_the_first_opportunity() -> None:
    evening = Evening()
    evening.poll(FIRST, times=20)
    evening.poll(BOTH, times=60)
    assert evening.log == [
        (1, "tell", 1, ("gpu0",)),
        (10.5 + 0.5, "edit", 1, ("gpu0", "gpu1")),
        (31, "tell", 1, ("gpu0", "gpu1")),
    ]


def test_a_card_that_is_left_is_gone_from_the_message_until_all_is_over() -> None:
    evening = Evening()
    evening.poll(BOTH, times=2)
    evening.poll(FIRST)
    evening.poll(CLEAN)
    assert evening.log[1:] == [(1.5, "edit", 1, ("gpu0",)), (2, "edit", 1, ("gpu0", "gpu1"))]
    assert evening.cases[1].ending is Ending.OVER


def test_said_again_after_half_an_hour_then_an_hour_then_two_then_four() -> None:
    evening = Evening()
    evening.poll(FIRST, times=2 + 2 * 60 * 13)
    assert [minute for minute, _ in evening.told()] == [1, 31, 91, 211, 451, 691]
    assert evening.cases[1].tellings == 6


def test_what_comes_back_soon_is_the_old_message_and_no_new_one() -> None:
    evening = Evening()
    evening.poll(FIRST, times=2)
    for _ in range(5):
        evening.poll(CLEAN)
        evening.poll(FIRST, times=2)
    assert [move for _, move, _, _ in evening.log] == ["tell", *["edit", "edit"] * 5]
    assert evening.cases[1].ended_at is None


def test_what_comes_back_within_the_quiet_time_but_long_after_it_was_said_is_said_again() -> None:
    evening = Evening()
    evening.poll(FIRST, times=2 + 40)
    evening.poll(CLEAN, times=30)
    evening.poll(FIRST, times=2)
    assert evening.told() == [(1, 1), (37, 1)]


def test_what_comes_back_after_the_quiet_time_is_a_new_case() -> None:
    evening = Evening()
    evening.poll(FIRST, times=2)
    evening.poll(CLEAN, times=62)
    evening.poll(FIRST, times=2)
    assert [number for _, number in evening.told()] == [1, 2]


def test_nothing_is_said_again_of_what_can_not_be_seen() -> None:
    evening = Evening()
    evening.poll(FIRST, times=2)
    evening.poll((lost(GPU0), on(GPU1)), times=100)
    assert [number for _, number in evening.told() if evening.cases[number].subject.kind.value == "trespass"] == [1]


@pytest.mark.parametrize("what", [Answered.ALLOWED, Answered.BOOKED, Answered.KEPT, Answered.RELEASED])
def test_a_final_answer_leaves_nothing_to_say(what: Answered) -> None:
    evening = Evening()
    evening.poll(FIRST, times=2)
    evening.answer(1, what)
    evening.poll(FIRST, times=200)
    evening.poll(CLEAN, times=2)
    assert len(evening.log) == 1


def test_a_promise_to_stop_does_not_end_it() -> None:
    evening = Evening()
    evening.poll(FIRST, times=2)
    evening.answer(1, Answered.STOPPING)
    evening.poll(FIRST, times=60)
    assert [minute for minute, _ in evening.told()] == [1, 31]


def test_offers_are_made_once() -> None:
    evening = Evening(standing=[])
    evening.poll((row(process(1, "zhangsan")), row(card=GPU1)), times=2 * 60 * 8)
    assert evening.told() == [(10.5, 1)]


def test_in_quiet_hours_only_what_can_not_wait_is_said() -> None:
    night = QuietHours(time(13), time(16))  # NOW is 14:00
    evening = Evening(standing=[HOLDERS[0]], policy=WatchPolicy(quiet=night))
    rows = (on(GPU0, process(1, "zhangsan")), row(process(2, "zhangsan"), card=GPU1))
    evening.poll(rows, times=2 * 60 * 3)
    kinds = [(minute, evening.cases[number].subject.kind.value) for minute, number in evening.told()]
    assert next(one for one in kinds if one[1] == "trespass") == (1, "trespass")
    assert [one for one in kinds if one[1] == "unbooked_use"] == [(120, "unbooked_use")]


def test_an_offer_that_is_over_by_the_morning_is_never_made() -> None:
    evening = Evening(standing=[], policy=WatchPolicy(quiet=QuietHours(time(13), time(16))))
    evening.poll((row(process(1, "zhangsan")),), times=100)
    evening.poll((row(),), times=300)
    assert evening.log == []


def test_a_case_whose_story_is_forgotten_is_over() -> None:
    evening = Evening()
    evening.poll(FIRST, times=2)
    evening.stories = ()
    evening.poll(CLEAN)
    assert evening.cases[1].ending is Ending.LOST_SIGHT


def test_what_comes_back_when_its_case_is_forgotten_is_one_new_case() -> None:
    evening = Evening()
    for rows, seconds in ((BOTH, 30), (BOTH, 30), (CLEAN, 30), (BOTH, 600), (CLEAN, 600), (BOTH, 30), (BOTH, 600)):
        evening.poll(rows, after=timedelta(seconds=seconds))
    assert evening.told() == [(1, 1), (32, 2)]


LOOKS = {
    "clean": CLEAN,
    "first": FIRST,
    "second": SECOND,
    "both": BOTH,
    "unread": (row(card=GPU0, processes=Unread("timeout")), on(GPU1)),
    "lost": (lost(GPU0), lost(GPU1)),
}
polls = st.lists(st.tuples(st.sampled_from(sorted(LOOKS)), st.sampled_from([30, 60, 600, 2400])), max_size=60)


@settings(max_examples=200)
@given(polls)
def test_no_evening_tells_a_pair_twice_within_half_an_hour_or_leaves_a_case_open(
    evening_of: list[tuple[str, int]],
) -> None:
    evening = Evening()
    for look, seconds in evening_of:
        evening.poll(LOOKS[look], after=timedelta(seconds=seconds))
        trespasses = [case for case in evening.cases.values() if case.subject.kind.value == "trespass"]
        assert sum(case.ended_at is None for case in trespasses) <= 1
        open_stories = {story.key for story in evening.stories if story.is_open and story.key.kind.value == "trespass"}
        assert open_stories == {story.key for case in trespasses for story in case.going_on}
    told = [minute for minute, number in evening.told() if evening.cases[number].subject.kind.value == "trespass"]
    assert all(later - earlier >= 30 for earlier, later in pairwise(told))
