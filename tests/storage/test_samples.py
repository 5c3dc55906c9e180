"""The history of the cards in SQLite: polls add up, restarts lose nothing but the silence, old buckets go."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.books import Books
from bot.domain.bucket import COARSE, FINE, CardUse, Level, MemberUse
from bot.domain.card import Card, CardId
from bot.domain.sample import CardReading, InInstance, Process, Sample, Unread
from bot.domain.window import Window
from bot.services.recording import forget_usage, record_usage
from storage.database import Database
from tests.conftest import NOON

CARD = Card(CardId("host", "GPU-0"), 0, "NVIDIA A100", 80 << 30, "0000:1b:00.0")
HOUR = Window.lasting(NOON, timedelta(hours=1))
GAP = timedelta(minutes=10)


def taken(at: datetime, load: int = 50, lost: Unread | None = None) -> Sample:
    process = Process(1, InInstance("lisi"), 1 << 30)
    return Sample("host", at, (CardReading(CARD, 1 << 30, 80 << 30, load, 60, processes=(process,), lost=lost),))


def poll(database: Database, sample: Sample) -> None:
    def work(books: Books) -> None:
        books.cards.see([CARD], sample.taken_at)
        record_usage(books, sample, {"lisi": 7}, [], GAP)

    database.write_now(work)


def cards(database: Database, length: timedelta = FINE.length, window: Window = HOUR) -> list[CardUse]:
    return database.read_now(lambda books: books.usage.of_cards(window, length))


def members(database: Database, window: Window = HOUR) -> list[MemberUse]:
    return database.read_now(lambda books: books.usage.of_members(window, COARSE.length))


def test_polls_add_up_in_both_kinds_of_bucket(database: Database) -> None:
    for half_minutes in range(21):
        poll(database, taken(NOON + timedelta(seconds=30 * half_minutes), load=half_minutes * 2))
    first, second = cards(database)
    assert (first.start, first.read_seconds, first.load.highest) == (NOON, 300, 20)
    assert (second.start, second.read_seconds, second.load.highest) == (NOON + FINE.length, 300, 40)
    assert first.load.mean == 11
    (hour,) = cards(database, COARSE.length)
    assert hour.load == first.load + second.load
    assert hour.busy_seconds == 600
    assert members(database) == [MemberUse(7, CARD.id, NOON, HOUR.duration, used_seconds=600)]


def test_the_same_poll_twice_adds_nothing(database: Database) -> None:
    for _ in range(3):
        poll(database, taken(NOON))
        poll(database, taken(NOON + timedelta(seconds=30)))
    assert [use.read_seconds for use in cards(database)] == [30]


def test_while_junzi_was_off_nothing_is_known(database: Database) -> None:
    poll(database, taken(NOON))
    poll(database, taken(NOON + timedelta(minutes=30)))
    poll(database, taken(NOON + timedelta(minutes=31)))
    (use,) = cards(database)
    assert use.start == NOON + timedelta(minutes=30)
    assert (use.read_seconds, use.unread_seconds) == (60, 0)


def test_a_lost_card_is_unread_and_its_highest_values_stay_unknown(database: Database) -> None:
    poll(database, taken(NOON))
    poll(database, taken(NOON + timedelta(seconds=30), lost=Unread("lost")))
    (use,) = cards(database)
    assert use == CardUse(CARD.id, NOON, FINE.length, unread_seconds=30)
    poll(database, taken(NOON + timedelta(seconds=60), load=0))
    (use,) = cards(database)
    assert use.load == Level(0, 30, 0)
    poll(database, taken(NOON + timedelta(seconds=90), lost=Unread("lost")))
    (use,) = cards(database)
    assert (use.load, use.temperature_highest, use.unread_seconds) == (Level(0, 30, 0), 60, 60)


def test_each_kind_of_bucket_is_kept_for_its_own_time(database: Database) -> None:
    poll(database, taken(NOON))
    poll(database, taken(NOON + timedelta(seconds=30)))
    database.write_now(lambda books: forget_usage(books, NOON + FINE.kept))
    assert len(cards(database)) == 1
    database.write_now(lambda books: forget_usage(books, NOON + FINE.kept + timedelta(seconds=1)))
    assert cards(database) == []
    assert len(cards(database, COARSE.length)) == 1
    database.write_now(lambda books: forget_usage(books, NOON + COARSE.kept + timedelta(hours=1)))
    assert cards(database, COARSE.length) == []
    assert members(database) == []
