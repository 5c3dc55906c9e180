"""The ledger as SQLite keeps it. What stands is found by the end of its window, so history costs nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import datetime

from bot.domain.card import CardId
from bot.domain.reservation import Kind, Request, Reservation
from bot.domain.window import Window
from storage.instants import instant, seconds


def _reservation(row: sqlite3.Row) -> Reservation:
    return Reservation(
        id=row["id"],
        booking=row["booking"],
        card=CardId(row["host"], row["uuid"]),
        member_id=row["member_id"],
        window=Window(instant(row["start_at"]), instant(row["end_at"])),
        memory_bytes=row["memory_bytes"],
        note=row["note"],
        kind=Kind.PROMISE if row["promised"] else Kind(row["kind"]),
        made_at=instant(row["created_at"]),
    )


class ReservationTable:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def _select(self, rest: str, *values: object) -> list[Reservation]:
        query = f"SELECT * FROM reservations WHERE {rest}"  # noqa: S608 - `rest` is written in this file
        return [_reservation(row) for row in self._connection.execute(query, values)]

    def standing(self, now: datetime) -> list[Reservation]:
        """Everything that holds at `now` or later, soonest start first."""
        return self._select("state = 'standing' AND end_at > ? ORDER BY start_at, id", seconds(now))

    def in_the_way(self, cards: Iterable[CardId], window: Window) -> list[Reservation]:
        """What stands on these cards at any instant of the window: by index, whatever else the ledger holds."""
        return [
            reservation
            for card in cards
            for reservation in self._select(
                "state = 'standing' AND host = ? AND uuid = ? AND end_at > ? AND start_at < ? ORDER BY start_at, id",
                card.host,
                card.uuid,
                seconds(window.start),
                seconds(window.end),
            )
        ]

    def of_member(self, member_id: int, now: datetime) -> list[Reservation]:
        """What a member holds at `now` or later, soonest start first."""
        return self._select(
            "state = 'standing' AND member_id = ? AND end_at > ? ORDER BY start_at, id", member_id, seconds(now)
        )

    def ended_between(self, start: datetime, end: datetime) -> list[Reservation]:
        """Those whose window ended in `[start, end)`."""
        return self._select(
            "state = 'standing' AND end_at >= ? AND end_at < ? ORDER BY end_at, id", seconds(start), seconds(end)
        )

    def get(self, reservation_id: int) -> Reservation | None:
        return next(iter(self._select("id = ?", reservation_id)), None)

    def of_booking(self, booking: int) -> list[Reservation]:
        """The cards taken together that still stand in the ledger (past windows included)."""
        return self._select("booking = ? AND state = 'standing' ORDER BY id", booking)

    def of_origin(self, origin: str) -> list[Reservation]:
        return self._select("origin = ? ORDER BY id", origin)

    def last_cards(self, member_id: int, limit: int = 4) -> list[CardId]:
        """The cards this member held last, the latest first."""
        rows = self._connection.execute(
            "SELECT host, uuid FROM reservations WHERE member_id = ? AND kind = 'booking' ORDER BY end_at DESC LIMIT ?",
            (member_id, limit),
        )
        return list(dict.fromkeys(CardId(row["host"], row["uuid"]) for row in rows))

    def add(
        self, request: Request, now: datetime, *, origin: str | None, kind: Kind = Kind.BOOKING
    ) -> list[Reservation]:
        """One row a card, one booking number for all. The schema refuses an overlap (sqlite3.IntegrityError)."""
        booking = self._next_booking()
        for card in request.cards:
            self._connection.execute(
                "INSERT INTO reservations (booking, host, uuid, member_id, start_at, end_at, memory_bytes, note, kind, "
                "promised, state, origin, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'standing', ?, ?)",
                (
                    booking,
                    card.id.host,
                    card.id.uuid,
                    request.member.id,
                    seconds(request.window.start),
                    seconds(request.window.end),
                    request.memory_bytes,
                    request.note,
                    (Kind.OFFER if kind is Kind.PROMISE else kind).value,
                    kind is Kind.PROMISE,
                    origin,
                    seconds(now),
                ),
            )
        return self.of_booking(booking)

    def _next_booking(self) -> int:
        row = self._connection.execute("SELECT COALESCE(MAX(booking), 0) + 1 FROM reservations").fetchone()
        return int(row[0])

    def move(self, reservation_id: int, window: Window) -> None:
        """Give it another window (extend, shorten, end early). The schema refuses an overlap."""
        self._connection.execute(
            "UPDATE reservations SET start_at = ?, end_at = ? WHERE id = ?",
            (seconds(window.start), seconds(window.end), reservation_id),
        )

    def shift(self, reservation_id: int, card: CardId, window: Window) -> None:
        """Give it another card, and another window. The schema refuses an overlap."""
        self._connection.execute(
            "UPDATE reservations SET host = ?, uuid = ?, start_at = ?, end_at = ? WHERE id = ?",
            (card.host, card.uuid, seconds(window.start), seconds(window.end), reservation_id),
        )

    def cancel(self, reservation_id: int) -> None:
        """It never was: the row stays in the history, it stands no more."""
        self._connection.execute("UPDATE reservations SET state = 'cancelled' WHERE id = ?", (reservation_id,))

    def restore(self, reservation_id: int, window: Window) -> None:
        """As it was before it was changed or given back. The schema refuses an overlap."""
        self._connection.execute(
            "UPDATE reservations SET state = 'standing', start_at = ?, end_at = ? WHERE id = ?",
            (seconds(window.start), seconds(window.end), reservation_id),
        )

    def take(self, reservation_id: int) -> None:
        """What was held for an offer is a booking from now on."""
        self._connection.execute("UPDATE reservations SET kind = 'booking' WHERE id = ?", (reservation_id,))

    def history(self, member_id: int | None, before: datetime, limit: int) -> list[Reservation]:
        """Bookings that ended before that instant, the latest first; of one member, or (None) of everybody."""
        who = "TRUE" if member_id is None else "member_id = ?"
        values = () if member_id is None else (member_id,)
        return self._select(
            f"kind = 'booking' AND state = 'standing' AND {who} AND end_at <= ? ORDER BY end_at DESC, id DESC LIMIT ?",
            *values,
            seconds(before),
            limit,
        )
