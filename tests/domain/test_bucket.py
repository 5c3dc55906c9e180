"""Buckets: whatever is cut or added in whatever order, no second is lost, doubled or made up."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.bucket import (
    COARSE,
    FINE,
    CardUse,
    Level,
    MemberUse,
    bucket_start,
    card_uses,
    member_uses,
    parts,
    span_of,
)
from bot.domain.card import Card, CardId
from bot.domain.reservation import Kind, Reservation
from bot.domain.sample import CardReading, InInstance, OnHost, Process, Reading, Sample, Unread, Untraced
from bot.domain.window import Window
from tests.conftest import NOON

GAP = timedelta(minutes=10)
CARD = Card(CardId("host", "GPU-0"), 0, "NVIDIA A100", 80 << 30, "0000:1b:00.0")
OTHER = Card(CardId("host", "GPU-1"), 1, "NVIDIA A100", 80 << 30, "0000:1c:00.0")
IDS = (CARD.id, OTHER.id)
OWNERS = {"lisi": 7, "wangwu": 8}
HALF_A_MINUTE = Window.lasting(NOON, timedelta(seconds=30))


def process(origin: object = InInstance("lisi"), pid: int = 1) -> Process:
    assert isinstance(origin, InInstance | OnHost | Untraced)
    return Process(pid, origin, 1 << 30)


def reading(*processes: Process, card: Card = CARD, load: Reading[int] = 40, lost: Unread | None = None) -> CardReading:
    return CardReading(card, 10 << 30, 80 << 30, load, 61, processes=processes, lost=lost)


def sample(*readings: CardReading, at: datetime = HALF_A_MINUTE.end) -> Sample:
    return Sample("host", at, readings)


def held(start: datetime, hours: float, *, member: int = 7, memory: int | None = None, id_: int = 1) -> Reservation:
    window = Window.lasting(start, timedelta(hours=hours))
    return Reservation(id_, id_, CARD.id, member, window, memory, kind=Kind.BOOKING)


def one_card(use_of: Sample) -> CardUse:
    return next(u for u in card_uses(use_of, IDS, HALF_A_MINUTE, FINE.length) if u.card == CARD.id)


def members(of: Sample, *standing: Reservation, span: Window = HALF_A_MINUTE) -> list[MemberUse]:
    return list(member_uses(of, OWNERS, standing, span, FINE.length))


def test_a_reading_stands_for_the_time_since_the_one_before() -> None:
    use = one_card(sample(reading(process())))
    assert use.start == NOON
    assert (use.read_seconds, use.unread_seconds, use.busy_seconds) == (30, 0, 30)
    assert use.load == Level(40 * 30, 30, 40)
    assert use.memory.mean == 10 << 30
    assert use.temperature_highest == 61


def test_the_first_reading_and_one_after_a_long_silence_stand_for_nothing() -> None:
    now = sample(at=NOON)
    assert span_of(now, None, GAP) is None
    assert span_of(now, NOON, GAP) is None
    assert span_of(now, NOON - GAP - timedelta(seconds=1), GAP) is None
    assert span_of(now, NOON - GAP, GAP) == Window(NOON - GAP, NOON)


@pytest.mark.parametrize(
    "unheard",
    [
        sample(reading(lost=Unread("lost"))),
        sample(reading(card=OTHER)),
        Sample("host", HALF_A_MINUTE.end, (), Unread("timeout")),
    ],
    ids=["lost", "not in the sample", "the driver hangs"],
)
def test_a_card_that_does_not_answer_is_unread_and_nothing_else(unheard: Sample) -> None:
    use = one_card(unheard)
    assert use == CardUse(CARD.id, NOON, FINE.length, unread_seconds=30)
    assert use.load.mean is None
    assert [m for m in members(unheard, held(NOON, 4)) if m.card == CARD.id] == []


def test_a_value_that_is_not_known_does_not_pull_the_mean_down() -> None:
    use = one_card(sample(reading(process(), load=Unread("not_supported"))))
    assert use.load == Level()
    assert use.memory.seconds == 30
    assert (use.load + Level(900, 30, 30)).mean == 30


def test_processes_that_could_not_be_read_are_neither_use_nor_idleness() -> None:
    blind = CardReading(CARD, 1, 2, 3, 4, processes=Unread("no_permission"))
    use = one_card(sample(blind))
    assert (use.read_seconds, use.traced_seconds, use.busy_seconds) == (30, 0, 0)
    assert members(sample(blind), held(NOON, 4)) == []


def test_who_runs_has_used_and_who_holds_without_running_was_idle() -> None:
    seen = sample(reading(process(InInstance("wangwu"))))
    assert members(seen, held(NOON - GAP, 4)) == [
        MemberUse(8, CARD.id, NOON, FINE.length, used_seconds=30),
        MemberUse(7, CARD.id, NOON, FINE.length, idle_seconds=30),
    ]
    assert members(sample(reading(process())), held(NOON - GAP, 4)) == [
        MemberUse(7, CARD.id, NOON, FINE.length, used_seconds=30)
    ]


def test_nobody_is_counted_for_what_cannot_be_traced() -> None:
    seen = sample(reading(process(OnHost()), process(Untraced("x"), 2), process(InInstance("template"), 3)))
    assert members(seen) == []
    assert one_card(seen).busy_seconds == 30


def test_idleness_is_only_counted_while_the_booking_stands() -> None:
    begins = held(NOON + timedelta(seconds=20), 1)
    assert [m.idle_seconds for m in members(sample(reading()), begins)] == [10]
    assert members(sample(reading()), held(HALF_A_MINUTE.end, 1)) == []
    two_shares = (held(NOON - GAP, 1, memory=1 << 30), held(NOON - GAP, 1, memory=1 << 30, id_=2))
    assert [m.idle_seconds for m in members(sample(reading()), *two_shares)] == [30]


def test_maintenance_is_nobodys_idleness() -> None:
    closed = Reservation(1, 1, CARD.id, 7, Window.lasting(NOON, GAP), kind=Kind.MAINTENANCE)
    assert members(sample(reading()), closed) == []


instants = st.integers(0, 3 * 3600).map(lambda s: NOON + timedelta(seconds=s))


@given(st.lists(instants, min_size=2, max_size=30, unique=True), st.sampled_from([FINE.length, COARSE.length]))
def test_parts_lie_in_their_buckets_and_make_up_the_span(moments: list[datetime], length: timedelta) -> None:
    span = Window(min(moments), max(moments))
    cut = list(parts(span, length))
    assert [start for start, _ in cut] == sorted({start for start, _ in cut})
    for start, part in cut:
        assert bucket_start(part.start, length) == start
        assert part.end <= start + length
    assert cut[0][1].start == span.start
    assert cut[-1][1].end == span.end
    assert all(before.end == after.start for (_, before), (_, after) in pairwise(cut))


loads = st.one_of(st.integers(0, 100), st.just(None))


@given(
    st.lists(st.tuples(instants, loads, st.booleans()), min_size=2, max_size=40, unique_by=lambda t: t[0]),
    st.randoms(use_true_random=False),
)
def test_fine_buckets_add_up_to_the_coarse_ones_in_any_order(
    polls: list[tuple[datetime, int | None, bool]], random: object
) -> None:
    polls = sorted(polls, key=lambda poll: poll[0])
    uses: dict[timedelta, list[CardUse]] = {FINE.length: [], COARSE.length: []}
    for (before, _, _), (now, load, is_lost) in pairwise(polls):
        lost = Unread("lost") if is_lost else None
        taken = sample(reading(load=Unread("error") if load is None else load, lost=lost), at=now)
        span = span_of(taken, before, timedelta(days=1))
        assert span is not None
        for length, found in uses.items():
            found += card_uses(taken, [CARD.id], span, length)
    random.shuffle(uses[FINE.length])  # type: ignore[attr-defined]
    hours = summed(uses[FINE.length])
    for start, coarse in summed(uses[COARSE.length]).items():
        fine = hours[start]
        assert fine.read_seconds == pytest.approx(coarse.read_seconds)
        assert fine.unread_seconds == pytest.approx(coarse.unread_seconds)
        assert fine.load.highest == coarse.load.highest
        assert fine.load.mean == pytest.approx(coarse.load.mean)
        assert coarse.read_seconds + coarse.unread_seconds <= 3600 + 1e-6
        if coarse.load.mean is not None:
            assert 0 <= coarse.load.mean <= (coarse.load.highest or 0) + 1e-6
    total = (polls[-1][0] - polls[0][0]).total_seconds()
    assert sum(u.read_seconds + u.unread_seconds for u in hours.values()) == pytest.approx(total)


def summed(uses: list[CardUse]) -> dict[datetime, CardUse]:
    """By the hour."""
    hours: dict[datetime, CardUse] = defaultdict(lambda: CardUse(CARD.id, NOON, COARSE.length))
    for use in uses:
        hour = bucket_start(use.start, COARSE.length)
        old = hours[hour]
        hours[hour] = CardUse(
            CARD.id,
            hour,
            COARSE.length,
            old.read_seconds + use.read_seconds,
            old.unread_seconds + use.unread_seconds,
            old.load + use.load,
        )
    return dict(hours)
