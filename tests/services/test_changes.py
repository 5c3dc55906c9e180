"""Changes at awkward instants: what a second's rounding or somebody else's booking in between must not break."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bot.books import Books
from bot.domain.card import Card, CardId
from bot.domain.member import Member, Role
from bot.domain.outcome import Blocked, Extended, NotChanged, Undone
from bot.domain.policy import BookingPolicy
from bot.domain.reservation import Request
from bot.domain.window import Window
from bot.services.administration import AdministrationService
from bot.services.changes import ChangeService, Chooser
from bot.services.policies import Policies
from storage.database import Database
from tests.conftest import FakeClock

CARD = Card(CardId("host", "GPU-0"), 0, "A100", 80 << 30, "0000:01:00.0")
OTHER = Card(CardId("host", "GPU-1"), 1, "A100", 80 << 30, "0000:02:00.0")


def nobody_waits(_books: Books, _now: object) -> None:
    return None


class Ledger:
    """A ledger with an admin and two students, and the services that change it."""

    def __init__(self, database: Database, clock: FakeClock, policy: BookingPolicy | None = None) -> None:
        policies = Policies(policy or BookingPolicy())
        self.database, self.clock = database, clock
        self.changes = ChangeService(database, clock, policies, nobody_waits)
        self.administration = AdministrationService(database, clock, policies, nobody_waits)
        now = clock.now()
        database.write_now(lambda books: books.cards.see([CARD, OTHER], now))
        roles = (("boss", Role.ADMIN), ("lisi", Role.STUDENT), ("wangwu", Role.STUDENT))
        self.boss, self.lisi, self.wangwu = (
            database.write_now(lambda books, n=name, r=role: books.members.add(n, r, now)) for name, role in roles
        )

    def book(self, member: Member, hours: float, card: Card = CARD, *, after_hours: float = 0) -> None:
        now = self.clock.now()
        window = Window.lasting(now + timedelta(hours=after_hours), timedelta(hours=hours))
        request = Request(member, (card,), window)

        def work(books: Books) -> None:
            made = books.ledger.add(request, now, origin=None)
            books.audit.record("reserve", f"booking:{made[0].booking}", now, actor=member.id)

        self.database.write_now(work)


@pytest.fixture
def ledger(database: Database, clock: FakeClock) -> Ledger:
    return Ledger(database, clock)


@pytest.mark.parametrize("late_seconds", [0.0, 0.2, 1.0, 30.0])
async def test_a_card_is_closed_from_now_although_the_decision_comes_a_moment_later(
    ledger: Ledger, late_seconds: float
) -> None:
    """The window was read before the transaction began; a second may have turned in between."""
    ledger.book(ledger.lisi, 4)
    ledger.clock.advance(minutes=10, milliseconds=900)
    window = Window.lasting(ledger.clock.now(), timedelta(hours=2))
    ledger.clock.advance(seconds=late_seconds)
    outcome = await ledger.administration.block(ledger.boss, [CARD], window, "new fan", "update:1")
    assert isinstance(outcome, Blocked)
    assert [revoked.member for revoked in outcome.revoked] == [ledger.lisi]


class RestlessClock(FakeClock):
    """Time passes while one looks at it."""

    def now(self) -> datetime:
        return self.advance(milliseconds=60)


@pytest.mark.parametrize("milliseconds", range(0, 1000, 50))
async def test_a_second_that_turns_while_a_card_is_closed_does_not_stop_it(
    database: Database, milliseconds: int
) -> None:
    """What is taken back ends at one instant, and maintenance begins there, however long the work takes."""
    clock = RestlessClock()
    ledger = Ledger(database, clock)
    ledger.book(ledger.lisi, 4)
    clock.advance(minutes=10, milliseconds=milliseconds)
    window = Window.lasting(clock.now(), timedelta(hours=2))
    assert isinstance(await ledger.administration.block(ledger.boss, [CARD], window, "", "update:1"), Blocked)


def everything(*_: object) -> bool:
    return True


async def test_a_release_is_undone_while_nobody_has_used_the_time(ledger: Ledger) -> None:
    ledger.book(ledger.lisi, 4)
    ledger.clock.advance(hours=1)
    await ledger.changes.release(ledger.lisi, everything, "update:1")
    ledger.clock.advance(minutes=5)
    assert isinstance(await ledger.changes.undo(ledger.lisi, "update:2"), Undone)


async def test_a_release_can_not_be_undone_over_a_booking_that_came_and_went_in_between(ledger: Ledger) -> None:
    ledger.book(ledger.lisi, 4)
    ledger.clock.advance(hours=1)
    await ledger.changes.release(ledger.lisi, everything, "update:1")
    ledger.book(ledger.wangwu, 0.5)
    ledger.clock.advance(minutes=40)
    outcome = await ledger.changes.undo(ledger.lisi, "update:2")
    assert outcome == NotChanged("undo_taken")


def by_card(card: Card) -> Chooser:
    return lambda reservation, _card: reservation.card == card.id


async def test_a_limit_of_card_hours_is_one_for_whoever_books_briefly_and_extends(
    database: Database, clock: FakeClock
) -> None:
    ledger = Ledger(database, clock, BookingPolicy(card_hours=10))
    ledger.book(ledger.lisi, 4)
    ledger.book(ledger.lisi, 1, OTHER)
    fits = await ledger.changes.extend(ledger.lisi, by_card(OTHER), by=timedelta(hours=5), origin="update:1")
    assert isinstance(fits, Extended)
    refused = await ledger.changes.extend(ledger.lisi, by_card(OTHER), by=timedelta(hours=1), origin="update:2")
    assert isinstance(refused, NotChanged)
    assert refused.reason == "too_many_card_hours"
    both = await ledger.changes.extend(ledger.lisi, everything, by=timedelta(hours=1), origin="update:3")
    assert isinstance(both, NotChanged)
    clock.advance(hours=2)  # what has been used counts no more
    later = await ledger.changes.extend(ledger.lisi, by_card(OTHER), by=timedelta(hours=1), origin="update:4")
    assert isinstance(later, Extended)


async def test_a_limit_of_cards_at_once_is_one_for_whoever_extends_into_their_next_booking(
    database: Database, clock: FakeClock
) -> None:
    ledger = Ledger(database, clock, BookingPolicy(cards_at_once=1))
    ledger.book(ledger.lisi, 2)
    ledger.book(ledger.lisi, 2, OTHER, after_hours=3)
    up_to = await ledger.changes.extend(ledger.lisi, by_card(CARD), by=timedelta(hours=1), origin="update:1")
    assert isinstance(up_to, Extended)
    refused = await ledger.changes.extend(ledger.lisi, by_card(CARD), by=timedelta(hours=1), origin="update:2")
    assert isinstance(refused, NotChanged)
    assert refused.reason == "too_many_cards"
    shorter = await ledger.changes.extend(ledger.lisi, by_card(CARD), by=timedelta(hours=-1), origin="update:3")
    assert isinstance(shorter, Extended)


async def test_longer_is_said_of_the_booking_that_runs_not_of_tomorrows_on_the_same_card(ledger: Ledger) -> None:
    ledger.book(ledger.lisi, 4)
    ledger.book(ledger.lisi, 4, after_hours=20)
    now = ledger.clock.now()
    longer = await ledger.changes.extend(ledger.lisi, by_card(CARD), by=timedelta(hours=6), origin="update:1")
    assert isinstance(longer, Extended)
    assert longer.end == now + timedelta(hours=10)
    ledger.clock.advance(hours=11)  # none runs: the next one is meant
    longer = await ledger.changes.extend(ledger.lisi, by_card(CARD), by=timedelta(hours=1), origin="update:2")
    assert isinstance(longer, Extended)
    assert longer.end == now + timedelta(hours=25)


async def test_a_booking_that_was_taken_back_is_not_given_to_somebody_who_has_left_since(ledger: Ledger) -> None:
    ledger.book(ledger.lisi, 4)
    await ledger.administration.revoke(ledger.boss, frozenset({CARD.id}), None, "", "update:1")
    ledger.database.write_now(lambda books: books.members.leave(ledger.lisi.id, ledger.clock.now()))
    outcome = await ledger.changes.undo(ledger.boss, "update:2")
    assert isinstance(outcome, NotChanged)
    assert outcome.reason == "undo_left"
    assert not ledger.database.read_now(lambda books: books.ledger.standing(ledger.clock.now()))


async def test_a_booking_to_come_can_not_end_before_it_begins(ledger: Ledger) -> None:
    ledger.book(ledger.lisi, 2, after_hours=3)
    start = ledger.clock.now() + timedelta(hours=3)
    for earlier in (timedelta(0), timedelta(hours=1)):
        outcome = await ledger.changes.extend(
            ledger.lisi, lambda _r, _c: True, until=start - earlier, origin=f"update:{earlier}"
        )
        assert outcome == NotChanged("ends_before_it_begins", {"start": start, "end": start - earlier})
