"""Containers of people who have left, and until when they are kept."""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime

from bot.domain.archive import Archive, ArchiveState
from storage.instants import instant, seconds


def _archive(row: sqlite3.Row) -> Archive:
    return Archive(
        id=row["id"],
        server=row["server"],
        name=row["name"],
        original=row["original"],
        member_id=row["member_id"],
        ssh_port=row["ssh_port"],
        template=row["template"],
        account=row["account"],
        ports=json.loads(row["ports"]),
        archived_at=instant(row["archived_at"]),
        keep_until=instant(row["keep_until"]),
        offered_at=None if row["offered_at"] is None else instant(row["offered_at"]),
        state=ArchiveState(row["state"]),
    )


class ArchiveTable:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def _where(self, condition: str, *values: object) -> list[Archive]:
        query = f"SELECT * FROM archives WHERE state = 'kept' AND {condition} ORDER BY id"  # noqa: S608
        return [_archive(row) for row in self._connection.execute(query, values)]

    def all(self) -> list[Archive]:
        return self._where("TRUE")

    def get(self, archive_id: int) -> Archive | None:
        """None if it is kept no longer."""
        return next(iter(self._where("id = ?", archive_id)), None)

    def of_name(self, name: str) -> Archive | None:
        """By what it was called, or is called in LXD now; the newest, if there are several."""
        return next(reversed(self._where("(original = ? OR name = ?)", name, name)), None)

    def add(self, archive: Archive) -> Archive:
        """`archive.id` is not looked at."""
        cursor = self._connection.execute(
            "INSERT INTO archives (server, name, original, member_id, ssh_port, template, account, ports, archived_at, "
            "keep_until, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                archive.server,
                archive.name,
                archive.original,
                archive.member_id,
                archive.ssh_port,
                archive.template,
                archive.account,
                json.dumps({name: dict(device) for name, device in archive.ports.items()}),
                seconds(archive.archived_at),
                seconds(archive.keep_until),
                archive.state.value,
            ),
        )
        return self._where("id = ?", int(cursor.lastrowid or 0))[0]

    def set_state(self, archive_id: int, state: ArchiveState) -> None:
        self._connection.execute("UPDATE archives SET state = ? WHERE id = ?", (state.value, archive_id))

    def keep_until(self, archive_id: int, until: datetime) -> None:
        self._connection.execute(
            "UPDATE archives SET keep_until = ?, offered_at = NULL WHERE id = ?", (seconds(until), archive_id)
        )

    def offered(self, archive_id: int, now: datetime) -> None:
        """The admins were asked whether to delete it."""
        self._connection.execute("UPDATE archives SET offered_at = ? WHERE id = ?", (seconds(now), archive_id))
