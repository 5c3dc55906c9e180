"""What people were reminded of, so that neither a late tick nor a restart says it twice."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from bot.domain.reminder import ReminderKind, Told
from storage.instants import instant, seconds


class ReminderTable:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def told_since(self, at: datetime) -> list[Told]:
        """Those that spoke of that instant or a later one."""
        rows = self._connection.execute("SELECT * FROM reminders WHERE at >= ? ORDER BY at, booking", (seconds(at),))
        return [
            Told(ReminderKind(row["kind"]), row["booking"], instant(row["at"]), instant(row["told_at"])) for row in rows
        ]

    def tell(self, told: Told) -> None:
        """The same one again changes nothing."""
        self._connection.execute(
            "INSERT INTO reminders (at, booking, kind, told_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (seconds(told.at), told.booking, told.kind.value, seconds(told.told_at)),
        )
