"""The flood limits by themselves: what holds whatever a bot does."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from bot.demo.server.limits import FloodLimits

START = datetime(2026, 11, 25, tzinfo=timezone.utc)
GROUP, PERSON = -100, 100
pauses = st.lists(st.floats(min_value=0, max_value=20), max_size=120)


@given(pauses)
def test_a_group_never_gets_more_than_20_in_any_minute(between: list[float]) -> None:
    limits, now, sent = FloodLimits(), START, []
    for pause in between:
        now += timedelta(seconds=pause)
        if limits.take(GROUP, now) == 0:
            sent.append(now)
    for first, twenty_first in zip(sent, sent[20:], strict=False):
        assert twenty_first - first >= timedelta(minutes=1)


@given(pauses, st.sampled_from([GROUP, PERSON]))
def test_whoever_waits_as_long_as_told_is_let_through(between: list[float], chat: int) -> None:
    limits, now = FloodLimits(), START
    for pause in between:
        now += timedelta(seconds=pause)
        wait = limits.take(chat, now)
        if wait > 0:
            now += timedelta(seconds=wait + 0.001)
            assert limits.take(chat, now) == 0


@given(pauses)
def test_a_person_never_gets_more_than_the_slack_and_one_a_second(between: list[float]) -> None:
    limits, now, sent = FloodLimits(), START, []
    for pause in between:
        now += timedelta(seconds=pause)
        if limits.take(PERSON, now) == 0:
            sent.append(now)
    for index, begin in enumerate(sent):
        for count, end in enumerate(sent[index:], 1):
            assert count <= limits.chat_burst + (end - begin).total_seconds() + 1


def test_a_message_a_second_is_always_fine() -> None:
    limits = FloodLimits()
    assert all(limits.take(PERSON, START + timedelta(seconds=second)) == 0 for second in range(300))


def test_all_chats_together_get_30_a_second() -> None:
    limits = FloodLimits()
    waits = [limits.take(person, START) for person in range(1, 40)]
    assert waits.count(0) == 30
