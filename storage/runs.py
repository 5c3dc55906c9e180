"""What people ran: it outlives a restart, so that a run that went on meanwhile is the same run.

An open run is written anew at every poll, since every poll adds to its load. In the write-ahead log that is 12 KiB a
poll for 8 runs (36 MB a day) and 76 KiB for 64 (224 MB a day), measured: little for a disk, and numbers kept in memory
would be lost with the process.
"""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import datetime

from bot.domain import run_story
from bot.domain.run_story import RunRecord
from storage import codec
from storage.instants import seconds

codec.register(run_story.RunRecord, run_story.RunEnding)


class RunTable:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def open(self) -> list[RunRecord]:
        """Those that go on, in the order in which they were first seen."""
        rows = self._connection.execute("SELECT id, content FROM runs WHERE ended_at IS NULL ORDER BY id")
        return [_record(row) for row in rows]

    def get(self, run_id: int) -> RunRecord | None:
        row = self._connection.execute("SELECT id, content FROM runs WHERE id = ?", (run_id,)).fetchone()
        return None if row is None else _record(row)

    def latest(self, member_id: int | None, since: datetime, limit: int) -> list[RunRecord]:
        """Those that began at `since` or later, or go on, of one member or of everybody; the newest first."""
        rows = self._connection.execute(
            "SELECT id, content FROM runs WHERE (? IS NULL OR member_id = ?) AND (started_at >= ? OR ended_at IS NULL) "
            "ORDER BY started_at DESC, id DESC LIMIT ?",
            (member_id, member_id, seconds(since), limit),
        )
        return [_record(row) for row in rows]

    def keep(self, record: RunRecord) -> RunRecord:
        """Write it down as it is now; with its number, if it had none."""
        content = codec.encode(replace(record, id=None))
        ended_at = None if record.ended_at is None else seconds(record.ended_at)
        if record.id is None:
            cursor = self._connection.execute(
                "INSERT INTO runs (member_id, started_at, ended_at, content) VALUES (?, ?, ?, ?)",
                (record.member, seconds(record.started_at), ended_at, content),
            )
            return replace(record, id=cursor.lastrowid)
        self._connection.execute(
            "UPDATE runs SET ended_at = ?, content = ? WHERE id = ?", (ended_at, content, record.id)
        )
        return record

    def forget_before(self, instant: datetime) -> None:
        self._connection.execute("DELETE FROM runs WHERE ended_at < ?", (seconds(instant),))


def _record(row: sqlite3.Row) -> RunRecord:
    found: RunRecord = codec.decode(row["content"])
    return replace(found, id=row["id"])
