"""The board as a message: what every card is doing, who holds it, who is on it.

In words, for servers that know no tables; `board_table.py` says the same as a table, so what is new goes into both.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.domain.board import Board, CardRow, OnCard
from bot.domain.sample import InInstance, OnHost, Reading, Unread
from bot.domain.saying import Button, Bytes, Code, Listing, Message, Person, Saying, Style
from bot.views.calendar import short_model
from bot.views.holders import holder_lines

BAR_CELLS = 8
UUID_TAIL = 12  # of a card's UUID: enough to tell cards apart, short enough for a button's 64 bytes
ROWS_OF_THEIR_OWN = 4  # cards
STALE_AFTER = timedelta(minutes=2)
NOTHING = Saying("common.nothing")


def board_message(board: Board) -> Message:
    """For /gpus and for the scheduled post. Unknown is said to be unknown; an old reading says how old it is."""
    if not board.rows:
        return Message(_no_rows(board))
    rows = Listing(tuple(_row(row, board.now) for row in board.rows))
    return Message(
        Saying("board.board", {"rows": rows, "age": age_of(board)}),
        _buttons(board),
        silent=True,
    )


def _no_rows(board: Board) -> Saying:
    if board.trouble is None and board.taken_at is not None:
        return Saying("board.no_cards_here")
    return Saying("board.no_cards", {"why": board.trouble or Unread("not_yet")})


def _buttons(board: Board) -> tuple[tuple[Button, ...], ...]:
    """A row a card where that is not too high for a phone, else all details, then all free cards to book."""
    refresh = Button(Saying("board.button_refresh"), "gpus")
    if not board.rows:
        return ((refresh,),)
    last = (refresh, Button(Saying("board.button_picture"), "status"))
    if len(board.rows) <= ROWS_OF_THEIR_OWN:
        return (*((_details(row), _book(row)) for row in board.rows), last)
    details = [_details(row) for row in board.rows]
    free = [_book(row) for row in board.rows if not row.holding_now]
    return (*_in_rows(details), *_in_rows(free), last)


def _details(row: CardRow) -> Button:
    return Button(Saying("board.button_card", {"card": row.card.name}), f"card:{row.card.id.uuid[-UUID_TAIL:]}")


def _book(row: CardRow) -> Button:
    """Green where it is free now; a held card can be booked for later."""
    key = "board.button_book_later" if row.holding_now else "board.button_book_card"
    style = Style.PLAIN if row.holding_now else Style.GREEN
    return Button(Saying(key, {"card": row.card.name}), f"bookcard:{row.card.id.uuid[-UUID_TAIL:]}", style=style)


def _in_rows(buttons: list[Button], most: int = 4) -> list[tuple[Button, ...]]:
    return [tuple(buttons[i : i + most]) for i in range(0, len(buttons), most)]


def age_of(board: Board) -> Saying:
    """How old the reading is, or why there is none."""
    if board.trouble is not None:
        return Saying("board.trouble", {"why": board.trouble})
    if board.taken_at is None:
        return Saying("board.never_read")
    age = board.now - board.taken_at
    return Saying("board.stale" if age > STALE_AFTER else "board.fresh", {"age": age, "at": board.taken_at})


def _row(row: CardRow, now: datetime) -> Saying:
    return Saying(
        "board.row",
        {
            "card": Code(row.card.name),
            "model": short_model(row.card.model),
            "reading": reading_lines(row, now),
            "holders": Listing(holder_lines(row, now)),
            "users": users_of(row),
        },
    )


def reading_lines(row: CardRow, now: datetime) -> Saying:
    if row.trouble is not None:
        old = NOTHING
        if row.reading is not None and row.read_at is not None:
            old = Saying("board.last_seen", {"age": now - row.read_at})
        return Saying("board.unreadable", {"why": row.trouble, "old": old})
    reading = row.reading
    if reading is None:
        return Saying("board.unreadable", {"why": Unread("not_yet"), "old": NOTHING})
    return Saying(
        "board.reading",
        {
            "load_bar": bar(reading.load_percent, 100),
            "load": number(reading.load_percent, "%"),
            "memory_bar": bar(reading.memory_used_bytes, reading.memory_total_bytes),
            "used": amount(reading.memory_used_bytes),
            "total": amount(reading.memory_total_bytes),
            "temperature": number(reading.temperature_celsius, "°C"),
        },
    )


def bar(value: Reading[int], full: Reading[int], cells: int = BAR_CELLS) -> Code:
    """A value that is not known has an empty frame, not an empty bar."""
    if isinstance(value, Unread) or isinstance(full, Unread) or full <= 0:
        return Code("·" * cells)
    filled = min(cells, round(cells * value / full))
    filled = max(filled, 1) if value > 0 and value / full >= 0.01 else filled
    return Code("█" * filled + "░" * (cells - filled))


def number(value: Reading[int], unit: str) -> object:
    return Saying("common.unknown") if isinstance(value, Unread) else f"{value}{unit}"


def amount(value: Reading[int]) -> object:
    return Saying("common.unknown") if isinstance(value, Unread) else Bytes(value)


def users_of(row: CardRow) -> Saying:
    """Who is on a card, a line a container; nobody, or unknown."""
    if isinstance(row.processes, Unread):
        return NOTHING if row.trouble is not None else Saying("board.users_unknown", {"why": row.processes})
    if not row.processes:
        return Saying("board.nobody")
    lines: dict[object, list[OnCard]] = {}
    for on_card in row.processes:
        lines.setdefault(_place(on_card), []).append(on_card)
    return Saying("board.users", {"users": Listing(tuple(_user_line(group) for group in lines.values()))})


def _place(on_card: OnCard) -> object:
    return on_card.process.origin


def _user_line(group: list[OnCard]) -> Saying:
    """One line for one container on one card, however many processes it has there."""
    first = group[0]
    amounts = [on.process.memory_bytes for on in group]
    known = [amount for amount in amounts if not isinstance(amount, Unread)]
    memory: object = Bytes(sum(known)) if len(known) == len(amounts) else Saying("common.unknown")
    command = first.process.command
    values = {"memory": memory, "command": NOTHING if isinstance(command, Unread) else Code(_short_command(command))}
    origin = first.process.origin
    if isinstance(origin, InInstance):
        who: object = Person(first.member.display_name) if first.member is not None else Saying("common.no_member")
        return Saying("board.user", {**values, "who": who, "container": Code(origin.instance)})
    return Saying("board.user_on_host" if isinstance(origin, OnHost) else "board.user_untraced", values)


def _short_command(command: str, limit: int = 36) -> str:
    line = " ".join(command.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
