"""Small things to remember under a name: when the last post went out, what the group's id became."""

from __future__ import annotations

import sqlite3
from typing import Any

from storage import codec


class FactTable:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def get(self, name: str) -> Any:
        """None if nothing is remembered under that name."""
        row = self._connection.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return None if row is None else codec.decode(row["value"])

    def put(self, name: str, value: object) -> None:
        self._connection.execute(
            "INSERT INTO facts (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (name, codec.encode(value)),
        )
