"""Reminders on a real SQLite file: once each, across restarts, and what their buttons do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from bot.books import Books
from bot.domain.card import Card, CardId
from bot.domain.container import InstanceRecord, InstanceState
from bot.domain.member import Member, Role
from bot.domain.notice import OwedNotice
from bot.domain.outcome import Extended, NotChanged
from bot.domain.policy import BookingPolicy
from bot.domain.reminder import ReminderPolicy
from bot.domain.reservation import Request
from bot.domain.sample import CardReading, InInstance, Process, Sample, Unread
from bot.domain.window import Window
from bot.services.changes import ChangeService
from bot.services.observed import Observed
from bot.services.policies import Policies
from bot.services.reminders import ReminderService
from storage.database import Database
from tests.conftest import NOON, FakeClock
from tests.services.at_once import AtOnce, done

CARD = Card(CardId("lab", "GPU-0"), 0, "A100", 80 << 30, "0000:00:00.0")
HOUR = timedelta(hours=1)


class Lab:
    """lisi holds gpu0 from noon for two hours."""

    def __init__(self, database: Database) -> None:
        self.database, self.clock, self.observed = database, FakeClock(), Observed()
        self.lisi, self.wangwu = database.write_now(self._furnish)
        self.restart()

    def _furnish(self, books: Books) -> tuple[Member, Member]:
        books.cards.see([CARD], NOON)
        lisi, wangwu = (
            books.members.add(n, Role.STUDENT, NOON, telegram_id=i) for i, n in enumerate(("lisi", "wangwu"))
        )
        books.instances.add(
            InstanceRecord("local", "lisi", lisi.id, 10001, "template", InstanceState.READY, "made", NOON)
        )
        books.ledger.add(Request(lisi, (CARD,), Window.lasting(NOON, 2 * HOUR), None, "ViT"), NOON, origin=None)
        return lisi, wangwu

    def restart(self) -> None:
        """Nothing but the file is remembered."""
        store = AtOnce(self.database)
        changes = ChangeService(store, self.clock, Policies(BookingPolicy()), lambda _books, _now: None)
        self.reminders = ReminderService(store, self.clock, self.observed, changes, ReminderPolicy())

    def tick(self) -> Sequence[OwedNotice]:
        """What is said at this tick."""
        done(self.reminders.remind())

        def work(books: Books) -> Sequence[OwedNotice]:
            due = books.outbox.due(self.clock.now())
            for owed in due:
                books.outbox.sent(owed.id, 1, owed.id)
            return due

        return self.database.write_now(work)

    def keys(self) -> list[str]:
        return [owed.notice.message.saying.key for owed in self.tick()]

    def sees_a_run(self, started_at: datetime | None = None) -> None:
        process = Process(1, InInstance("lisi"), 1 << 30, started_at=started_at or Unread("vanished"))
        self.observed.saw_sample(Sample("lab", self.clock.now(), (CardReading(CARD, processes=(process,)),)))


@pytest.fixture
def lab(database: Database) -> Lab:
    return Lab(database)


def test_each_is_said_once_whatever_restarts_in_between(lab: Lab) -> None:
    lab.clock.advance(minutes=90)
    assert lab.keys() == ["reminder.end"]
    assert lab.keys() == []
    lab.restart()
    assert lab.keys() == []


def test_one_that_could_not_be_sent_before_the_end_is_stale(lab: Lab) -> None:
    lab.clock.advance(minutes=100)
    (owed,) = lab.tick()
    assert owed.notice.expires_at == NOON + 2 * HOUR


def test_whoever_turned_reminders_off_hears_nothing_and_not_later_either(lab: Lab) -> None:
    name = f"reminders.off:{lab.lisi.id}"
    lab.database.write_now(lambda books: books.facts.put(name, True))
    lab.clock.advance(minutes=90)
    assert lab.keys() == []
    lab.database.write_now(lambda books: books.facts.put(name, False))
    assert lab.keys() == []


def test_that_it_ended_is_said_only_by_a_look_after_the_end(lab: Lab) -> None:
    lab.clock.advance(minutes=119)
    lab.sees_a_run()
    lab.tick()
    lab.clock.advance(minutes=2)
    assert lab.keys() == [], "the last look was before the end: the run may be over"
    lab.sees_a_run()
    assert lab.keys() == ["reminder.ended"]
    assert lab.keys() == []


def test_a_run_that_began_after_the_end_did_not_outlive_the_booking(lab: Lab) -> None:
    lab.clock.advance(minutes=123)
    lab.sees_a_run(started_at=NOON + 2 * HOUR + timedelta(minutes=1))
    assert lab.keys() == []
    lab.sees_a_run(started_at=NOON + HOUR)
    assert lab.keys() == ["reminder.ended"]


def test_keeping_it_twice_is_keeping_it_once(lab: Lab) -> None:
    until = NOON + 6 * HOUR
    first = done(lab.reminders.keep(lab.lisi, 1, until, "press 1"))
    second = done(lab.reminders.keep(lab.lisi, 1, until, "press 2"))
    assert first == second == Extended((CARD,), until)


def test_an_old_button_never_shortens(lab: Lab) -> None:
    done(lab.reminders.keep(lab.lisi, 1, NOON + 26 * HOUR, "press 1"))
    assert done(lab.reminders.keep(lab.lisi, 1, NOON + 6 * HOUR, "press 2")) == Extended((CARD,), NOON + 26 * HOUR)


def test_somebody_elses_button_does_nothing(lab: Lab) -> None:
    assert isinstance(done(lab.reminders.keep(lab.wangwu, 1, NOON + 6 * HOUR, "press")), NotChanged)
    assert done(lab.reminders.state(lab.wangwu, 1)) is None


def test_it_is_kept_up_to_the_next_booking_if_there_is_one_by_now(lab: Lab) -> None:
    following = Request(lab.wangwu, (CARD,), Window.lasting(NOON + 3 * HOUR, HOUR))
    lab.database.write_now(lambda books: books.ledger.add(following, NOON, origin=None))
    kept = done(lab.reminders.keep(lab.lisi, 1, NOON + 6 * HOUR, "press"))
    assert kept == Extended((CARD,), NOON + 3 * HOUR, NOON + 6 * HOUR)
    lab.clock.advance(hours=2)
    again = done(lab.reminders.keep(lab.lisi, 1, NOON + 6 * HOUR, "press"))
    assert isinstance(again, NotChanged)
    assert again.reason == "next_booking"


def test_after_its_end_an_old_button_says_that_it_is_over(lab: Lab) -> None:
    lab.clock.advance(hours=2)
    outcome = done(lab.reminders.keep(lab.lisi, 1, NOON + 6 * HOUR, "press"))
    assert isinstance(outcome, NotChanged)
    assert outcome.reason == "nothing_to_extend"
