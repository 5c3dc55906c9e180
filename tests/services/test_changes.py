"""Changes at awkward instants: what a second's rounding or somebody else's booking in between must not break."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.books import Books
from bot.domain.card import Card, CardId
from bot.domain.member import Member, Role
from bot.domain.outcome import Blocked, NotChanged, Undone
from bot.domain.policy import BookingPolicy
from bot.domain.reservation import Request
from bot.domain.window import Window
from bot.services.administration import AdministrationService
from bot.services.changes import ChangeService
from bot.services.policies import Policies
from storage.database import Database
from tests.conftest import FakeClock

CARD = Card(CardId("host", "GPU-0"), 0, "A100", 80 << 30, "0000:01:00.0")


def nobody_waits(_books: Books, _now: object) -> None:
    return None


class Ledger:
    """A ledger with an admin and two students, and the services that change it."""

    def __init__(self, database: Database, clock: FakeClock) -> None:
        policies = Policies(BookingPolicy())
        self.database, self.clock = database, clock
        self.changes = ChangeService(database, clock, policies, nobody_waits)
        self.administration = AdministrationService(database, clock, policies, nobody_waits)
        now = clock.now()
        database.write_now(lambda books: books.cards.see([CARD], now))
        roles = (("boss", Role.ADMIN), ("lisi", Role.STUDENT), ("wangwu", Role.STUDENT))
        self.boss, self.lisi, self.wangwu = (
            database.write_now(lambda books, n=name, r=role: books.members.add(n, r, now)) for name, role in roles
        )

    def book(self, member: Member, hours: float) -> None:
        now = self.clock.now()
        request = Request(member, (CARD,), Window.lasting(now, timedelta(hours=hours)))

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
