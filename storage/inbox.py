"""What people said, noted before anything is written because of it.

python-telegram-bot confirms updates to the server before its handlers have run: without this table a crash in between
loses a booking. The same table makes an update that is delivered twice harmless.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import datetime

from storage.instants import seconds


class InboxTable:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def knows(self, update_id: int) -> bool:
        """Was it written down before?"""
        return self._connection.execute("SELECT 1 FROM inbox WHERE update_id = ?", (update_id,)).fetchone() is not None

    def note(self, update_id: int, content: str, now: datetime) -> None:
        """Write an update down; one that is known stays as it is."""
        self._connection.execute(
            "INSERT INTO inbox (update_id, received_at, content) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            (update_id, seconds(now), content),
        )

    def done(self, update_ids: Iterable[int], now: datetime) -> None:
        """Handled; their content (people's words) is not kept. One that could not be noted before is from now on."""
        self._connection.executemany(
            "INSERT INTO inbox (update_id, received_at, done_at) VALUES (?, ?, ?) "
            "ON CONFLICT DO UPDATE SET done_at = excluded.done_at, content = NULL",
            [(update_id, seconds(now), seconds(now)) for update_id in update_ids],
        )

    def take_up(self, most_attempts: int) -> list[str]:
        """What an earlier process noted and did not finish, each counted as tried once more; given up after that many
        attempts, since an update may be what killed that process."""
        self._connection.execute("UPDATE inbox SET attempts = attempts + 1 WHERE done_at IS NULL")
        rows = self._connection.execute(
            "SELECT content FROM inbox WHERE done_at IS NULL AND attempts <= ? ORDER BY update_id", (most_attempts,)
        )
        return [row["content"] for row in rows]

    def pending(self) -> int:
        """How many updates are noted and not handled yet."""
        return int(self._connection.execute("SELECT COUNT(*) FROM inbox WHERE done_at IS NULL").fetchone()[0])

    def forget_before(self, instant: datetime) -> None:
        """Telegram keeps updates for 24 hours; what is older can't come again. What was given up goes with it."""
        self._connection.execute("DELETE FROM inbox WHERE COALESCE(done_at, received_at) < ?", (seconds(instant),))
