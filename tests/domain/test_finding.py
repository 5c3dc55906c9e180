"""The rules of the watch as a table, and what must hold whatever is on the cards."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.evidence import Finding
from bot.domain.finding import judge
from bot.domain.policy import WatchPolicy
from bot.domain.reservation import FOR_THE_LINE, Kind, Reservation
from bot.domain.sample import CardReading, InInstance, Process, Sample, Unread, Xid
from tests.domain.watched_lab import (
    GIB,
    GPU0,
    GPU1,
    HOST,
    LISI,
    NOW,
    OWNERS,
    TOTAL,
    UNTRACED,
    VANISHED,
    WANGWU,
    ZHANGSAN,
    booking,
    lost,
    pids,
    process,
    row,
    sample,
)

POLICY = WatchPolicy()
NOT_READ = Unread("timeout")
PROJECT_B = InInstance("zhangsan", "b")


def judged(
    rows: CardReading | Sample, standing: list[Reservation], policy: WatchPolicy = POLICY
) -> tuple[Finding, ...]:
    return judge(rows if isinstance(rows, Sample) else sample(rows), standing, OWNERS, NOW, policy)


def words(findings: tuple[Finding, ...]) -> list[tuple[str, int | None, int | None]]:
    return [(finding.kind.value, finding.offender, finding.holder) for finding in findings]


Z, L, W = ZHANGSAN, LISI, WANGWU
ON = process  # ON(pid, home, gib)

TABLE = [
    # title, processes on gpu0, what stands, findings as (kind, offender, holder)
    ("an empty card", [], [], []),
    # Trespass.
    ("another's process on a booked card", [ON(1, "zhangsan"), ON(2, "lisi")], [booking(L)], [("trespass", Z, L)]),
    ("two trespassers", [ON(1, "zhangsan"), ON(2, "wangwu"), ON(3, "lisi")], [booking(L)],
     [("trespass", Z, L), ("trespass", W, L)]),
    ("the holder's own process", [ON(1, "lisi")], [booking(L)], []),
    ("the holder's second container", [ON(1, "wangwu-old")], [booking(W)], []),
    ("a maintenance window", [ON(1, "zhangsan")], [booking(L, kind=Kind.MAINTENANCE)], [("trespass", Z, L)]),
    ("an offer is no booking", [ON(1, "zhangsan")], [booking(L, kind=Kind.OFFER)], [("unbooked_use", Z, None)]),
    ("one's booking ended where another's began", [ON(1, "zhangsan", started=-5), ON(2, "lisi")],
     [booking(Z, start=-6, end=-2, number=1), booking(L, number=2)], [("trespass", Z, L)]),
    # The edges of the window, from both sides.
    ("it begins now", [ON(1, "zhangsan"), ON(2, "lisi")], [booking(L, start=0)], [("trespass", Z, L)]),
    ("it ends now", [ON(1, "zhangsan")], [booking(L, end=0)], [("unbooked_use", Z, None)]),
    ("it begins later", [ON(1, "zhangsan")], [booking(L, start=1)], [("unbooked_use", Z, None)]),
    ("it is on another card", [ON(1, "zhangsan")], [booking(L, card=GPU1)], [("unbooked_use", Z, None)]),
    # Who is nobody.
    ("a process of the host", [ON(1, HOST), ON(2, "lisi")], [booking(L)], []),
    ("an untraced process", [ON(1, UNTRACED), ON(2, "lisi")], [booking(L)], []),
    ("a container without a member", [ON(1, "web"), ON(2, "lisi")], [booking(L)], []),
    ("a container of that name in another project", [ON(1, PROJECT_B), ON(2, "lisi")], [booking(L)], []),
    # Nothing booked.
    ("alone on a free card", [ON(1, "zhangsan")], [], [("unbooked_use", Z, None)]),
    ("two on a free card", [ON(1, "zhangsan"), ON(2, "lisi")], [], [("collision", None, None)]),
    ("two containers of one member", [ON(1, "wangwu"), ON(2, "wangwu-old")], [], [("unbooked_use", W, None)]),
    ("a member and the host", [ON(1, "zhangsan"), ON(2, HOST)], [], [("unbooked_use", Z, None)]),
    ("it outlived one's booking", [ON(1, "zhangsan", started=-3)], [booking(Z, start=-4, end=-1)],
     [("overrun", Z, None)]),
    ("begun after one's booking", [ON(1, "zhangsan", started=-0.5)], [booking(Z, start=-4, end=-1)],
     [("unbooked_use", Z, None)]),
    ("begun nobody knows when", [ON(1, "zhangsan", started=NOT_READ)], [booking(Z, start=-4, end=-1)],
     [("unbooked_use", Z, None)]),
    ("it outlived another's booking", [ON(1, "zhangsan", started=-3)], [booking(L, start=-4, end=-1)],
     [("unbooked_use", Z, None)]),
    # Shares.
    ("within one's share", [ON(1, "lisi", 20)], [booking(L, share_gib=20)], []),
    ("a context more than one's share", [ON(1, "lisi", 20.4)], [booking(L, share_gib=20)], []),
    ("more than one's share", [ON(1, "lisi", 12), ON(2, "lisi", 12)], [booking(L, share_gib=20)],
     [("over_share", L, None)]),
    ("two shares of one's own", [ON(1, "lisi", 38)],
     [booking(L, share_gib=20, number=1), booking(L, share_gib=20, number=2)], []),
    ("no share, but there is room", [ON(1, "zhangsan", 50), ON(2, "lisi", 5)], [booking(L, share_gib=20)],
     [("unbooked_use", Z, None)]),
    ("no share and no room", [ON(1, "zhangsan", 62), ON(2, "lisi", 5)], [booking(L, share_gib=20)],
     [("over_share", Z, None)]),
    ("memory that can't be read is no over-share", [ON(1, "lisi", NOT_READ)], [booking(L, share_gib=20)], []),
    ("what can be read of it may be", [ON(1, "lisi", NOT_READ), ON(2, "lisi", 30)], [booking(L, share_gib=20)],
     [("over_share", L, None)]),
    # Idle.
    ("booked and empty", [], [booking(L)], [("idle_booking", None, L)]),
    ("booked, only another is there", [ON(1, "zhangsan")], [booking(L)],
     [("idle_booking", None, L), ("trespass", Z, L)]),
    ("maintenance is not idle", [], [booking(L, kind=Kind.MAINTENANCE)], []),
    ("an untraced process may be the holder's", [ON(1, UNTRACED)], [booking(L)], []),
    ("a holder without a container can't be seen", [], [booking(99)], []),
    ("two shares lie idle", [], [booking(L, share_gib=20, number=1), booking(Z, share_gib=20, number=2)],
     [("idle_booking", None, Z), ("idle_booking", None, L)]),
]  # fmt: skip


@pytest.mark.parametrize(("title", "processes", "standing", "expected"), TABLE, ids=[line[0] for line in TABLE])
def test_the_table(
    title: str,
    processes: list[Process],
    standing: list[Reservation],
    expected: list[tuple[str, int | None, int | None]],
) -> None:
    found = words(judged(row(*processes), standing))
    assert sorted(found, key=str) == sorted(expected, key=str)


def test_evidence_of_a_trespass() -> None:
    trespasser, holders_own = process(1, "zhangsan", 30), process(2, "lisi")
    reservation, before = booking(LISI, number=7), booking(ZHANGSAN, start=-5, end=-2, number=6)
    (finding,) = judged(row(trespasser, holders_own), [reservation, before])
    assert finding.card == GPU0
    assert finding.processes == (trespasser,)
    assert finding.members == (ZHANGSAN,)
    assert finding.reservation == reservation
    assert finding.memory_bytes == 30 * GIB
    assert finding.seen_at == NOW
    assert finding.ended is None  # their process began after their own booking ended


def test_a_trespass_that_began_in_ones_own_time_says_so() -> None:
    before = booking(ZHANGSAN, start=-5, end=-2, number=6)
    rows = row(process(1, "zhangsan", started=-3), process(2, "lisi"))
    (finding,) = judged(rows, [before, booking(LISI, number=7)])
    assert finding.ended == before


def test_evidence_of_a_collision() -> None:
    (finding,) = judged(row(process(2, "zhangsan"), process(1, "lisi"), process(3, HOST)), [])
    assert finding.members == (ZHANGSAN, LISI)
    assert sorted(pids(finding.processes)) == [1, 2]


def test_over_share_says_how_much() -> None:
    (finding,) = judged(row(process(1, "lisi", 24)), [booking(LISI, share_gib=20)])
    assert (finding.amount, finding.allowed) == (24 * GIB, 20 * GIB)


@pytest.mark.parametrize(
    ("readings", "aspect", "amount"),
    [
        ({"temperature_celsius": 89}, None, None),
        ({"temperature_celsius": 90}, "hot", 90),
        ({"temperature_celsius": NOT_READ}, None, None),
        ({"ecc_uncorrected": 2}, "ecc", 2),
        ({"ecc_uncorrected": Unread("not_supported")}, None, None),
        ({"throttled_by": frozenset({"power_cap"})}, None, None),
        ({"throttled_by": frozenset({"power_cap", "hw_thermal"})}, "throttled", None),
        ({"throttled_by": NOT_READ}, None, None),
        ({"xid": None}, None, None),
        ({"xid": NOT_READ}, None, None),
        ({"xid": Xid(48, NOW - timedelta(minutes=10))}, None, None),
        ({"xid": Xid(48, NOW - timedelta(minutes=9, seconds=59))}, "xid", 48),
        ({"xid": Xid(48, NOW + timedelta(seconds=1))}, "xid", 48),  # it came while the cards were being read
    ],
)
def test_sick_card(readings: dict[str, object], aspect: str | None, amount: int | None) -> None:
    found = [(finding.aspect, finding.amount) for finding in judged(row(**readings), [])]
    assert found == ([] if aspect is None else [(aspect, amount)])


def test_an_xid_is_told_to_the_holder_with_its_time() -> None:
    (finding,) = judged(row(xid=Xid(31, NOW), processes=NOT_READ), [booking(LISI)])
    assert (finding.affected, finding.reservation) == ((LISI,), booking(LISI))
    assert finding.detail == "XID 31, 2026-11-25 14:00:00 UTC"


def test_another_xid_is_worth_an_edit_and_another_degree_is_not() -> None:
    first, second = (judged(row(xid=Xid(code, NOW)), [])[0] for code in (31, 48))
    assert not first.looks_like(second)
    assert first.looks_like(judged(row(xid=Xid(31, NOW - timedelta(minutes=5))), [])[0])
    warm, warmer = (judged(row(temperature_celsius=degrees), [])[0] for degrees in (91, 92))
    assert warm.looks_like(warmer)


def test_polls_far_apart_see_an_xid_as_long_as_the_gap_they_may_have() -> None:
    policy = WatchPolicy(longest_gap=timedelta(minutes=40))
    old = row(xid=Xid(48, NOW - timedelta(minutes=39)))
    assert [finding.aspect for finding in judged(old, [], policy)] == ["xid"]


def test_a_lost_card_names_its_xid_and_is_one_finding() -> None:
    (finding,) = judged(replace(lost(), xid=Xid(79, NOW)), [])
    assert (finding.aspect, finding.detail) == ("lost", "lost: GPU is lost (XID 79)")


def test_a_lost_card_is_sick_and_says_nothing_else() -> None:
    (finding,) = judged(lost(), [booking(LISI)])
    assert (finding.kind.value, finding.aspect, finding.detail) == ("sick_card", "lost", "lost: GPU is lost")
    assert finding.reservation == booking(LISI)  # who will want to know


@pytest.mark.parametrize(
    ("rows", "amount"),
    [
        (row(process(1, "lisi", 10), memory_used_bytes=10 * GIB), None),
        (row(process(1, "lisi", 10), memory_used_bytes=11 * GIB), None),
        (row(process(1, "lisi", 10), memory_used_bytes=11 * GIB + 1), GIB + 1),
        (row(process(1, "lisi", 10), process(2, VANISHED, 70)), 70 * GIB),
        (row(process(1, "lisi", NOT_READ), memory_used_bytes=70 * GIB), None),
        (row(process(1, "lisi", 10), memory_used_bytes=NOT_READ), None),
        (row(process(1, HOST, 10), process(2, UNTRACED, 10)), None),
    ],
)
def test_unexplained_memory(rows: CardReading, amount: int | None) -> None:
    found = [finding.amount for finding in judged(rows, []) if finding.kind.value == "unexplained_memory"]
    assert found == ([] if amount is None else [amount])


def test_nothing_is_said_of_what_was_not_read() -> None:
    standing = [booking(LISI)]
    assert judged(row(processes=NOT_READ), standing) == ()
    assert judged(sample(trouble=NOT_READ), standing) == ()
    assert judged(sample(row(process(1, "zhangsan")), trouble=NOT_READ), standing) == ()


# What must hold whatever is on the cards.

homes = st.sampled_from(["zhangsan", "lisi", "wangwu", "wangwu-old", "web", PROJECT_B, HOST, UNTRACED, VANISHED])
memories = st.one_of(st.integers(0, 80), st.just(NOT_READ))
times = st.integers(-6, 6)


@st.composite
def processes_of_a_card(draw: st.DrawFn, first_pid: int) -> list[Process]:
    return [
        process(first_pid + number, draw(homes), draw(memories), draw(st.integers(-8, 0)))
        for number in range(draw(st.integers(0, 5)))
    ]


@st.composite
def cards_as_read(draw: st.DrawFn) -> list[CardReading]:
    rows = []
    for number, card in enumerate((GPU0, GPU1)):
        state = draw(st.sampled_from(["fine", "fine", "fine", "unread", "lost"]))
        processes = draw(processes_of_a_card(first_pid=100 * number + 1))
        fine = row(*processes, card=card, memory_used_bytes=draw(st.integers(0, TOTAL)))
        rows.append({"fine": fine, "unread": row(card=card, processes=NOT_READ), "lost": lost(card)}[state])
    return rows


@st.composite
def bookings(draw: st.DrawFn) -> list[Reservation]:
    made = []
    for number in range(draw(st.integers(0, 5))):
        start = draw(times)
        made.append(
            booking(
                draw(st.sampled_from([ZHANGSAN, LISI, WANGWU, 99])),
                start=start,
                end=start + draw(st.integers(1, 4)),
                share_gib=draw(st.sampled_from([None, 10, 40])),
                number=number,
                card=draw(st.sampled_from([GPU0, GPU1])),
                kind=draw(st.sampled_from(list(Kind))),
            )
        )
    return made


@given(cards_as_read(), bookings(), st.randoms(use_true_random=False))
def test_order_does_not_matter(rows: list[CardReading], standing: list[Reservation], dice: object) -> None:
    expected = judged(sample(*rows), standing)
    for shuffled_rows in permutations(rows):
        shuffled = list(standing)
        dice.shuffle(shuffled)  # type: ignore[attr-defined]
        assert judged(sample(*(turned(one) for one in shuffled_rows)), shuffled) == expected


def turned(one: CardReading) -> CardReading:
    """The same row with its processes the other way round."""
    if one.lost is not None or isinstance(one.processes, Unread):
        return one
    return row(*reversed(one.processes), card=one.card, memory_used_bytes=one.memory_used_bytes)


@given(cards_as_read(), bookings())
def test_nobody_is_named_without_a_process_of_theirs_on_that_card(
    rows: list[CardReading], standing: list[Reservation]
) -> None:
    for finding in judged(sample(*rows), standing):
        (one,) = [one for one in rows if one.card == finding.card]
        on_card = () if isinstance(one.processes, Unread) or one.lost else one.processes
        present = {
            OWNERS.get(p.origin.instance) for p in on_card if p.origin != PROJECT_B and isinstance(p.origin, InInstance)
        }
        assert set(finding.members) <= present
        assert finding.offender is None or finding.offender in finding.members
        assert set(finding.processes) <= set(on_card)


@given(cards_as_read(), bookings())
def test_a_holder_is_never_accused_of_being_there(rows: list[CardReading], standing: list[Reservation]) -> None:
    for finding in judged(sample(*rows), standing):
        holders = {
            one.member_id
            for one in standing
            if one.card == finding.card.id and one.window.contains(NOW) and one.kind not in FOR_THE_LINE
        }
        if finding.kind.value in ("trespass", "unbooked_use", "overrun", "collision"):
            assert holders.isdisjoint(finding.members)
        assert finding.offender != finding.holder or finding.offender is None


@given(cards_as_read(), bookings())
def test_an_unreadable_card_accuses_nobody(rows: list[CardReading], standing: list[Reservation]) -> None:
    unreadable = {one.card for one in rows if one.lost or isinstance(one.processes, Unread)}
    for finding in judged(sample(*rows), standing):
        assert finding.card not in unreadable or finding.kind.value == "sick_card"


@given(cards_as_read(), bookings())
def test_one_story_one_finding(rows: list[CardReading], standing: list[Reservation]) -> None:
    stories = [finding.story for finding in judged(sample(*rows), standing)]
    assert len(stories) == len(set(stories))
