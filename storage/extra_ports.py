"""Host ports that containers hold beside the one for SSH."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from bot.domain.extra_port import ExtraPort
from storage.instants import seconds


class ExtraPortTable:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def of(self, server: str, name: str) -> list[ExtraPort]:
        rows = self._connection.execute(
            "SELECT * FROM extra_ports WHERE server = ? AND name = ? ORDER BY target", (server, name)
        )
        return [ExtraPort(row["server"], row["name"], row["port"], row["target"]) for row in rows]

    def hold(self, port: ExtraPort, now: datetime) -> None:
        """In the place of another port to the same target; sqlite3.IntegrityError if it is held already."""
        self.give_up(port.server, port.name, port.target)
        self._connection.execute(
            "INSERT INTO extra_ports (server, port, name, target, held_at) VALUES (?, ?, ?, ?, ?)",
            (port.server, port.port, port.name, port.target, seconds(now)),
        )

    def give_up(self, server: str, name: str, target: int) -> None:
        self._connection.execute(
            "DELETE FROM extra_ports WHERE server = ? AND name = ? AND target = ?", (server, name, target)
        )
