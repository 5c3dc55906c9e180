"""The waiting list as SQLite keeps it. A ticket that is over keeps its row."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from bot.domain import waiting
from bot.domain.waiting import Ticket, TicketState, Wish
from storage import codec
from storage.instants import instant, seconds

codec.register(waiting.Wish)


def _ticket(row: sqlite3.Row) -> Ticket:
    offered_until = row["offered_until"]
    return Ticket(
        id=row["id"],
        member_id=row["member_id"],
        wish=codec.decode(row["wish"]),
        joined_at=instant(row["joined_at"]),
        lapses_at=instant(row["lapses_at"]),
        state=TicketState(row["state"]),
        booking=row["booking"],
        offered_until=None if offered_until is None else instant(offered_until),
    )


class WaitingTable:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def line(self) -> list[Ticket]:
        """Everybody in line, first come first."""
        rows = self._connection.execute("SELECT * FROM waiting WHERE state IN ('waiting', 'offered') ORDER BY id")
        return [_ticket(row) for row in rows]

    def get(self, ticket_id: int) -> Ticket | None:
        row = self._connection.execute("SELECT * FROM waiting WHERE id = ?", (ticket_id,)).fetchone()
        return None if row is None else _ticket(row)

    def add(self, member_id: int, wish: Wish, now: datetime) -> Ticket:
        """At the end of the line."""
        lapses_at = wish.lapses_at(now)
        cursor = self._connection.execute(
            "INSERT INTO waiting (member_id, wish, joined_at, lapses_at, state) VALUES (?, ?, ?, ?, 'waiting')",
            (member_id, codec.encode(wish), seconds(now), seconds(lapses_at)),
        )
        added = self.get(int(cursor.lastrowid or 0))
        assert added is not None  # noqa: S101 - the type checker's sake
        return added

    def offer(self, ticket_id: int, booking: int, until: datetime) -> None:
        """The rows of that booking are held for this ticket until then."""
        self._connection.execute(
            "UPDATE waiting SET state = 'offered', booking = ?, offered_until = ? WHERE id = ?",
            (booking, seconds(until), ticket_id),
        )

    def promise(self, ticket_id: int, booking: int) -> None:
        """The rows of that booking are kept for this ticket, which waits on."""
        self._connection.execute("UPDATE waiting SET booking = ? WHERE id = ?", (booking, ticket_id))

    def set_state(self, ticket_id: int, state: TicketState) -> None:
        self._connection.execute("UPDATE waiting SET state = ? WHERE id = ?", (state.value, ticket_id))
