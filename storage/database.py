"""The one SQLite file: one writer thread, every write one `BEGIN IMMEDIATE` transaction, in the order it was asked for.

A read-then-write under plain BEGIN fails at once with "database is locked" when another process commits in between,
whatever the timeout; BEGIN IMMEDIATE queues instead. `synchronous=FULL`: a promise survives a power cut.

In WAL mode a reader waits for nobody, and what a use case reads is found in well under a millisecond, which is less
than it takes to hand the question to a thread and the answer back: such reads stay on the thread that asks.
"""

from __future__ import annotations

import asyncio
import fcntl
import sqlite3
import threading
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

import sqlite_utils

from storage.books import SqliteBooks
from storage.migrations import migrations

T = TypeVar("T")
BUSY_TIMEOUT_SECONDS = 20


def connect(path: Path | str, *, read_only: bool = False) -> sqlite3.Connection:
    """A connection in autocommit mode (transactions are opened by hand), in WAL mode, with foreign keys on."""
    connection = sqlite3.connect(str(path), timeout=BUSY_TIMEOUT_SECONDS, isolation_level=None, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    if read_only:
        connection.execute("PRAGMA query_only = ON")
    return connection


class NewerDatabase(Exception):
    """The file has a shape that this version of junzi doesn't know; str() names the steps."""


def refuse_newer(connection: sqlite3.Connection) -> None:
    """NewerDatabase if a step was made that is none of ours."""
    with closing(sqlite3.connect(":memory:")) as new:
        ours = {step.name for step in migrations.pending(sqlite_utils.Database(new))}
    made = {step.name for step in migrations.applied(sqlite_utils.Database(connection))}
    if strange := sorted(made - ours):
        raise NewerDatabase(", ".join(strange))


def migrate(path: Path) -> None:
    """Bring the file to the newest shape. Two processes may start at once: the second waits, then finds it done.

    NewerDatabase for a file that a later version of junzi has changed: an older one would write wrong things into it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(path.name + ".migrating").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        connection = connect(path)
        try:
            refuse_newer(connection)
            migrations.apply(sqlite_utils.Database(connection))
        finally:
            connection.close()


@contextmanager
def transaction(connection: sqlite3.Connection, mode: str) -> Iterator[sqlite3.Connection]:
    """`mode` is IMMEDIATE for writes and DEFERRED for reads; any exception rolls everything back."""
    connection.execute(f"BEGIN {mode}")
    try:
        yield connection
    except BaseException:
        connection.rollback()
        raise
    connection.commit()


class Database:
    """`bot.books.Store` on one SQLite file. What waits for the disk, or takes long, does so on threads of its own."""

    def __init__(self, path: Path) -> None:
        migrate(path)
        self.path = path
        self._writer = ThreadPoolExecutor(1, "junzi-write")
        self._readers = ThreadPoolExecutor(2, "junzi-read")
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._lock = threading.Lock()

    def write(self, work: Callable[[SqliteBooks], T], *, lasting: bool = True) -> Awaitable[T]:
        """Run `work` in one transaction; it is all written when this is awaited, or nothing if it raised."""
        return asyncio.get_running_loop().run_in_executor(self._writer, partial(self.write_now, work, lasting=lasting))

    async def read(self, work: Callable[[SqliteBooks], T]) -> T:
        """Run `work` on one consistent snapshot, here and now; writing in it is an error."""
        return self.read_now(work)

    async def look_back(self, work: Callable[[SqliteBooks], T]) -> T:
        """`read` for what walks through weeks of use and would keep everybody else waiting."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self.read_now, work)

    def write_now(self, work: Callable[[SqliteBooks], T], *, lasting: bool = True) -> T:
        """`write` for callers without an event loop (the command line, tests, other processes)."""
        connection = self._connection(read_only=False)
        # NORMAL hands the transaction to the kernel and waits for no disk; the next FULL one carries it along.
        connection.execute(f"PRAGMA synchronous = {'FULL' if lasting else 'NORMAL'}")
        with transaction(connection, "IMMEDIATE"):
            return work(SqliteBooks(connection))

    def read_now(self, work: Callable[[SqliteBooks], T]) -> T:
        """`read` for callers without an event loop."""
        with transaction(self._connection(read_only=True), "DEFERRED") as connection:
            return work(SqliteBooks(connection))

    def _connection(self, *, read_only: bool) -> sqlite3.Connection:
        name = "reading" if read_only else "writing"
        connection: sqlite3.Connection | None = getattr(self._local, name, None)
        if connection is None:
            connection = connect(self.path, read_only=read_only)
            setattr(self._local, name, connection)
            with self._lock:
                self._connections.append(connection)
        return connection

    def close(self) -> None:
        """Finish what runs, then let go of the file."""
        self._writer.shutdown()
        self._readers.shutdown()
        for connection in self._connections:
            connection.close()
