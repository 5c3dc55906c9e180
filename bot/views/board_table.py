"""The board as a rich message: a table of cards, the processes of each folded under it, the reading's age below.

Cells hold inline text only, and five short columns fit a phone (Bot API 10.1, rich messages).
"""

from __future__ import annotations

from dataclasses import replace

from bot.domain.board import Board, CardRow, Holding
from bot.domain.reservation import Kind
from bot.domain.sample import Reading, Unread
from bot.domain.saying import Code, Listing, Message, Person, Saying
from bot.views.board import age_of, number, users_of

CELLS = 4
GIB = 1 << 30
NOTHING = Saying("common.nothing")
UNKNOWN = Saying("common.unknown")


def with_table(message: Message, board: Board, footer: Saying | None = None) -> Message:
    """The same message with a table for servers that know tables. `footer` stands for the age of the reading."""
    return replace(message, rich=_table(board, footer or age_of(board))) if board.rows else message


def _table(board: Board, footer: Saying) -> Saying:
    """What is unknown is said to be unknown in its cell."""
    return Saying(
        "rich.board",
        {
            "rows": Listing(tuple(_row(row) for row in board.rows), separator=""),
            "folds": Listing(tuple(_fold(row) for row in board.rows if _has_more(row)), separator=""),
            "age": footer,
        },
    )


def _row(row: CardRow) -> Saying:
    reading = row.reading if row.trouble is None else None
    if reading is None:
        why = row.trouble or Unread("not_yet")
        return Saying("rich.unreadable", {"card": row.card.name, "why": why, "holder": _holder(row)})
    return Saying(
        "rich.row",
        {
            "card": row.card.name,
            "load": _bar(reading.load_percent, 100),
            "load_number": number(reading.load_percent, "%"),
            "memory": _bar(reading.memory_used_bytes, reading.memory_total_bytes),
            "memory_number": _gib(reading.memory_used_bytes, reading.memory_total_bytes),
            "temperature": number(reading.temperature_celsius, "°"),
            "holder": _holder(row),
        },
    )


def _bar(value: Reading[int], full: Reading[int]) -> str:
    if isinstance(value, Unread) or isinstance(full, Unread) or full <= 0:
        return "·" * CELLS
    filled = min(CELLS, max(round(CELLS * value / full), 1 if value / full >= 0.02 else 0))
    return "▰" * filled + "▱" * (CELLS - filled)


def _gib(used: Reading[int], total: Reading[int]) -> object:
    if isinstance(used, Unread) or isinstance(total, Unread):
        return UNKNOWN
    return f"{used / GIB:.0f}/{total / GIB:.0f}G"


def _holder(row: CardRow) -> Saying:
    if not row.holding_now:
        return Saying("rich.free")
    first = min(row.holding_now, key=lambda holding: holding.reservation.window.end)
    more = Saying("rich.more", {"count": len(row.holding_now) - 1}) if len(row.holding_now) > 1 else NOTHING
    return Saying("rich.held", {"who": _who(first), "end": first.reservation.window.end, "more": more})


def _who(holding: Holding) -> object:
    if holding.reservation.kind is Kind.MAINTENANCE:
        return Saying("live.closed")
    return Saying("common.somebody") if holding.member is None else Person(holding.member.display_name)


def _has_more(row: CardRow) -> bool:
    return isinstance(row.processes, Unread) or bool(row.processes)


def _fold(row: CardRow) -> Saying:
    count = 0 if isinstance(row.processes, Unread) else len(row.processes)
    return Saying("rich.fold", {"card": Code(row.card.name), "count": count, "users": users_of(row)})
