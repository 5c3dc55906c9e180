"""What is owed to people, written in the same transaction as what caused it."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from bot.domain.notice import Audience, Notice, OwedNotice
from storage import codec
from storage.instants import instant, seconds


class OutboxTable:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def owe(self, notice: Notice, now: datetime) -> None:
        """The newest state of a story wins: an older notice of it that is not sent yet is dropped."""
        if notice.story is not None:
            self._connection.execute(
                "UPDATE outbox SET state = 'dropped' WHERE state = 'owed' AND story = ? AND audience = ? "
                "AND member_id IS ?",
                (notice.story, notice.audience.value, notice.member_id),
            )
        self._connection.execute(
            "INSERT INTO outbox (audience, member_id, story, content, created_at, expires_at, state) "
            "VALUES (?, ?, ?, ?, ?, ?, 'owed')",
            (
                notice.audience.value,
                notice.member_id,
                notice.story,
                codec.encode(notice.message),
                seconds(now),
                seconds(notice.expires_at),
            ),
        )

    def due(self, now: datetime, limit: int = 50) -> list[OwedNotice]:
        """What may be tried now, oldest first, each with the message to edit if its story has been told before."""
        rows = self._connection.execute(
            """
            SELECT o.*, told.chat_id AS told_chat, told.message_id AS told_message FROM outbox o
            LEFT JOIN outbox told ON told.id = (
                SELECT MAX(t.id) FROM outbox t WHERE t.story = o.story AND t.audience = o.audience
                AND t.member_id IS o.member_id AND t.state = 'sent' AND t.message_id IS NOT NULL
            )
            WHERE o.state = 'owed' AND o.not_before <= ? ORDER BY o.id LIMIT ?
            """,
            (seconds(now), limit),
        )
        return [
            OwedNotice(
                row["id"],
                Notice(
                    Audience(row["audience"]),
                    codec.decode(row["content"]),
                    instant(row["expires_at"]),
                    row["member_id"],
                    row["story"],
                ),
                instant(row["created_at"]),
                row["attempts"],
                row["told_chat"],
                row["told_message"],
            )
            for row in rows
        ]

    def sent(self, notice_id: int, chat_id: int, message_id: int) -> None:
        self._connection.execute(
            "UPDATE outbox SET state = 'sent', chat_id = ?, message_id = ? WHERE id = ?",
            (chat_id, message_id, notice_id),
        )

    def postpone(self, notice_id: int, not_before: datetime) -> None:
        self._connection.execute(
            "UPDATE outbox SET attempts = attempts + 1, not_before = ? WHERE id = ?", (seconds(not_before), notice_id)
        )

    def drop(self, notice_id: int) -> None:
        self._connection.execute("UPDATE outbox SET state = 'dropped' WHERE id = ?", (notice_id,))

    def forget_before(self, instant: datetime) -> None:
        """What was owed before that and is settled; a story that goes on after so long is told in a new message."""
        self._connection.execute(
            "DELETE FROM outbox WHERE created_at < ? AND state != 'owed' AND id < (SELECT MAX(id) FROM outbox)",
            (seconds(instant),),
        )

    def owes_group_lines(self) -> bool:
        row = self._connection.execute(
            "SELECT 1 FROM outbox WHERE audience = 'group' AND state = 'owed' AND story IS NULL LIMIT 1"
        ).fetchone()
        return row is not None

    def is_owed(self, story: str, member_id: int) -> bool:
        """Whether a notice of that story has not reached them yet, and is still tried."""
        row = self._connection.execute(
            "SELECT 1 FROM outbox WHERE story = ? AND audience = 'member' AND member_id = ? AND state = 'owed'",
            (story, member_id),
        ).fetchone()
        return row is not None
