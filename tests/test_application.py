"""What a person said is neither lost nor done twice, whenever the process dies."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar, cast

import pytest
from telegram import Update
from telegram.error import TelegramError

from bot.adapters.clock import SystemClock
from bot.application import InboxQueue
from bot.books import Books, Store
from storage.database import Database

T = TypeVar("T")

# Puts updates in as PTB does, and handles each with one write. It says "confirmed" where PTB would tell the server,
# "handled" where a person would be answered, "marked" where the update is done with.
LISTENER = """
import asyncio, sys
from pathlib import Path
from telegram import Update
from bot.adapters.clock import SystemClock
from bot.application import InboxQueue
from storage.database import Database
database, clock = Database(Path(sys.argv[1])), SystemClock()

async def handle(queue):
    while True:
        number = (await queue.get()).update_id
        await database.write(lambda books: books.facts.put(f"handled {number}", number))
        print("handled", number, flush=True)
        await database.write(lambda books: books.inbox.done([number], clock.now()), lasting=False)
        print("marked", number, flush=True)

async def listen():
    queue = InboxQueue(database, clock)
    handling = asyncio.create_task(handle(queue))
    for number in range(100000):
        await queue.put(Update(number))
        print("confirmed", number, flush=True)

asyncio.run(listen())
"""


async def test_an_update_that_is_delivered_twice_is_handled_once(database: Database) -> None:
    queue = InboxQueue(database, SystemClock())
    await queue.put(Update(7))
    await queue.put(Update(7))
    assert queue.qsize() == 1


async def test_what_a_handler_writes_comes_after_the_note_of_why(database: Database) -> None:
    queue = InboxQueue(database, SystemClock())

    async def handle() -> bool:
        update = await queue.get()
        assert isinstance(update, Update)
        return await database.write(lambda books: books.inbox.knows(update.update_id))

    handling = asyncio.create_task(handle())
    await asyncio.sleep(0)  # a handler is waiting
    await queue.put(Update(7))
    assert await handling


class FullDisk:
    """The database on a disk that is full for a while."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.is_full = True

    async def read(self, work: Callable[[Books], T]) -> T:
        return await self._database.read(work)

    async def write(self, work: Callable[[Books], T], *, lasting: bool = True) -> T:
        if self.is_full:
            raise sqlite3.OperationalError("database or disk is full")
        return await self._database.write(work, lasting=lasting)


async def test_on_a_full_disk_telegram_is_asked_again_and_again_and_everything_is_handled_once(
    database: Database,
) -> None:
    """Any error but one of Telegram's ends python-telegram-bot's polling for good, without a word."""
    disk = FullDisk(database)
    queue = InboxQueue(cast("Store", disk), SystemClock())
    for _ in range(2):
        with pytest.raises(TelegramError):
            await queue.put(Update(7))
    disk.is_full = False
    await queue.put(Update(7))
    await queue.put(Update(7))
    assert queue.qsize() == 1


async def test_what_was_handled_on_a_full_disk_is_not_done_again_at_the_next_start(database: Database) -> None:
    disk = FullDisk(database)
    queue = InboxQueue(cast("Store", disk), SystemClock())
    for write in (queue.put, queue.mark):
        with pytest.raises((TelegramError, sqlite3.OperationalError)):
            await write(Update(7))
    disk.is_full = False
    await queue.put(Update(7))  # as Telegram delivers it again
    assert database.write_now(lambda books: books.inbox.take_up(3)) == []
    await queue.put(Update(8))
    again = [json.loads(content)["update_id"] for content in database.write_now(lambda books: books.inbox.take_up(3))]
    assert again == [8]


@pytest.mark.parametrize("lines", [1, 2, 3, 41, 42])
def test_whenever_the_process_is_killed_nothing_is_lost_and_nothing_is_written_without_its_note(
    tmp_path: Path, lines: int
) -> None:
    said = _listen_until_killed(tmp_path / "junzi.db", lines)
    database = Database(tmp_path / "junzi.db")
    everything = range(max(said["confirmed"] | said["handled"]) + 3)

    def read(books: Books) -> tuple[set[int], set[int]]:
        noted = {number for number in everything if books.inbox.knows(number)}
        return noted, {number for number in everything if books.facts.get(f"handled {number}") is not None}

    noted, written = database.read_now(read)
    again = {json.loads(content)["update_id"] for content in database.write_now(lambda books: books.inbox.take_up(3))}
    database.close()
    assert said["handled"] <= written <= noted
    assert said["confirmed"] <= noted
    assert noted <= written | again
    assert not again & said["marked"]


def _listen_until_killed(path: Path, lines: int) -> dict[str, set[int]]:
    """What it said; it is killed when it has said so many lines."""
    listener = subprocess.Popen([sys.executable, "-c", LISTENER, str(path)], stdout=subprocess.PIPE, text=True)
    assert listener.stdout is not None
    said: dict[str, set[int]] = {"confirmed": set(), "handled": set(), "marked": set()}
    for count, line in enumerate(listener.stdout, 1):
        word, number = line.split()
        said[word].add(int(number))
        if count == lines:
            os.kill(listener.pid, signal.SIGKILL)
    listener.wait()
    listener.stdout.close()
    return said


def test_a_promise_waits_for_the_disk_and_a_mark_does_not(database: Database) -> None:
    """SQLite's `synchronous`: 2 is FULL, 1 is NORMAL."""

    def synchronous(books: Books) -> int:
        return int(books.facts._connection.execute("PRAGMA synchronous").fetchone()[0])  # type: ignore[attr-defined]

    assert database.write_now(synchronous, lasting=False) == 1
    assert database.write_now(synchronous) == 2
