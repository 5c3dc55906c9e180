"""The ledger against a brute-force model, and against many processes at once."""

from __future__ import annotations

import multiprocessing
import sqlite3
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.card import Card, CardId
from bot.domain.member import Member, Role
from bot.domain.policy import BookingPolicy
from bot.domain.reservation import Granted, Request, decide
from bot.domain.window import Window
from storage.books import SqliteBooks
from storage.database import Database
from tests.conftest import NOON

GIB = 1 << 30
CARDS = tuple(
    Card(CardId("host", f"GPU-{n}"), n, "NVIDIA A100-SXM4-80GB", 8 * GIB, f"0000:0{n}:00.0") for n in range(3)
)
POLICY = BookingPolicy()


def furnish(books: SqliteBooks) -> tuple[Member, Member]:
    books.cards.see(CARDS, NOON)
    return books.members.add("zhangsan", Role.STUDENT, NOON), books.members.add("lisi", Role.STUDENT, NOON)


def request_of(member: Member, cards: tuple[int, ...], start: int, length: int, gib: int | None) -> Request:
    window = Window.lasting(NOON + timedelta(minutes=5 * start), timedelta(minutes=5 * length))
    return Request(member, tuple(CARDS[n] for n in cards), window, None if gib is None else gib * GIB)


def book(books: SqliteBooks, request: Request) -> bool:
    if isinstance(decide(request, books.ledger.standing(NOON), POLICY, NOON), Granted):
        books.ledger.add(request, NOON, origin=None)
        return True
    return False


class Model:
    """Every card at every five minutes: how much of it is promised. A whole card is all of it, and alone."""

    def __init__(self) -> None:
        self.used: Counter[tuple[int, int]] = Counter()
        self.exclusive: set[tuple[int, int]] = set()

    def book(self, cards: tuple[int, ...], start: int, length: int, gib: int | None) -> bool:
        cells = [(card, slot) for card in cards for slot in range(start, start + length)]
        if any(cell in self.exclusive for cell in cells):
            return False
        if gib is None and any(self.used[cell] for cell in cells):
            return False
        if gib is not None and any(self.used[cell] + gib > 8 for cell in cells):
            return False
        for cell in cells:
            self.used[cell] += 8 if gib is None else gib
            if gib is None:
                self.exclusive.add(cell)
        return True


wishes = st.tuples(
    st.sets(st.integers(0, 2), min_size=1).map(lambda cards: tuple(sorted(cards))),
    st.integers(0, 20),
    st.integers(1, 8),
    st.none() | st.integers(1, 8),
)


@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(wishes, max_size=25))
def test_the_ledger_grants_what_a_brute_force_model_grants(tmp_path: Path, asked: list[object]) -> None:
    database = Database(tmp_path / f"{abs(hash(str(asked)))}.db")
    try:
        model = Model()
        members = database.write_now(furnish)
        for number, wish in enumerate(asked):
            request = request_of(members[number % 2], *wish)  # type: ignore[misc]
            granted = database.write_now(lambda books, request=request: book(books, request))
            assert granted == model.book(*wish), wish  # type: ignore[misc]
    finally:
        database.close()
        for file in tmp_path.iterdir():
            file.unlink()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(wishes, max_size=25))
def test_the_schema_alone_refuses_what_the_model_refuses(tmp_path: Path, asked: list[object]) -> None:
    """The trigger is the second lock: it must hold for a writer that never asked `decide`."""
    database = Database(tmp_path / f"{abs(hash(str(asked)))}.db")
    try:
        model = Model()
        members = database.write_now(furnish)
        for wish in asked:
            request = request_of(members[0], *wish)  # type: ignore[misc]
            try:
                database.write_now(lambda books, request=request: books.ledger.add(request, NOON, origin=None))
                granted = True
            except sqlite3.IntegrityError as refusal:
                assert "overlap" in str(refusal)  # noqa: PT017 - both outcomes are compared with the model below
                granted = False
            assert granted == model.book(*wish), wish  # type: ignore[misc]
    finally:
        database.close()
        for file in tmp_path.iterdir():
            file.unlink()


def test_touching_bookings_do_not_conflict(database: Database) -> None:
    zhangsan, lisi = database.write_now(furnish)
    assert database.write_now(lambda books: book(books, request_of(zhangsan, (0,), 0, 12, None)))
    assert database.write_now(lambda books: book(books, request_of(lisi, (0,), 12, 12, None)))
    assert not database.write_now(lambda books: book(books, request_of(lisi, (0,), 11, 1, None)))


def test_several_cards_are_booked_together_or_not_at_all(database: Database) -> None:
    zhangsan, lisi = database.write_now(furnish)
    database.write_now(lambda books: book(books, request_of(zhangsan, (1,), 0, 12, None)))

    def without_asking(books: SqliteBooks) -> None:
        books.ledger.add(request_of(lisi, (0, 1), 0, 12, None), NOON, origin=None)

    with pytest.raises(sqlite3.IntegrityError):
        database.write_now(without_asking)
    assert database.write_now(lambda books: [r.member_id for r in books.ledger.standing(NOON)]) == [zhangsan.id]


def test_moving_an_end_into_somebody_elses_booking_is_refused(database: Database) -> None:
    zhangsan, lisi = database.write_now(furnish)
    mine = database.write_now(lambda books: books.ledger.add(request_of(zhangsan, (0,), 0, 6, None), NOON, origin=None))
    database.write_now(lambda books: book(books, request_of(lisi, (0,), 12, 6, None)))
    longer = Window(mine[0].window.start, mine[0].window.end + timedelta(hours=2))
    with pytest.raises(sqlite3.IntegrityError):
        database.write_now(lambda books: books.ledger.move(mine[0].id, longer))


def test_a_cancelled_reservation_stays_in_the_history_and_blocks_nobody(database: Database) -> None:
    zhangsan, lisi = database.write_now(furnish)
    mine = database.write_now(lambda books: books.ledger.add(request_of(zhangsan, (0,), 0, 6, None), NOON, origin=None))
    database.write_now(lambda books: books.ledger.cancel(mine[0].id))
    assert database.write_now(lambda books: book(books, request_of(lisi, (0,), 0, 6, None)))
    assert database.write_now(lambda books: books.ledger.get(mine[0].id)) is not None


SLOTS = 40


def _grab_everything(path: Path, seed: int, results: multiprocessing.Queue[list[int]]) -> None:
    """One process of many: try every slot in an order of its own; report those that were won."""
    database = Database(path)
    won = []
    for step in range(SLOTS):
        slot = (step * 7 + seed * 11) % SLOTS
        member = Member(1 + seed % 2, "", Role.STUDENT, None, "", None)
        if database.write_now(lambda books, s=slot, m=member: book(books, request_of(m, (0, 1), s, 1, None))):
            won.append(slot)
    database.close()
    results.put(won)


def test_many_processes_on_one_file_and_exactly_one_wins_each_slot(database: Database) -> None:
    database.write_now(furnish)
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    workers = [context.Process(target=_grab_everything, args=(database.path, n, results)) for n in range(6)]
    for worker in workers:
        worker.start()
    won = [slot for _ in workers for slot in results.get(timeout=120)]
    for worker in workers:
        worker.join()
    assert sorted(won) == list(range(SLOTS))
    assert len(database.write_now(lambda books: books.ledger.standing(NOON))) == 2 * SLOTS
