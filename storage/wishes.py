"""What each member wants to be told of: which runs' ends, and which cards that come free."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta

from bot.domain.card import CardId
from storage.instants import seconds


class WishTable:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def told_from(self, member_id: int, otherwise: timedelta) -> timedelta | None:
        """The shortest run whose end they want to hear of; None: of none."""
        row = self._connection.execute(
            "SELECT at_least_seconds FROM notify WHERE member_id = ?", (member_id,)
        ).fetchone()
        if row is None:
            return otherwise
        return None if row["at_least_seconds"] is None else timedelta(seconds=row["at_least_seconds"])

    def tell_from(self, member_id: int, at_least: timedelta | None) -> None:
        self._connection.execute(
            "INSERT INTO notify (member_id, at_least_seconds) VALUES (?, ?) "
            "ON CONFLICT (member_id) DO UPDATE SET at_least_seconds = excluded.at_least_seconds",
            (member_id, None if at_least is None else int(at_least.total_seconds())),
        )

    def bells(self) -> list[tuple[int, CardId]]:
        """Who wants to hear of which card, in the order in which they asked."""
        rows = self._connection.execute("SELECT member_id, host, uuid FROM bells ORDER BY asked_at, member_id")
        return [(row["member_id"], CardId(row["host"], row["uuid"])) for row in rows]

    def hang_bell(self, member_id: int, card: CardId, now: datetime) -> None:
        self._connection.execute(
            "INSERT INTO bells (member_id, host, uuid, asked_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (member_id, card.host, card.uuid, seconds(now)),
        )

    def take_bell(self, member_id: int, card: CardId) -> None:
        self._connection.execute(
            "DELETE FROM bells WHERE member_id = ? AND host = ? AND uuid = ?", (member_id, card.host, card.uuid)
        )
