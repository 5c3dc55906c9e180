"""When people hear of a finding: a played-through evening, the edges, and what must hold for any evening."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.finding import judge
from bot.domain.policy import WatchPolicy
from bot.domain.sample import CardReading, Sample, Unread
from bot.domain.sight import seen
from bot.domain.story import Chapter, Ending, Story, follow
from tests.domain.watched_lab import (
    GPU1,
    LISI,
    NOW,
    OWNERS,
    UNTRACED,
    VANISHED,
    ZHANGSAN,
    booking,
    lost,
    process,
    row,
    sample,
)

POLL = timedelta(seconds=30)
POLICY = WatchPolicy()
STANDING = [booking(LISI, start=-2, end=100)]
HOLDER = process(9, "lisi")

CLEAN = row(HOLDER)
TRESPASS = row(process(1, "zhangsan"), HOLDER)
OTHER_PROCESS = row(process(2, "zhangsan"), HOLDER)
UNREAD = row(processes=Unread("timeout"))
LOST = lost()


@dataclass
class Evening:
    """Feeds polls to judge and follow as the watch does; `log` is what was done at each poll, by minute."""

    standing: list = field(default_factory=lambda: list(STANDING))
    policy: WatchPolicy = POLICY
    now: datetime = NOW
    stories: tuple[Story, ...] = ()
    log: list[tuple[float, str, str]] = field(default_factory=list)

    def poll(self, *rows: CardReading, times: int = 1, after: timedelta = POLL) -> Chapter:
        chapter = Chapter()
        for _ in range(times):
            self.now += after
            chapter = self._judge(sample(*rows, at=self.now))
        return chapter

    def trouble(self) -> Chapter:
        self.now += POLL
        return self._judge(sample(at=self.now, trouble=Unread("timeout")))

    def _judge(self, taken: Sample) -> Chapter:
        findings = judge(taken, self.standing, OWNERS, self.now, self.policy)
        chapter = follow(self.stories, findings, seen(taken), self.policy, self.now)
        minute = (self.now - NOW).total_seconds() / 60
        for move in ("opened", "reopened", "updated", "resolved"):
            self.log += [(minute, move, story.key.kind.value) for story in getattr(chapter, move)]
        self.stories = chapter.stories
        return chapter

    def moves(self) -> list[str]:
        return [move for _, move, _ in self.log]


def test_a_warning_at_the_second_poll_and_its_end() -> None:
    evening = Evening()
    assert evening.poll(TRESPASS).opened == ()
    (warned,) = evening.poll(TRESPASS).opened
    assert (warned.first_seen, warned.warned_at, warned.polls) == (NOW + POLL, NOW + 2 * POLL, 2)
    assert evening.poll(TRESPASS, times=3) == Chapter(stories=evening.stories)  # the same again is no news
    (resolved,) = evening.poll(CLEAN).resolved
    assert (resolved.ended_at, resolved.ending) == (evening.now, Ending.OVER)
    assert resolved.last_seen == evening.now - POLL
    assert resolved.finding.processes[0].pid == 1  # the evidence stays with it


def test_a_booking_that_ends_under_a_trespass_ends_it_too() -> None:
    evening = Evening()
    evening.poll(TRESPASS, times=2)
    evening.standing = []
    (ended,) = evening.poll(TRESPASS).resolved
    assert ended.ending is Ending.ALLOWED  # nobody left; it must not be said that somebody did


def test_a_process_that_has_just_died_has_left_though_the_driver_lists_it_yet() -> None:
    evening = Evening()
    evening.poll(TRESPASS, times=2)
    (ended,) = evening.poll(row(process(1, VANISHED), HOLDER)).resolved
    assert ended.ending is Ending.OVER


def test_once_is_not_enough() -> None:
    evening = Evening()
    for _ in range(20):
        evening.poll(TRESPASS)
        evening.poll(CLEAN)
    assert evening.log == []
    assert evening.stories == ()


def test_another_process_changes_the_message() -> None:
    evening = Evening()
    evening.poll(TRESPASS, times=2)
    (updated,) = evening.poll(OTHER_PROCESS).updated
    assert [one.pid for one in updated.finding.processes] == [2]
    assert evening.moves() == ["opened", "updated"]


def test_flicker_is_one_message() -> None:
    evening = Evening()
    evening.poll(TRESPASS, times=2)
    for _ in range(10):
        evening.poll(CLEAN)
        evening.poll(TRESPASS, times=2)
    assert evening.moves() == ["opened", *["resolved", "reopened"] * 10]


def test_one_stray_poll_does_not_reopen() -> None:
    evening = Evening()
    evening.poll(TRESPASS, times=2)
    for _ in range(10):
        evening.poll(CLEAN)
        evening.poll(TRESPASS)
    assert evening.moves() == ["opened", "resolved"]


def test_a_short_quiet_time_makes_no_repetition() -> None:
    evening = Evening(policy=WatchPolicy(quiet_after=timedelta(minutes=1)))
    evening.poll(TRESPASS, times=2)
    evening.poll(CLEAN, times=10)
    evening.poll(TRESPASS, times=2)
    assert evening.moves() == ["opened", "resolved", "reopened"]


def test_back_after_the_quiet_time_is_a_new_story() -> None:
    evening = Evening()
    evening.poll(TRESPASS, times=2)
    evening.poll(CLEAN, times=62)
    assert evening.stories == ()
    evening.poll(TRESPASS, times=2)
    assert evening.moves() == ["opened", "resolved", "opened"]
    assert evening.stories[0].first_seen > NOW + timedelta(minutes=30)


def test_back_just_as_the_quiet_time_ends_reopens_at_the_second_poll() -> None:
    evening = Evening()
    evening.poll(TRESPASS, times=2)
    evening.poll(CLEAN, times=60)
    evening.poll(TRESPASS, times=2)
    assert evening.log[2:] == [(32, "reopened", "trespass")]


def test_an_unreadable_card_neither_begins_advances_nor_ends() -> None:
    for blind in (UNREAD, LOST):
        evening = Evening()
        evening.poll(TRESPASS)
        evening.poll(blind, times=3)
        assert "trespass" not in {kind for _, _, kind in evening.log}
        evening.poll(TRESPASS)
        evening.poll(blind, times=3)
        evening.poll(CLEAN)
        moves = [(move, kind) for _, move, kind in evening.log if kind == "trespass"]
        assert moves == [("opened", "trespass"), ("resolved", "trespass")]


def test_a_hung_driver_ends_nothing() -> None:
    evening = Evening()
    evening.poll(TRESPASS, times=2)
    for _ in range(10):
        assert evening.trouble() == Chapter(stories=evening.stories)
    assert evening.stories[0].is_open


def test_a_card_that_is_gone_from_the_sample_ends_nothing() -> None:
    evening = Evening()
    evening.poll(TRESPASS, times=2)
    evening.poll(row(card=GPU1), times=3)
    assert evening.stories[0].is_open


def test_out_of_sight_for_a_day_is_over() -> None:
    evening = Evening()
    evening.poll(TRESPASS, times=2)
    (ended,) = evening.poll(UNREAD, after=timedelta(hours=25)).resolved
    assert ended.ending is Ending.LOST_SIGHT


def test_a_process_that_hides_ends_nothing_one_that_vanished_does() -> None:
    evening = Evening()
    evening.poll(TRESPASS, times=2)
    assert evening.poll(row(process(1, UNTRACED), HOLDER)).resolved == ()
    assert len(evening.poll(row(process(1, VANISHED), HOLDER)).resolved) == 1


def test_a_lost_card_is_a_story_of_its_own() -> None:
    evening = Evening()
    evening.poll(LOST, times=3)
    evening.poll(UNREAD)
    assert evening.log == [(1, "opened", "sick_card"), (2, "resolved", "sick_card")]


def test_noticed_before_a_long_gap_does_not_count() -> None:
    evening = Evening()
    evening.poll(TRESPASS)
    evening.poll(TRESPASS, after=timedelta(hours=3))  # the bot was down
    assert evening.log == []
    evening.poll(TRESPASS)
    assert evening.moves() == ["opened"]


def test_a_restart_keeps_an_open_story() -> None:
    evening = Evening()
    evening.poll(TRESPASS, times=2)
    evening.poll(TRESPASS, after=timedelta(minutes=20))
    assert evening.moves() == ["opened"]


def test_the_same_poll_twice_changes_nothing() -> None:
    evening = Evening()
    evening.poll(TRESPASS)
    before = evening.stories
    assert evening.poll(TRESPASS, after=timedelta(0)) == Chapter(stories=before)


def test_an_idle_booking_is_told_after_two_hours_and_once() -> None:
    evening = Evening()
    evening.poll(row(), times=241 * 3)
    assert evening.log == [(120.5, "opened", "idle_booking")]


def test_a_booking_made_a_moment_ago_has_not_lain_idle_as_long_as_the_one_before() -> None:
    evening = Evening(standing=[booking(LISI, start=-2, end=3, number=1)])
    evening.poll(row(), times=242)
    evening.standing = []  # given back
    evening.poll(row(), times=4)
    evening.standing = [booking(LISI, start=2, end=9, number=2)]
    evening.poll(row(), times=241)
    assert evening.log[1:] == [(121.5, "resolved", "idle_booking"), (243.5, "opened", "idle_booking")]


def test_an_overrun_gets_some_minutes_a_trespass_does_not() -> None:
    evening = Evening(standing=[booking(ZHANGSAN, start=-3, end=0)])
    evening.poll(row(process(1, "zhangsan", started=-2)), times=20)
    assert evening.log == [(5.5, "opened", "overrun")]


# Any evening.

LOOKS = {"clean": CLEAN, "trespass": TRESPASS, "other": OTHER_PROCESS, "unread": UNREAD, "lost": LOST, "idle": row()}
polls = st.lists(st.tuples(st.sampled_from([*LOOKS, "trouble"]), st.sampled_from([30, 60, 600, 2400])), max_size=60)


@settings(max_examples=200)
@given(polls)
def test_no_evening_spams_or_accuses_too_soon(evening_of: list[tuple[str, int]]) -> None:
    evening = Evening()
    shown: list[tuple[datetime, str]] = []
    for look, seconds in evening_of:
        after = timedelta(seconds=seconds)
        if look == "trouble":
            evening.trouble()
        else:
            evening.poll(LOOKS[look], after=after)
        shown.append((evening.now, look))
    told = [minute for minute, move, kind in evening.log if (move, kind) == ("opened", "trespass")]
    assert all(later - earlier >= 30 for earlier, later in pairwise(told))
    for minute, move, kind in evening.log:
        if kind == "trespass" and move != "resolved":
            place = next(i for i, (at, _) in enumerate(shown) if at == NOW + timedelta(minutes=minute))
            judged_polls = [look for _, look in shown[: place + 1] if look not in ("unread", "lost", "trouble")]
            assert {"trespass", "other"} >= set(judged_polls[-2:])
    open_moves = {"opened": True, "reopened": True, "updated": True, "resolved": False}
    state = False
    for _, move, kind in evening.log:
        if kind == "trespass":
            assert move != "resolved" or state
            assert move != "updated" or state
            state = open_moves[move]
    assert state == any(story.is_open for story in evening.stories if story.key.kind.value == "trespass")


@given(polls, st.randoms(use_true_random=False))
def test_order_does_not_matter(evening_of: list[tuple[str, int]], dice: object) -> None:
    evening = Evening()
    for look, seconds in evening_of:
        if look != "trouble":
            evening.poll(
                LOOKS[look],
                row(process(5, "lisi"), process(6, "zhangsan"), card=GPU1),
                after=timedelta(seconds=seconds),
            )
    taken = sample(TRESPASS, row(process(5, "lisi"), process(6, "zhangsan"), card=GPU1), at=evening.now + POLL)
    findings = list(judge(taken, STANDING, OWNERS, evening.now + POLL, POLICY))
    stories = list(evening.stories)
    expected = follow(stories, findings, seen(taken), POLICY, evening.now + POLL)
    dice.shuffle(stories)  # type: ignore[attr-defined]
    dice.shuffle(findings)  # type: ignore[attr-defined]
    assert follow(stories, findings, seen(taken), POLICY, evening.now + POLL) == expected
