"""Runs over time: one record from its first look to its end, whatever the bot could not see in between."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.policy import RunPolicy
from bot.domain.run import runs_in
from bot.domain.run_story import RunEnding, RunMove, RunRecord, Surroundings, follow_runs
from bot.domain.sample import CardReading, Process, Sample, Unread
from storage import codec, runs  # noqa: F401 runs registers what a record is made of
from tests.domain.watched_lab import GIB, GPU0, GPU1, NOW, OWNERS, UNTRACED, ZHANGSAN, lost, process, row, sample

POLL = timedelta(seconds=30)
POLICY = RunPolicy()


def train(pid: int = 1, home: Any = "zhangsan", gib: float = 10, sm: Any = 90, group: int | None = None) -> Process:
    return replace(process(pid, home, gib), sm_percent=sm, process_group=group, folder="/home/zhangsan/vit")


@dataclass
class Day:
    now: datetime = NOW
    records: list[RunRecord] = field(default_factory=list)
    ended: list[RunRecord] = field(default_factory=list)
    idle: list[RunRecord] = field(default_factory=list)
    around: Surroundings = field(default_factory=Surroundings)

    def poll(self, *rows: CardReading, times: int = 1, after: timedelta = POLL) -> None:
        for _ in range(times):
            self.now += after
            self.judge(sample(*rows, at=self.now))

    def judge(self, taken: Sample) -> None:
        found = runs_in(taken, OWNERS)
        self.records = [codec.decode(codec.encode(one)) for one in self.records]  # as over a restart
        steps = follow_runs(self.records, found, taken, self.around, POLICY)
        self.records = [step.record for step in steps if step.record.ended_at is None]
        self.ended += [step.record for step in steps if step.move is RunMove.ENDED]
        self.idle += [step.record for step in steps if step.move is RunMove.IDLE]


def test_a_run_from_its_first_look_to_its_end() -> None:
    day = Day()
    day.poll(row(train(gib=10, sm=80)), times=10)
    day.poll(row(train(gib=30, sm=100)), times=10)
    day.poll(row(train(gib=20, sm=100)))
    day.poll(row(), times=2)
    (record,) = day.ended
    assert (record.member, record.name, record.cards) == (ZHANGSAN, "train.py (vit)", (GPU0,))
    assert record.peak_memory_bytes == 30 * GIB
    assert record.load_percent == pytest.approx(91, abs=1)
    assert record.ended_at == day.now - POLL  # the first look that did not show it
    assert record.lasted(day.now) == record.ended_at - record.started_at
    assert record.ending is RunEnding.UNKNOWN
    assert day.records == []


def test_one_look_without_it_is_no_end() -> None:
    day = Day()
    for _ in range(5):
        day.poll(row(train()))
        day.poll(row())
    assert day.ended == []
    assert len(day.records) == 1


def test_one_script_that_starts_one_program_after_the_other_is_one_run() -> None:
    day = Day()
    day.poll(row(train(1, group=7)), times=3)
    day.poll(row(train(2, group=7)), times=3)
    assert len(day.records) == 1
    assert day.ended == []


def test_a_pid_that_is_used_again_is_another_run() -> None:
    day = Day()
    day.poll(row(train(1)), times=3)
    day.poll(row(replace(train(1), started_at=day.now)), times=3)
    assert len(day.records) == 1
    assert len(day.ended) == 1


def test_it_moves_to_another_card_and_both_are_remembered() -> None:
    day = Day()
    day.poll(row(train()), row(card=GPU1), times=2)
    day.poll(row(), row(train(), card=GPU1), times=2)
    (record,) = day.records
    assert record.cards == (GPU0, GPU1)
    assert record.on == (GPU1.id,)


@pytest.mark.parametrize("blind", [row(processes=Unread("timeout")), row(train(home=UNTRACED))])
def test_what_can_not_be_seen_has_not_ended(blind: CardReading) -> None:
    day = Day()
    day.poll(row(train()), times=2)
    day.poll(blind, times=100)
    assert day.ended == []


def test_a_hung_driver_ends_nothing() -> None:
    day = Day()
    day.poll(row(train()), times=2)
    for _ in range(100):
        day.now += POLL
        day.judge(sample(at=day.now, trouble=Unread("timeout")))
    day.poll(row(train()))
    assert day.ended == []
    assert len(day.records) == 1


def test_a_lost_card_takes_its_run_with_it_after_a_while() -> None:
    day = Day()
    day.poll(row(train()), times=2)
    seen_last = day.now
    day.poll(lost(), times=22)
    (record,) = day.ended
    assert (record.ending, record.ended_at) == (RunEnding.CARD_LOST, seen_last)


def test_a_card_that_was_lost_for_a_moment_and_came_back_without_it_says_so() -> None:
    day = Day()
    day.poll(row(train()), times=2)
    day.poll(lost(), times=2)
    day.poll(row(), times=2)
    assert [one.ending for one in day.ended] == [RunEnding.CARD_LOST]


def test_killed_for_want_of_memory() -> None:
    day = Day(around=Surroundings(oom_kills={"zhangsan": 3}))
    day.poll(row(train()), times=2)
    day.around = Surroundings(oom_kills={"zhangsan": 4})
    day.poll(row(), times=2)
    assert [one.ending for one in day.ended] == [RunEnding.OUT_OF_MEMORY]


def test_an_older_kill_is_not_blamed() -> None:
    day = Day(around=Surroundings(oom_kills={"zhangsan": 3}))
    day.poll(row(train()), times=2)
    day.poll(row(), times=2)
    assert [one.ending for one in day.ended] == [RunEnding.UNKNOWN]


def test_its_container_was_stopped() -> None:
    day = Day()
    day.poll(row(train()), times=2)
    day.around = Surroundings(stopped={"zhangsan"})
    day.poll(row(), times=2)
    assert [one.ending for one in day.ended] == [RunEnding.CONTAINER_STOPPED]


def test_everything_of_a_container_at_once() -> None:
    day = Day()
    day.poll(row(train(1), train(2)), times=2)
    day.poll(row(), times=2)
    assert [one.ending for one in day.ended] == [RunEnding.ALL_AT_ONCE] * 2


def test_it_ended_while_nobody_looked() -> None:
    day = Day()
    day.poll(row(train()), times=2)
    day.poll(row(), after=timedelta(hours=3))
    day.poll(row())
    assert [one.ending for one in day.ended] == [RunEnding.WHILE_AWAY]


def test_it_went_on_while_nobody_looked_and_the_gap_counts_little() -> None:
    day = Day()
    day.poll(row(train(sm=100)), times=2)
    day.poll(row(train(sm=0)), after=timedelta(hours=30))
    (record,) = day.records
    assert record.load_seconds <= (POLICY.longest_gap + 2 * POLL).total_seconds()


IDLE = row(train(sm=0), load_percent=0)


def test_memory_held_at_no_load_for_an_hour_is_told_once() -> None:
    day = Day()
    day.poll(row(train()), times=2)
    day.poll(IDLE, times=120)
    assert day.idle == []
    day.poll(IDLE)
    assert len(day.idle) == 1
    day.poll(row(train()))
    day.poll(IDLE, times=300)
    assert len(day.idle) == 1


def test_a_dip_is_no_idleness() -> None:
    day = Day()
    for _ in range(10):
        day.poll(IDLE, times=100)
        day.poll(row(train(sm=40)))
    assert day.idle == []


@pytest.mark.parametrize(
    "unsure",
    [
        row(train(sm=0), load_percent=90),  # every process says 0 on some cards
        row(train(sm=Unread("not_supported")), load_percent=Unread("not_supported")),
        row(train(sm=0), load_percent=Unread("error")),
    ],
)
def test_a_load_that_can_not_be_known_is_not_zero(unsure: CardReading) -> None:
    day = Day()
    day.poll(unsure, times=400)
    assert day.idle == []


def test_beside_one_that_computes_it_can_be_known() -> None:
    day = Day()
    day.poll(row(train(1, sm=0), train(2, "lisi", sm=95), load_percent=95), times=125)
    assert [one.member for one in day.idle] == [ZHANGSAN]


LOOKS = {
    "there": (row(train()),),
    "both": (row(train(1), train(2, "lisi")),),
    "gone": (row(),),
    "lost": (lost(),),
    "unread": (row(processes=Unread("timeout")),),
}


@given(st.lists(st.tuples(st.sampled_from(sorted(LOOKS)), st.sampled_from([0, 30, 300, 4000])), max_size=60))
def test_whatever_happens_a_run_ends_once_and_not_while_it_is_seen(looks: list[tuple[str, int]]) -> None:
    day = Day()
    for look, seconds in looks:
        before = len(day.ended)
        day.poll(*LOOKS[look], after=timedelta(seconds=seconds))
        if look == "both":
            assert len(day.ended) == before
        assert len(day.records) <= 2
        for record in (*day.records, *day.ended):
            assert record.started_at <= record.last_seen <= day.now
            assert record.ended_at is None or record.ended_at >= record.last_seen
