"""What people were told by the watch, and what they answered: it outlives a restart, and so do the buttons."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import datetime

from bot.domain import case as cases
from bot.domain.case import Case
from bot.domain.outage import Outage
from storage import codec
from storage.instants import seconds

codec.register(cases.Case, cases.Subject, cases.Answer, cases.Answered, Outage)


class CaseTable:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def get(self, case_id: int) -> Case | None:
        row = self._connection.execute("SELECT id, content FROM cases WHERE id = ?", (case_id,)).fetchone()
        return None if row is None else _case(row)

    def not_over_since(self, instant: datetime) -> list[Case]:
        """Those that go on, and those that ended at `instant` or later; oldest first."""
        rows = self._connection.execute(
            "SELECT id, content FROM cases WHERE ended_at IS NULL OR ended_at >= ? ORDER BY id", (seconds(instant),)
        )
        return [_case(row) for row in rows]

    def keep(self, case: Case) -> Case:
        """Write it down as it is now; with its number, if it had none."""
        ended_at = None if case.ended_at is None else seconds(case.ended_at)
        content = codec.encode(replace(case, id=None))
        if case.id is None:
            cursor = self._connection.execute(
                "INSERT INTO cases (content, ended_at) VALUES (?, ?)", (content, ended_at)
            )
            return replace(case, id=cursor.lastrowid)
        self._connection.execute(
            "UPDATE cases SET content = ?, ended_at = ? WHERE id = ?", (content, ended_at, case.id)
        )
        return case

    def forget_before(self, instant: datetime) -> None:
        """Those that ended before that; a button of theirs is outdated."""
        self._connection.execute("DELETE FROM cases WHERE ended_at < ?", (seconds(instant),))

    def allow(self, member_id: int, booking: int, until: datetime, now: datetime) -> None:
        self._connection.execute(
            "INSERT OR REPLACE INTO allowances (member_id, booking, allowed_at, until) VALUES (?, ?, ?, ?)",
            (member_id, booking, seconds(now), seconds(until)),
        )

    def mind(self, member_id: int, booking: int) -> None:
        """The holder has changed their mind."""
        self._connection.execute("DELETE FROM allowances WHERE member_id = ? AND booking = ?", (member_id, booking))

    def allowed(self, now: datetime) -> frozenset[tuple[int, int]]:
        """Pairs of a member and a booking whose holder does not mind now."""
        rows = self._connection.execute(
            "SELECT member_id, booking FROM allowances WHERE until IS NULL OR until > ?", (seconds(now),)
        )
        return frozenset((row["member_id"], row["booking"]) for row in rows)


def _case(row: sqlite3.Row) -> Case:
    found: Case = codec.decode(row["content"])
    return replace(found, id=row["id"])
