"""The week in numbers: what adds up, what is unknown, and what counts as a promise kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.board import Holding
from bot.domain.bucket import COARSE, FINE, CardUse, Level, MemberUse
from bot.domain.card import Card, CardId
from bot.domain.digest import digest, disturbances, week_before
from bot.domain.member import Member, Role
from bot.domain.past import Past
from bot.domain.reservation import Kind, Reservation
from bot.domain.window import Window

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=SHANGHAI)
WEEK = week_before(MONDAY, SHANGHAI)
CARDS = tuple(Card(CardId("h", f"GPU-{n}"), n, "A100", 80 << 30, "") for n in range(2))
LI, WANG, ANNA = (
    Member(n, name.lower(), Role.STUDENT, None, name, None) for n, name in ((1, "Li"), (2, "Wang"), (3, "anna"))
)


def booked(
    hours_in: float,
    hours: float,
    *,
    member: int = 1,
    id_: int = 1,
    memory: int | None = None,
    kind: Kind = Kind.BOOKING,
) -> Reservation:
    window = Window.lasting(WEEK.start + timedelta(hours=hours_in), timedelta(hours=hours))
    return Reservation(id_, id_, CARDS[0].id, member, window, memory, kind=kind)


def hour(hours_in: int, busy: float, *, card: int = 0, traced: float = 3600) -> CardUse:
    start = WEEK.start + timedelta(hours=hours_in)
    return CardUse(CARDS[card].id, start, COARSE.length, 3600, 0, Level(180000, 3600, 90), Level(), 60, traced, busy)


def past(
    reservations: Sequence[Reservation] = (), uses: Sequence[CardUse] = (), members: Sequence[MemberUse] = ()
) -> Past:
    people = (LI, WANG, ANNA)
    holdings = tuple(Holding(r, None) for r in reservations)
    return Past(WEEK, MONDAY, CARDS, holdings, people, COARSE, tuple(uses), tuple(members))


def on_card(member: int, minutes_in: int, seconds: float = 300) -> MemberUse:
    start = WEEK.start + timedelta(minutes=minutes_in)
    return MemberUse(member, CARDS[0].id, start, FINE.length, used_seconds=seconds)


def test_the_week_is_the_seven_days_before_the_last_midnight_of_the_labs_clock() -> None:
    assert WEEK.start == datetime(2026, 11, 16, tzinfo=SHANGHAI)
    assert WEEK.end == datetime(2026, 11, 23, tzinfo=SHANGHAI)
    over_the_change = week_before(datetime(2026, 10, 26, 9, tzinfo=BERLIN), BERLIN)
    assert over_the_change.duration == timedelta(days=7, hours=1)


def test_hours_outside_the_week_do_not_count() -> None:
    week = digest(past([booked(-10, 12), booked(167, 100, id_=2)]), [], SHANGHAI)
    assert [m.booked_hours for m in week.members] == [3]
    assert week.booked_hours == 3


def test_two_shares_of_a_card_are_each_members_hours_and_one_hour_of_the_card() -> None:
    shares = [booked(0, 4, memory=1 << 30), booked(2, 4, memory=1 << 30, member=2, id_=2)]
    week = digest(past(shares), [], SHANGHAI)
    assert [(m.member, m.booked_hours) for m in week.members] == [(LI, 4), (WANG, 4)]
    assert week.cards[0].booked_hours == 6
    assert week.promises == 0


def test_people_come_by_name_and_only_those_who_booked_or_used() -> None:
    used = [MemberUse(3, CARDS[0].id, WEEK.start, WEEK.duration, used_seconds=7200)]
    week = digest(past([booked(0, 4, member=2)], members=used), [], SHANGHAI)
    assert [(m.member, m.booked_hours, m.used_hours) for m in week.members] == [(ANNA, 0, 2), (WANG, 4, 0)]


def test_maintenance_and_offers_are_nobodys_hours() -> None:
    closed = [booked(0, 4, kind=Kind.MAINTENANCE), booked(5, 4, kind=Kind.OFFER, id_=2)]
    week = digest(past(closed), [], SHANGHAI)
    assert (week.members, week.booked_hours, week.promises) == ((), 0, 0)


def test_an_hour_is_the_share_of_cards_that_were_in_use_where_that_is_known() -> None:
    uses = [hour(9, 3600), hour(9, 1800, card=1), hour(10, 3600), hour(11, 0, traced=0)]
    week = digest(past(uses=uses), [], SHANGHAI)
    assert len(week.days) == 7
    assert week.days[0].shares[9:13] == (0.75, 1.0, None, None)
    assert week.busy_hours == 2.5
    assert week.known_hours == 3
    assert week.cards[0].load == 50


def test_a_promise_is_kept_when_nobody_else_was_on_the_card() -> None:
    two = [booked(0, 1), booked(1, 1, member=2, id_=2)]
    # Li is still there for a bucket that straddles nothing but lies in Wang's booking, then for two more.
    assert digest(past(two), [on_card(1, 0), on_card(2, 60)], SHANGHAI).kept == 2
    assert digest(past(two), [on_card(1, 60, 240)], SHANGHAI).kept == 2
    late = digest(past(two), [on_card(1, 60), on_card(1, 65)], SHANGHAI)
    assert (late.promises, late.kept) == (2, 1)


def test_a_bucket_over_the_edge_of_a_booking_proves_nothing() -> None:
    from_three_past = Reservation(
        1, 1, CARDS[0].id, 1, Window.lasting(WEEK.start + timedelta(minutes=3), timedelta(minutes=14))
    )
    found = disturbances([from_three_past], [on_card(2, 0), on_card(2, 5, 100), on_card(2, 15)])
    assert found == {1: timedelta(seconds=100)}


@given(
    st.lists(st.tuples(st.integers(0, 167), st.floats(0, 3600)), max_size=60, unique_by=lambda u: u[0]), st.randoms()
)
def test_the_order_of_buckets_does_not_matter_and_no_hour_is_lost(
    hours: list[tuple[int, float]], random: object
) -> None:
    uses = [hour(number, busy) for number, busy in hours]
    week = digest(past(uses=uses), [], SHANGHAI)
    random.shuffle(uses)  # type: ignore[attr-defined]
    again = digest(past(uses=uses), [], SHANGHAI)
    assert again.days == week.days
    assert week.busy_hours == pytest.approx(sum(busy for _, busy in hours) / 3600)
    shares = [share for day in week.days for share in day.shares if share is not None]
    assert len(shares) == len(hours)
    assert all(0 <= share <= 1 for share in shares)


def test_the_hour_that_the_clocks_repeat_is_the_mean_of_both() -> None:
    window = week_before(datetime(2026, 10, 26, 9, tzinfo=BERLIN), BERLIN)
    first = datetime(2026, 10, 25, 0, 0, tzinfo=timezone.utc)
    uses = tuple(
        CardUse(CARDS[0].id, first + timedelta(hours=n), COARSE.length, 3600, 0, traced_seconds=3600, busy_seconds=busy)
        for n, busy in ((0, 3600.0), (1, 0.0))
    )
    week = digest(Past(window, window.end, CARDS, (), (), COARSE, uses, ()), [], BERLIN)
    assert len(week.days) == 7
    assert week.days[-1].shares[2] == 0.5
