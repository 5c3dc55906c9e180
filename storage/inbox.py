"""What people said, noted before it is handled.

python-telegram-bot confirms updates to the server before its handlers have run: without this table a crash in between
loses a booking. The same table makes an update that is delivered twice harmless.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime

from storage.instants import seconds


class InboxTable:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def note(self, update_id: int, content: str, now: datetime) -> bool:
        """Write an update down; False if it was written before."""
        cursor = self._connection.execute(
            "INSERT INTO inbox (update_id, received_at, content) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            (update_id, seconds(now), content),
        )
        return cursor.rowcount == 1

    def done(self, update_id: int, now: datetime) -> None:
        """Handled; its content (people's words) is not kept."""
        self._connection.execute(
            "UPDATE inbox SET done_at = ?, content = NULL WHERE update_id = ?", (seconds(now), update_id)
        )

    def unfinished(self) -> list[str]:
        rows = self._connection.execute("SELECT content FROM inbox WHERE done_at IS NULL ORDER BY update_id")
        return [row["content"] for row in rows]

    def forget_before(self, instant: datetime) -> None:
        """Telegram keeps updates for 24 hours; what is older can't come again."""
        self._connection.execute("DELETE FROM inbox WHERE done_at < ?", (seconds(instant),))
