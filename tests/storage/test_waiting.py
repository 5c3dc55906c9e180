"""The waiting list and the reminders in the file, and a file of before they came."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
import sqlite_utils

from bot.domain.card import CardId
from bot.domain.member import Role
from bot.domain.notice import Audience, Notice
from bot.domain.reminder import ReminderKind, Told
from bot.domain.reservation import Kind, Request
from bot.domain.saying import Message, Saying
from bot.domain.waiting import TicketState, Wish
from bot.domain.window import Window
from storage.books import SqliteBooks
from storage.database import Database, connect
from storage.migrations import migrations
from tests.conftest import NOON
from tests.storage.test_ledger import CARDS, furnish, request_of

WISH = Wish(timedelta(hours=2), (CardId("host", "GPU-0"),), 1, None, NOON + timedelta(hours=3), 1 << 30, "笔记")


def test_a_ticket_comes_back_as_it_was_put(database: Database) -> None:
    zhangsan, _ = database.write_now(furnish)
    added = database.write_now(lambda books: books.waiting.add(zhangsan.id, WISH, NOON))
    assert added.wish == WISH
    assert (added.joined_at, added.lapses_at) == (NOON, NOON + timedelta(hours=3))
    assert database.write_now(lambda books: books.waiting.get(added.id)) == added
    assert database.write_now(lambda books: books.waiting.get(99)) is None


def test_the_line_is_in_the_order_of_coming_and_holds_nobody_who_is_through(database: Database) -> None:
    members = database.write_now(furnish)

    def work(books: SqliteBooks) -> list[tuple[int, TicketState]]:
        for number in range(6):
            books.waiting.add(members[number % 2].id, Wish(timedelta(hours=number + 1)), NOON)
        books.waiting.offer(1, 7, NOON + timedelta(minutes=10))
        over = (TicketState.TAKEN, TicketState.LEFT, TicketState.PASSED, TicketState.LAPSED)
        for number, state in enumerate(over, start=2):
            books.waiting.set_state(number, state)
        return [(ticket.id, ticket.state) for ticket in books.waiting.line()]

    assert database.write_now(work) == [(1, TicketState.OFFERED), (6, TicketState.WAITING)]
    offered = database.write_now(lambda books: books.waiting.get(1))
    assert offered is not None
    assert (offered.booking, offered.offered_until) == (7, NOON + timedelta(minutes=10))


def test_what_is_held_for_an_offer_is_nobody_elses_and_becomes_a_booking(database: Database) -> None:
    zhangsan, lisi = database.write_now(furnish)
    request = request_of(zhangsan, (0, 1), 0, 12, None)
    held = database.write_now(lambda books: books.ledger.add(request, NOON, origin=None, kind=Kind.OFFER))
    with pytest.raises(sqlite3.IntegrityError):
        database.write_now(lambda books: books.ledger.add(request_of(lisi, (1,), 3, 1, None), NOON, origin=None))

    def take(books: SqliteBooks) -> list[Kind]:
        for row in held:
            books.ledger.take(row.id)
        return [row.kind for row in books.ledger.standing(NOON)]

    assert database.write_now(take) == [Kind.BOOKING, Kind.BOOKING]


def test_what_is_promised_to_the_line_is_nobody_elses_either(database: Database) -> None:
    zhangsan, lisi = database.write_now(furnish)
    request = request_of(zhangsan, (0, 1), 5, 12, None)
    kept = database.write_now(lambda books: books.ledger.add(request, NOON, origin=None, kind=Kind.PROMISE))
    assert [row.kind for row in kept] == [Kind.PROMISE, Kind.PROMISE]
    with pytest.raises(sqlite3.IntegrityError):
        database.write_now(lambda books: books.ledger.add(request_of(lisi, (1,), 6, 1, None), NOON, origin=None))


def test_a_reservation_knows_when_it_was_made(database: Database) -> None:
    zhangsan, _ = database.write_now(furnish)
    request = Request(zhangsan, CARDS[:1], Window.lasting(NOON + timedelta(hours=5), timedelta(hours=1)))
    (row,) = database.write_now(lambda books: books.ledger.add(request, NOON, origin=None))
    assert row.made_at == NOON


def test_a_notice_is_owed_until_it_is_sent_or_dropped(database: Database) -> None:
    zhangsan, lisi = database.write_now(furnish)
    notice = Notice(Audience.MEMBER, Message(Saying("x")), NOON + timedelta(hours=1), zhangsan.id, "offer:7")
    database.write_now(lambda books: books.outbox.owe(notice, NOON))
    assert database.write_now(lambda books: books.outbox.is_owed("offer:7", zhangsan.id))
    assert not database.write_now(lambda books: books.outbox.is_owed("offer:7", lisi.id))
    database.write_now(lambda books: books.outbox.sent(1, 5, 6))
    assert not database.write_now(lambda books: books.outbox.is_owed("offer:7", zhangsan.id))


def test_reminders_are_remembered_by_what_they_spoke_of(database: Database) -> None:
    later = Told(ReminderKind.END, 2, NOON + timedelta(hours=1), NOON)
    earlier = Told(ReminderKind.START, 1, NOON, NOON - timedelta(minutes=15))

    def work(books: SqliteBooks) -> None:
        for told in (later, earlier, later):
            books.reminders.tell(told)

    database.write_now(work)
    assert database.write_now(lambda books: books.reminders.told_since(NOON)) == [earlier, later]
    assert database.write_now(lambda books: books.reminders.told_since(NOON + timedelta(seconds=1))) == [later]


def test_a_file_of_the_first_release_is_brought_up_with_all_that_is_in_it(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    connection = connect(path)
    migrations.apply(sqlite_utils.Database(connection), stop_before="m002_waiting_list")
    SqliteBooks(connection).members.add("zhangsan", Role.STUDENT, NOON)
    connection.close()

    database = Database(path)
    try:
        assert [m.unix_name for m in database.write_now(lambda books: books.members.all())] == ["zhangsan"]
        assert database.write_now(lambda books: books.waiting.line()) == []
        assert database.write_now(lambda books: books.reminders.told_since(NOON)) == []
    finally:
        database.close()
