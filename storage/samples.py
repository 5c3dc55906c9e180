"""What the cards did, in buckets. A poll adds to the buckets it falls into; old buckets are forgotten."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import datetime, timedelta

from bot.domain.bucket import CardUse, Level, MemberUse
from bot.domain.card import CardId
from bot.domain.window import Window
from storage.instants import instant, seconds

ADD_CARD = """
INSERT INTO usage_cards VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET
    read_seconds = read_seconds + excluded.read_seconds,
    unread_seconds = unread_seconds + excluded.unread_seconds,
    load_total = load_total + excluded.load_total,
    load_seconds = load_seconds + excluded.load_seconds,
    load_highest = MAX(COALESCE(load_highest, excluded.load_highest), COALESCE(excluded.load_highest, load_highest)),
    memory_total = memory_total + excluded.memory_total,
    memory_seconds = memory_seconds + excluded.memory_seconds,
    memory_highest =
        MAX(COALESCE(memory_highest, excluded.memory_highest), COALESCE(excluded.memory_highest, memory_highest)),
    temperature_highest = MAX(
        COALESCE(temperature_highest, excluded.temperature_highest),
        COALESCE(excluded.temperature_highest, temperature_highest)
    ),
    traced_seconds = traced_seconds + excluded.traced_seconds,
    busy_seconds = busy_seconds + excluded.busy_seconds
"""

ADD_MEMBER = """
INSERT INTO usage_members VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET
    used_seconds = used_seconds + excluded.used_seconds,
    idle_seconds = idle_seconds + excluded.idle_seconds
"""

IN_WINDOW = "length = ? AND start_at >= ? AND start_at < ?"


class UsageTable:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def add(self, cards: Iterable[CardUse], members: Iterable[MemberUse]) -> None:
        """Add to what the buckets hold already."""
        self._connection.executemany(ADD_CARD, map(_card_row, cards))
        self._connection.executemany(ADD_MEMBER, map(_member_row, members))

    def of_cards(self, window: Window, length: timedelta) -> list[CardUse]:
        """All cards' buckets of that length that begin in the window, earliest first."""
        rows = self._connection.execute(
            f"SELECT * FROM usage_cards WHERE {IN_WINDOW} ORDER BY start_at, host, uuid",  # noqa: S608
            _span(window, length),
        )
        return [_card_use(row) for row in rows]

    def of_members(self, window: Window, length: timedelta) -> list[MemberUse]:
        """One sum for each member and card over the buckets that begin in the window, as if it were one bucket."""
        rows = self._connection.execute(
            f"""
            SELECT member_id, host, uuid, SUM(used_seconds) AS used_seconds, SUM(idle_seconds) AS idle_seconds
            FROM usage_members WHERE {IN_WINDOW} GROUP BY member_id, host, uuid
            """,  # noqa: S608
            _span(window, length),
        )
        return [
            MemberUse(
                row["member_id"],
                CardId(row["host"], row["uuid"]),
                window.start,
                window.duration,
                row["used_seconds"],
                row["idle_seconds"],
            )
            for row in rows
        ]

    def present(self, window: Window, length: timedelta) -> list[MemberUse]:
        """Who was really on which card, bucket by bucket."""
        rows = self._connection.execute(
            f"SELECT * FROM usage_members WHERE {IN_WINDOW} AND used_seconds > 0",  # noqa: S608
            _span(window, length),
        )
        return [
            MemberUse(
                row["member_id"],
                CardId(row["host"], row["uuid"]),
                instant(row["start_at"]),
                timedelta(seconds=row["length"]),
                row["used_seconds"],
                row["idle_seconds"],
            )
            for row in rows
        ]

    def last_use(self, since: datetime, length: timedelta) -> dict[int, datetime]:
        """When each member was last seen on a card, to within a bucket of that length."""
        rows = self._connection.execute(
            "SELECT member_id, MAX(start_at) AS last FROM usage_members "
            "WHERE length = ? AND start_at >= ? AND used_seconds > 0 GROUP BY member_id",
            (int(length.total_seconds()), seconds(since)),
        )
        return {row["member_id"]: instant(row["last"]) for row in rows}

    def forget_before(self, instant: datetime, length: timedelta) -> None:
        for table in ("usage_cards", "usage_members"):
            self._connection.execute(
                f"DELETE FROM {table} WHERE length = ? AND start_at < ?",  # noqa: S608 - our own two names
                (_whole(length), seconds(instant)),
            )


def _span(window: Window, length: timedelta) -> tuple[int, int, int]:
    return _whole(length), seconds(window.start), seconds(window.end)


def _whole(length: timedelta) -> int:
    return int(length.total_seconds())


def _card_row(use: CardUse) -> tuple[object, ...]:
    return (
        _whole(use.length),
        seconds(use.start),
        use.card.host,
        use.card.uuid,
        use.read_seconds,
        use.unread_seconds,
        *_level_row(use.load),
        *_level_row(use.memory),
        use.temperature_highest,
        use.traced_seconds,
        use.busy_seconds,
    )


def _level_row(level: Level) -> tuple[object, ...]:
    return level.total, level.seconds, level.highest


def _member_row(use: MemberUse) -> tuple[object, ...]:
    where = (_whole(use.length), seconds(use.start), use.member_id, use.card.host, use.card.uuid)
    return (*where, use.used_seconds, use.idle_seconds)


def _card_use(row: sqlite3.Row) -> CardUse:
    return CardUse(
        CardId(row["host"], row["uuid"]),
        instant(row["start_at"]),
        timedelta(seconds=row["length"]),
        row["read_seconds"],
        row["unread_seconds"],
        Level(row["load_total"], row["load_seconds"], row["load_highest"]),
        Level(row["memory_total"], row["memory_seconds"], row["memory_highest"]),
        row["temperature_highest"],
        row["traced_seconds"],
        row["busy_seconds"],
    )
