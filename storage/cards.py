"""The cards that were ever seen on a host. A card that vanishes keeps its row, and so its bookings."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import datetime

from bot.domain.card import Card, CardId
from storage.instants import instant, seconds


class CardTable:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def all(self) -> list[Card]:
        rows = self._connection.execute("SELECT * FROM cards ORDER BY host, card_index, uuid")
        return [_card(row) for row in rows]

    def get(self, card_id: CardId) -> Card | None:
        row = self._connection.execute(
            "SELECT * FROM cards WHERE host = ? AND uuid = ?", (card_id.host, card_id.uuid)
        ).fetchone()
        return None if row is None else _card(row)

    def seen_at(self, card_id: CardId) -> datetime | None:
        row = self._connection.execute(
            "SELECT seen_at FROM cards WHERE host = ? AND uuid = ?", (card_id.host, card_id.uuid)
        ).fetchone()
        return None if row is None else instant(row["seen_at"])

    def see(self, cards: Iterable[Card], now: datetime) -> None:
        """Note what a sample has shown: index, PCI address and memory may change, the UUID is the card."""
        self._connection.executemany(
            """
            INSERT INTO cards (host, uuid, card_index, model, memory_total_bytes, pci_address, seen_at)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (host, uuid) DO UPDATE SET card_index = excluded.card_index, model = excluded.model,
                memory_total_bytes = COALESCE(excluded.memory_total_bytes, memory_total_bytes),
                pci_address = excluded.pci_address, seen_at = excluded.seen_at
            """,
            [
                (c.id.host, c.id.uuid, c.index, c.model, c.memory_total_bytes, c.pci_address, seconds(now))
                for c in cards
            ],
        )


def _card(row: sqlite3.Row) -> Card:
    return Card(
        CardId(row["host"], row["uuid"]),
        row["card_index"],
        row["model"],
        row["memory_total_bytes"],
        row["pci_address"],
    )
