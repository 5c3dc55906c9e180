"""The board as a rich message: a table of cards, the processes of each folded under it, the reading's age below.

Two lines a card fit a phone where five columns would not (Bot API 10.1, rich messages).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.domain.board import Board, CardRow, Holding
from bot.domain.reservation import Kind
from bot.domain.sample import Reading, Unread
from bot.domain.saying import Ahead, Cell, Code, Listing, Message, Person, Saying, Table
from bot.views.board import age_of, number, users_of

CELLS = 4
GIB = 1 << 30
NOTHING = Saying("common.nothing")
UNKNOWN = Saying("common.unknown")
HEAD = tuple(Saying(f"rich.{column}") for column in ("card", "load", "memory"))


def with_table(message: Message, board: Board, footer: Saying | None = None) -> Message:
    """The same message with a table for servers that know tables. `footer` stands for the age of the reading."""
    return replace(message, rich=_rich(board, footer or age_of(board))) if board.rows else message


def _rich(board: Board, footer: Saying) -> Saying:
    """What is unknown is said to be unknown in its cell."""
    rows = tuple(line for row in board.rows for line in _lines(row, board.now))
    folds = tuple(_fold(row) for row in board.rows if _has_more(row))
    return Saying("rich.board", {"table": Table(HEAD, rows), "folds": Listing(folds, separator=""), "age": footer})


def _lines(row: CardRow, now: datetime) -> tuple[tuple[object, ...], tuple[object, ...]]:
    card, holder = Saying("rich.name", {"name": row.card.name}), Cell(_holder(row, now), columns=2)
    reading = row.reading if row.trouble is None else None
    if reading is None:
        why = row.trouble or Unread("not_yet")
        return (card, Cell(Saying("rich.unreadable", {"why": why}), columns=2)), (NOTHING, holder)
    return (
        card,
        _measure(_bar(reading.load_percent, 100), number(reading.load_percent, "%")),
        _measure(
            _bar(reading.memory_used_bytes, reading.memory_total_bytes),
            _gib(reading.memory_used_bytes, reading.memory_total_bytes),
        ),
    ), (number(reading.temperature_celsius, "°"), holder)


def _measure(bar: str, value: object) -> Saying:
    return Saying("rich.measure", {"bar": bar, "value": value})


def _bar(value: Reading[int], full: Reading[int]) -> str:
    if isinstance(value, Unread) or isinstance(full, Unread) or full <= 0:
        return "·" * CELLS
    filled = min(CELLS, max(round(CELLS * value / full), 1 if value / full >= 0.02 else 0))
    return "▰" * filled + "▱" * (CELLS - filled)


def _gib(used: Reading[int], total: Reading[int]) -> object:
    if isinstance(used, Unread) or isinstance(total, Unread):
        return UNKNOWN
    return f"{used / GIB:.0f}/{total / GIB:.0f}G"


def _holder(row: CardRow, now: datetime) -> Saying:
    if row.holding_now:
        first = min(row.holding_now, key=lambda holding: holding.reservation.window.end)
        more = Saying("rich.more", {"count": len(row.holding_now) - 1}) if len(row.holding_now) > 1 else NOTHING
        return Saying("rich.held", {"who": _who(first), "end": Ahead(first.reservation.window.end, now), "more": more})
    if row.trouble is not None or row.reading is None:
        return Saying("board.unbooked")  # what can't be read is not called free
    if not isinstance(row.processes, Unread) and row.processes:
        return Saying("rich.in_use")
    if row.next is not None:
        start = Ahead(row.next.reservation.window.start, now)
        return Saying("rich.free_until", {"who": _who(row.next), "start": start})
    return Saying("rich.free")


def _who(holding: Holding) -> object:
    if holding.reservation.kind is Kind.MAINTENANCE:
        return Saying("live.closed")
    return Saying("common.somebody") if holding.member is None else Person(holding.member.display_name)


def _has_more(row: CardRow) -> bool:
    """A card that can't be read says so in its line already."""
    return row.trouble is None if isinstance(row.processes, Unread) else bool(row.processes)


def _fold(row: CardRow) -> Saying:
    card, users = Code(row.card.name), users_of(row)
    if isinstance(row.processes, Unread):
        return Saying("rich.paragraph", {"text": Saying("rich.users_unknown", {"card": card, "users": users})})
    return Saying("rich.fold", {"card": card, "count": len(row.processes), "users": users})
