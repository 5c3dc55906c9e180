"""When the next message fits, and whose turn it is: what Telegram's limits mean for a bot that keeps them by itself."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from bot.demo.server.limits import FloodLimits
from bot.domain.line import Line, Ticket
from bot.domain.pace import Pace

NOON = datetime(2026, 11, 25, 12, tzinfo=timezone.utc)
GROUP, PERSON = -100, 100
# Pauses between messages, and how long each is on its way, in seconds.
traffic = st.lists(st.tuples(st.floats(0, 20), st.floats(0.001, 0.8)), max_size=100)


@given(traffic, st.sampled_from([GROUP, PERSON]))
def test_whoever_keeps_the_pace_is_never_refused_however_long_messages_take(
    messages: list[tuple[float, float]], chat: int
) -> None:
    pace, server, now = Pace(), FloodLimits(), NOON
    for pause, travels in messages:
        now += timedelta(seconds=pause)
        now += timedelta(seconds=pace.wait(chat, now))
        slip = pace.take(chat)
        arrives, answered = now + timedelta(seconds=travels / 3), now + timedelta(seconds=travels)
        assert server.take(chat, arrives) == 0
        slip.landed_at = now = answered


@given(traffic, st.integers(0, 60))
def test_the_wait_that_is_foretold_is_the_wait_there_is(messages: list[tuple[float, float]], ahead: int) -> None:
    pace, now = Pace(), NOON
    for pause, _ in messages:
        now += timedelta(seconds=pause)
        now += timedelta(seconds=pace.wait(GROUP, now))
        pace.take(GROUP).landed_at = now
    foretold = pace.wait(GROUP, now, ahead)
    begin = now
    for _ in range(ahead):
        now += timedelta(seconds=pace.wait(GROUP, now))
        pace.take(GROUP).landed_at = now
    waited = (now - begin).total_seconds() + pace.wait(GROUP, now)
    assert foretold <= waited + 0.001, "never foretold longer than it is"
    assert waited - foretold <= 5 * (ahead // 5 + 1), "and hardly shorter: only the pauses within a minute add up"


def test_a_group_gets_twenty_a_minute_and_a_person_is_not_kept_waiting_by_it() -> None:
    pace = Pace()
    for second in range(20):
        now = NOON + timedelta(seconds=second)
        assert pace.wait(GROUP, now) == 0
        pace.take(GROUP).landed_at = now
    now = NOON + timedelta(seconds=20)
    assert pace.wait(GROUP, now) == 40
    assert pace.wait(PERSON, now) == 0


def test_what_is_on_its_way_keeps_its_place() -> None:
    pace = Pace()
    slips = [pace.take(PERSON) for _ in range(5)]
    later = NOON + timedelta(minutes=5)
    assert pace.wait(PERSON, later) > 0
    slips[0].landed_at = NOON
    assert pace.wait(PERSON, later) == 0


def test_the_newest_edit_of_a_message_takes_the_place_of_the_older_one() -> None:
    line: Line[str] = Line()
    first = line.join(Ticket("board at 9:00", "board", "editMessageText"))
    line.join(Ticket("hello"))
    assert line.join(Ticket("board at 9:01", "board", "editMessageText")) is first
    assert [ticket.call for ticket in line.waiting] == ["board at 9:01", "hello"]


def test_new_messages_and_edits_of_others_each_keep_their_own_place() -> None:
    line: Line[str] = Line()
    tickets = [Ticket("a"), Ticket("b"), Ticket("c", "one"), Ticket("d", "two")]
    assert [line.join(ticket) for ticket in tickets] == tickets
    assert line.waiting == tickets


def test_a_text_and_a_picture_for_one_message_come_in_the_order_they_were_said() -> None:
    line: Line[str] = Line()
    for call, how in (("text 1", "text"), ("picture", "media"), ("text 2", "text")):
        line.join(Ticket(call, "message", how))
    assert [ticket.call for ticket in line.waiting] == ["text 1", "picture", "text 2"]


def test_an_edit_that_was_refused_is_dropped_if_a_newer_one_waits_and_first_again_if_not() -> None:
    line: Line[str] = Line()
    old = line.join(Ticket("old", "message"))
    line.leave(old)
    line.join(Ticket("hello"))
    assert line.back(old)
    assert line.waiting[0] is old
    line.leave(old)
    line.join(Ticket("new", "message"))
    assert not line.back(old)
    assert [ticket.call for ticket in line.waiting] == ["hello", "new"]
