"""What a durable booking costs, conflict check included, with a long history.

    python -m tests.benchmarks.bench_ledger

Prints the median of each act with 1 thousand, 100 thousand and 1 million bookings in history, and its ratio to a bare
sqlite3 transaction (conflict SELECT and INSERT on the same index, WAL, synchronous=FULL) measured in the same run on
the same disk. Budget (design): at most 4, and flat from a thousand to a million.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from bot.domain.card import Card, CardId
from bot.domain.member import Member, Role
from bot.domain.policy import BookingPolicy
from bot.domain.reservation import Granted, Request, decide, earliest_start
from bot.domain.window import Window
from storage.books import SqliteBooks
from storage.database import Database, connect
from storage.instants import seconds
from storage.schema import NO_OVERLAP
from tests.conftest import NOON

CARDS = tuple(Card(CardId("h", f"GPU-{n}"), n, "A100", 80 << 30, f"0000:0{n}:00.0") for n in range(8))
MEMBERS = 200
STANDING = 100
ROUNDS = 300


def fill(path: Path, history: int) -> list[Member]:
    """`history` bookings that are over and a hundred that stand, on eight cards, of two hundred members."""
    database = Database(path)
    database.write_now(lambda books: books.cards.see(CARDS, NOON))
    members = database.write_now(lambda b: [b.members.add(f"m{n}", Role.STUDENT, NOON) for n in range(MEMBERS)])
    database.close()
    raw = connect(path)
    raw.execute("DROP TRIGGER reservations_no_overlap_on_INSERT")
    raw.execute("BEGIN")
    raw.executemany(
        "INSERT INTO reservations (booking, host, uuid, member_id, start_at, end_at, note, kind, state, created_at) "
        "VALUES (?, 'h', ?, ?, ?, ?, '', 'booking', 'standing', 0)",
        (
            (
                n,
                f"GPU-{n % 8}",
                1 + n % MEMBERS,
                seconds(NOON) - 3600 * (n // 8 + 2),
                seconds(NOON) - 3600 * (n // 8 + 1),
            )
            for n in range(history)
        ),
    )
    raw.executemany(
        "INSERT INTO reservations (booking, host, uuid, member_id, start_at, end_at, note, kind, state, created_at) "
        "VALUES (?, 'h', ?, ?, ?, ?, '', 'booking', 'standing', 0)",
        (
            (
                history + n,
                f"GPU-{n % 8}",
                1 + n % MEMBERS,
                seconds(NOON) + 7200 * (n // 8),
                seconds(NOON) + 7200 * (n // 8) + 3600,
            )
            for n in range(STANDING)
        ),
    )
    raw.execute("COMMIT")
    raw.execute(NO_OVERLAP.format(event="INSERT"))
    raw.execute("ANALYZE")
    raw.close()
    return members


def median_ms(act: Callable[[int], object]) -> float:
    times = []
    for n in range(ROUNDS):
        began = time.perf_counter()
        act(n)
        times.append(1000 * (time.perf_counter() - began))
    return statistics.median(times)


def bare(path: Path) -> float:
    """The same promise without junzi: one conflict SELECT, one INSERT, one commit."""
    raw = connect(path)

    def act(n: int) -> None:
        start = seconds(NOON) + 10_000_000 + 60 * n
        raw.execute("BEGIN IMMEDIATE")
        raw.execute(
            "SELECT 1 FROM reservations WHERE state = 'standing' AND host = 'h' AND uuid = 'GPU-0' "
            "AND end_at > ? AND start_at < ?",
            (start, start + 60),
        ).fetchone()
        raw.execute(
            "INSERT INTO reservations (booking, host, uuid, member_id, start_at, end_at, note, kind, state, "
            "created_at) VALUES (?, 'h', 'GPU-0', 1, ?, ?, '', 'booking', 'standing', 0)",
            (90_000_000 + n, start, start + 60),
        )
        raw.execute("COMMIT")

    raw.execute("DROP TRIGGER reservations_no_overlap_on_INSERT")
    result = median_ms(act)
    raw.execute("DELETE FROM reservations WHERE booking >= 90000000")
    raw.execute(NO_OVERLAP.format(event="INSERT"))
    raw.close()
    return result


def measure(history: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "junzi.db"
        members = fill(path, history)
        without = bare(path)
        database = Database(path)
        policy = BookingPolicy(horizon=timedelta(days=1000))

        def book(n: int) -> None:
            window = Window.lasting(NOON + timedelta(days=30, minutes=10 * n), timedelta(minutes=10))
            request = Request(members[n % MEMBERS], (CARDS[n % 8],), window)

            def work(books: SqliteBooks) -> None:
                relevant = [*books.ledger.in_the_way([CARDS[n % 8].id], window)]
                relevant += books.ledger.of_member(request.member.id, NOON)
                assert isinstance(decide(request, relevant, policy, NOON), Granted)
                made = books.ledger.add(request, NOON, origin=f"bench:{n}")
                books.audit.record("reserve", f"booking:{made[0].booking}", NOON, actor=request.member.id)

            database.write_now(work)

        def next_slot(_n: int) -> None:
            def work(books: SqliteBooks) -> None:
                standing = books.ledger.standing(NOON)
                for card in CARDS:
                    earliest_start(card, [r for r in standing if r.card == card.id], timedelta(hours=12), NOON)

            database.read_now(work)

        figures = {
            "bare": without,
            "who holds what": median_ms(lambda _n: database.read_now(lambda books: books.ledger.standing(NOON))),
            "next free slot, 8 cards": median_ms(next_slot),
            "book": median_ms(book),
        }
        database.close()
        return figures


def main() -> None:
    print(f"{'history':>9}  {'bare':>9}  {'book':>9}  {'ratio':>6}  {'who holds':>9}  {'next slot':>9}")
    for history in (1_000, 100_000, 1_000_000):
        f = measure(history)
        print(
            f"{history:>9}  {f['bare']:>6.3f} ms  {f['book']:>6.3f} ms  {f['book'] / f['bare']:>6.2f}  "
            f"{f['who holds what']:>6.3f} ms  {f['next free slot, 8 cards']:>6.3f} ms"
        )


if __name__ == "__main__":
    main()
