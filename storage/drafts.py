"""Bookings in preparation. A button carries a draft's number; the draft remembers which booking came of it."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from bot.domain.draft import Draft
from storage import codec
from storage.instants import seconds


class DraftTable:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def add(self, draft: Draft, now: datetime) -> int:
        cursor = self._connection.execute(
            "INSERT INTO drafts (member_id, content, created_at) VALUES (?, ?, ?)",
            (draft.member_id, codec.encode(draft), seconds(now)),
        )
        return int(cursor.lastrowid or 0)

    def get(self, draft_id: int) -> Draft | None:
        row = self._connection.execute("SELECT content FROM drafts WHERE id = ?", (draft_id,)).fetchone()
        if row is None:
            return None
        draft = codec.decode(row["content"])
        assert isinstance(draft, Draft)  # noqa: S101 - the type checker's sake
        return draft

    def change(self, draft_id: int, draft: Draft) -> None:
        self._connection.execute("UPDATE drafts SET content = ? WHERE id = ?", (codec.encode(draft), draft_id))

    def forget_before(self, instant: datetime) -> None:
        """Those made before that; a button of theirs is outdated. The newest stays, so that no number is given twice:
        an old button would book what somebody prepares now."""
        self._connection.execute(
            "DELETE FROM drafts WHERE created_at < ? AND id < (SELECT MAX(id) FROM drafts)", (seconds(instant),)
        )
