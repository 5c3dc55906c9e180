"""Moving one's booking from under a run that goes on, by one tap, and back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.books import Books
from bot.domain.case import Case
from bot.domain.outcome import Booked, NotChanged, Undone
from bot.domain.policy import BookingPolicy, WatchPolicy
from bot.services.answers import AnswerService, NotFreeAnyMore, NotYours
from bot.services.changes import ChangeService
from bot.services.policies import Policies
from bot.services.reservations import ReservationService
from bot.services.telling import Teller
from storage.database import Database
from tests.services.test_watch import GIB, HOUR, WatchedLab


@pytest.fixture
async def lab(database: Database) -> WatchedLab:
    """zhangsan's run was on gpu0 when lisi's booking began; the watch has told so."""
    lab = WatchedLab(database, policy=WatchPolicy())
    lab.world.start_run("zhangsan", 0, "python a.py", GIB)
    await lab.look(4)
    lab.book("lisi", 0, 9)
    await lab.look(2)
    return lab


def answers(lab: WatchedLab) -> AnswerService:
    observed, policies = lab.observed, Policies(BookingPolicy())
    reservations = ReservationService(lab.database, lab.clock, policies, observed, lab.nobody_waits, lab.no_promise)
    teller = Teller(observed, lab.policy, has_group=True)
    return AnswerService(lab.database, lab.clock, reservations, teller, lab.nobody_waits)


def changes(lab: WatchedLab) -> ChangeService:
    return ChangeService(lab.database, lab.clock, Policies(BookingPolicy()), lab.nobody_waits)


def case_of(lab: WatchedLab) -> Case:
    def read(books: Books) -> Case:
        cases = books.cases.not_over_since(lab.clock.now())
        return next(case for case in cases if case.subject.kind.value == "trespass")

    return lab.database.read_now(read)


def held(lab: WatchedLab) -> list[tuple[str, timedelta]]:
    """The cards that lisi holds, and how long yet."""
    now = lab.clock.now()
    rows = lab.database.read_now(lambda books: books.ledger.of_member(lab.members["lisi"].id, now))
    names = {card.id: card.name for card in lab.world.cards}
    return [(names[row.card], row.window.end - now) for row in rows]


async def test_the_holder_is_told_in_private_with_a_way_out(lab: WatchedLab) -> None:
    assert lab.keys("lisi") == ["warning.shift"]
    (owed,) = lab.owed("lisi")
    assert [[b.data.split(":", 2)[2] for b in row] for row in owed.notice.message.buttons] == [["shift:1"], ["fine:"]]
    assert lab.keys(None) == ["warning.trespass"], "the group is told all the same"


async def test_one_tap_moves_the_rest_of_the_booking_and_undo_brings_it_back(lab: WatchedLab) -> None:
    before = held(lab)
    outcome = await answers(lab).shift(lab.members["lisi"], case_of(lab).id or 0, [1], "press:1")
    assert isinstance(outcome, Booked)
    assert [(name, left) for name, left in held(lab)] == [("gpu1", before[0][1])]
    await lab.look(2)
    assert lab.keys("lisi") == ["warning.trespass_shifted"]
    undone = await changes(lab).undo(lab.members["lisi"], "undo:1")
    assert isinstance(undone, Undone)
    assert undone.action == "shift"
    assert [name for name, _ in held(lab)] == ["gpu0"]
    assert held(lab)[0][1] > 8 * HOUR


async def test_once_somebody_took_the_old_card_it_can_not_be_undone(lab: WatchedLab) -> None:
    await answers(lab).shift(lab.members["lisi"], case_of(lab).id or 0, [1], "press:1")
    lab.book("zhangsan", 0, 2)
    outcome = await changes(lab).undo(lab.members["lisi"], "undo:1")
    assert isinstance(outcome, NotChanged)
    assert outcome.reason == "undo_taken"


async def test_nothing_moves_without_the_holder(lab: WatchedLab) -> None:
    for name in ("zhangsan", "prof"):
        outcome = await answers(lab).shift(lab.members[name], case_of(lab).id or 0, [1], "press:1")
        assert isinstance(outcome, NotYours)
    assert [name for name, _ in held(lab)] == ["gpu0"]


async def test_what_is_not_free_any_more_leaves_the_booking_where_it_is(lab: WatchedLab) -> None:
    lab.book("zhangsan", 1, 2)
    outcome = await answers(lab).shift(lab.members["lisi"], case_of(lab).id or 0, [1], "press:1")
    assert isinstance(outcome, NotFreeAnyMore)
    assert [name for name, _ in held(lab)] == ["gpu0"]


async def test_who_is_on_a_card_that_was_booked_already_moves_themselves(database: Database) -> None:
    lab = WatchedLab(database, policy=WatchPolicy())
    lab.book("lisi", 0, 9)
    lab.clock.advance(minutes=1)
    lab.world.start_run("zhangsan", 0, "python a.py", GIB)
    await lab.look(3)
    assert lab.keys("lisi") == []
    assert lab.keys(None) == ["warning.trespass"]
