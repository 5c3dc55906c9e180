"""What a timetable owes: once at its time, late if junzi was off, not at all if that is too long ago."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from types import SimpleNamespace
from typing import cast

from bot.jobs.daily import Daily
from bot.jobs.due import is_due
from bot.services.lab import Lab
from storage.database import Database
from tests.conftest import FakeClock

AT_FOUR = "0 4 * * *"
MIDNIGHT = datetime(2026, 11, 25, tzinfo=timezone.utc)
HOUR = timedelta(hours=1)


def asked(database: Database, hours: float) -> bool:
    """Whether it is due so many hours after midnight, three hours late at most."""
    now = MIDNIGHT + hours * HOUR
    return database.write_now(lambda books: is_due(books, "due", AT_FOUR, timezone.utc, now, 3 * HOUR))


def test_it_is_due_once_after_its_time_has_come(database: Database) -> None:
    assert [asked(database, hours) for hours in (1, 3.9, 4.1, 4.2, 27.9, 28.1)] == [
        False, False, True, False, False, True,
    ]  # fmt: skip


def test_what_was_due_while_junzi_was_off_is_done_late_unless_it_is_too_late(database: Database) -> None:
    assert not asked(database, 3)
    assert asked(database, 6)
    assert not asked(database, 23 + 9)


def test_at_the_very_first_start_nothing_of_the_past_is_due(database: Database) -> None:
    assert not asked(database, 4.1)


def test_a_clock_that_went_back_does_nothing_twice(database: Database) -> None:
    asked(database, 3)
    assert asked(database, 5)
    assert not asked(database, 3.5)
    assert not asked(database, 4.5)


async def test_a_daily_tick_works_once_a_day(database: Database, clock: FakeClock) -> None:
    worked: list[datetime] = []

    async def work(lab: Lab) -> None:
        worked.append(lab.clock.now())

    tick = Daily(AT_FOUR, HOUR, "due", work)
    lab = cast("Lab", SimpleNamespace(clock=clock, store=database, zone=timezone.utc))
    for _ in range(60):
        await tick(lab)
        clock.advance(hours=1)
    assert [at.hour for at in worked] == [4, 4]
