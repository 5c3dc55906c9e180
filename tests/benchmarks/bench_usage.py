"""How large a year of history is, how long its queries take, and what a poll pays for it.

    python -m tests.benchmarks.bench_usage

Fills a file with what a full year leaves behind on 8 busy cards (thirteen months of hours, two weeks of five minutes,
three members on every card in every bucket, real NVML UUIDs), then asks what the pictures and the digest ask.
Budget (issue): under 200 MB, every query fast. The poll's part is given as a share of one core at the default interval.
"""

from __future__ import annotations

import statistics
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

from bot.books import Books
from bot.domain.bucket import COARSE, FINE, WIDTHS, CardUse, Level, MemberUse, Width, bucket_start
from bot.domain.card import Card, CardId
from bot.domain.sample import CardReading, InInstance, Process, Sample
from bot.domain.window import Window
from bot.services.recording import record_usage
from storage.database import Database
from tests.conftest import NOON

CARDS = tuple(
    Card(CardId("gpu-lab.example", f"GPU-{uuid.UUID(int=n)}"), n, "A100", 80 << 30, f"0000:0{n}:00.0") for n in range(8)
)
MEMBERS = 30
PER_CARD = 3
ROUNDS = 200
POLL_MILLISECONDS = 30_000
OWNERS = {f"m{n}": n for n in range(MEMBERS)}


def buckets(width: Width) -> Iterator[tuple[list[CardUse], list[MemberUse]]]:
    """Everything that is kept of this width, as of noon."""
    start = bucket_start(NOON - width.kept, width.length)
    seconds = width.length.total_seconds()
    turn = 0
    while start < NOON:
        turn += 1
        level = Level(seconds * 41.7, seconds, 100.0)
        cards = [CardUse(c.id, start, width.length, seconds, 0.5, level, level, 81.0, seconds, seconds) for c in CARDS]
        members = [
            MemberUse(
                (turn + c.index * PER_CARD + n) % MEMBERS, c.id, start, width.length, seconds * 0.7, seconds * 0.3
            )
            for c in CARDS
            for n in range(PER_CARD)
        ]
        yield cards, members
        start += width.length


def fill(database: Database) -> None:
    def write(books: Books) -> None:
        books.cards.see(CARDS, NOON)
        for width in WIDTHS:
            for cards, members in buckets(width):
                books.usage.add(cards, members)

    database.write_now(write)


def milliseconds(work: Callable[[], object], rounds: int = 20) -> float:
    spent = []
    for _ in range(rounds):
        begin = time.perf_counter()
        work()
        spent.append((time.perf_counter() - begin) * 1000)
    return statistics.median(spent)


def poll_cost(database: Database) -> tuple[float, float]:
    """Milliseconds of a transaction that writes one fact, and of one that records a poll too."""
    processes = tuple(Process(n, InInstance(f"m{n}"), 1 << 30) for n in range(8))
    readings = tuple(CardReading(c, 1 << 30, 80 << 30, 50, 60, processes=processes) for c in CARDS)
    clock = NOON

    def bare() -> None:
        database.write_now(lambda books: books.facts.put("bench", NOON))

    def recording() -> None:
        nonlocal clock
        clock += timedelta(seconds=30)
        sample = Sample(CARDS[0].id.host, clock, readings)

        def work(books: Books) -> None:
            books.facts.put("bench", NOON)
            record_usage(books, sample, OWNERS, [], timedelta(minutes=10))

        database.write_now(work)

    return milliseconds(bare, ROUNDS), milliseconds(recording, ROUNDS)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "junzi.db"
        database = Database(path)
        fill(database)
        database.close()
        database = Database(path)
        print(f"13 months of hours and 2 weeks of 5 minutes, {len(CARDS)} cards: {path.stat().st_size / 1e6:.1f} MB")
        day, week = Window(NOON - timedelta(hours=24), NOON), Window(NOON - timedelta(days=7), NOON)
        year = Window(NOON - timedelta(days=365), NOON)
        asked: dict[str, Callable[[Books], object]] = {
            "status picture: 24 h of 5 minutes, all cards": lambda b: b.usage.of_cards(day, FINE.length),
            "heat map: a week of hours, all cards": lambda b: b.usage.of_cards(week, COARSE.length),
            "digest: sums of a week by member and card": lambda b: b.usage.of_members(week, COARSE.length),
            "sums of a year by member and card": lambda b: b.usage.of_members(year, COARSE.length),
        }
        for name, work in asked.items():
            print(f"{name}: {milliseconds(lambda work=work: database.read_now(work)):.1f} ms")  # type: ignore[misc]
        bare, recording = poll_cost(database)
        spent = recording - bare
        print(
            f"a poll of 8 cards, 8 members on each, records in {spent:.2f} ms: "
            f"{spent / POLL_MILLISECONDS:.3%} of a core at a poll every 30 s"
        )
        database.close()


if __name__ == "__main__":
    main()
