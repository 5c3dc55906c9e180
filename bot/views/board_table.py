"""The board as a rich message: a table of cards, the processes of each folded under it, the reading's age below.

Two lines a card (three, if two share it) fit a phone where five columns would not (Bot API 10.1, rich messages).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from itertools import groupby

from bot.domain.board import Board, CardRow, Holding
from bot.domain.sample import Reading, Unread
from bot.domain.saying import Ahead, Cell, Code, Listing, Message, Saying, Table
from bot.views.board import age_of, number, users_of
from bot.views.calendar import short_model
from bot.views.holders import MARKS, holder_name, unheld

BAR_CELLS = 4
GIB = 1 << 30
NOTHING = Saying("common.nothing")
UNKNOWN = Saying("common.unknown")
Line = tuple[object, ...]
HEAD = tuple(Saying(f"rich.{column}") for column in ("card", "load", "memory"))


def with_table(message: Message, board: Board, footer: Saying | None = None) -> Message:
    """The same message with a table for servers that know tables. `footer` stands for the age of the reading."""
    return replace(message, rich=_rich(board, footer or age_of(board))) if board.rows else message


def _rich(board: Board, footer: Saying) -> Saying:
    """What is unknown is said to be unknown in its cell."""
    rows = tuple(_all_lines(board))
    folds = tuple(_fold(row) for row in board.rows if _has_more(row))
    return Saying("rich.board", {"table": Table(HEAD, rows), "folds": Listing(folds, separator=""), "age": footer})


def _all_lines(board: Board) -> Iterator[Line]:
    """Under their model, where models differ: there it matters which card is free."""
    differ = len({row.card.model for row in board.rows}) > 1
    for model, rows in groupby(board.rows, key=lambda row: row.card.model):
        if differ:
            yield (Cell(short_model(model), columns=len(HEAD), is_head=True),)
        for row in rows:
            yield from _lines(row, board.now)


def _lines(row: CardRow, now: datetime) -> tuple[Line, ...]:
    """What was read; then whose it is, a line a holder, behind the temperature."""
    card = Saying("rich.name", {"name": row.card.name})
    first, *others = (Cell(holder, columns=2) for holder in _holders(row, now))
    more = tuple((NOTHING, holder) for holder in others)
    reading = row.reading if row.trouble is None else None
    if reading is None:
        why = row.trouble or Unread("not_yet")
        return (card, Cell(Saying("rich.unreadable", {"why": why}), columns=2)), (NOTHING, first), *more
    load = _measure(_bar(reading.load_percent, 100), number(reading.load_percent, "%"))
    memory = _measure(
        _bar(reading.memory_used_bytes, reading.memory_total_bytes),
        _gib(reading.memory_used_bytes, reading.memory_total_bytes),
    )
    return (card, load, memory), (number(reading.temperature_celsius, "°"), first), *more


def _measure(bar: str, value: object) -> Saying:
    return Saying("rich.measure", {"bar": bar, "value": value})


def _bar(value: Reading[int], full: Reading[int]) -> str:
    if isinstance(value, Unread) or isinstance(full, Unread) or full <= 0:
        return "·" * BAR_CELLS
    filled = min(BAR_CELLS, max(round(BAR_CELLS * value / full), 1 if value / full >= 0.02 else 0))
    return "▰" * filled + "▱" * (BAR_CELLS - filled)


def _gib(used: Reading[int], total: Reading[int]) -> object:
    if isinstance(used, Unread) or isinstance(total, Unread):
        return UNKNOWN
    return f"{used / GIB:.0f}/{total / GIB:.0f}G"


def _holders(row: CardRow, now: datetime) -> tuple[Saying, ...]:
    """As in words, but shorter: there is room for a name, a share and an end."""
    if not row.holding_now:
        return (unheld(row, now),)
    return tuple(_held(holding, now) for holding in row.holding_now)


def _held(holding: Holding, now: datetime) -> Saying:
    reservation, who = holding.reservation, holder_name(holding)
    if reservation.memory_bytes is not None:
        who = Saying("rich.share", {"who": who, "gib": round(reservation.memory_bytes / GIB)})
    end = Ahead(reservation.window.end, now)
    return Saying("rich.held", {"mark": MARKS[reservation.kind], "who": who, "end": end})


def _has_more(row: CardRow) -> bool:
    """A card that can't be read says so in its line already."""
    return row.trouble is None if isinstance(row.processes, Unread) else bool(row.processes)


def _fold(row: CardRow) -> Saying:
    card, users = Code(row.card.name), users_of(row)
    if isinstance(row.processes, Unread):
        return Saying("rich.paragraph", {"text": Saying("rich.users_unknown", {"card": card, "users": users})})
    return Saying("rich.fold", {"card": card, "count": len(row.processes), "users": users})
