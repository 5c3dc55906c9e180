"""The pinned board: a few lines a card, with nothing in it that changes by itself while nothing happens.

So it says until when, and an app that can count says how far off that is: an edit is worth making when a card changes,
not when a minute has gone by.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.board import Board, CardRow
from bot.domain.sample import InInstance, Reading, Unread
from bot.domain.saying import Button, Code, Listing, Message, Person, Saying, Style
from bot.views.board import UUID_TAIL, bar, number
from bot.views.board_table import with_table
from bot.views.calendar import short_model
from bot.views.holders import holder_lines

STALE_AFTER = timedelta(minutes=2)
NOTHING = Saying("common.nothing")
A_ROW, IN_A_LINE = 4, 2
USUAL = timedelta(hours=4)  # what a tap on the board books
MOST_TO_TAKE = 8  # cards; more than that is a wall of buttons
CELLS = 6


@dataclass(frozen=True)
class LiveBoard:
    """`rows` and `state` are what is worth an edit at once; the clock in the footer alone is not."""

    rows: Saying
    footer: Saying
    buttons: tuple[tuple[Button, ...], ...]
    board: Board

    @property
    def message(self) -> Message:
        plain = Message(Saying("live.board", {"rows": self.rows, "footer": self.footer}), self.buttons, silent=True)
        return with_table(plain, self.board, self.footer)

    @property
    def state(self) -> str:
        """Fresh, old, or why not."""
        return self.footer.key


def live_board(board: Board) -> LiveBoard:
    models = {row.card.model for row in board.rows}
    rows = tuple(_row(row, board.now, is_named=len(models) > 1) for row in board.rows)
    return LiveBoard(
        Saying("live.rows", {"rows": Listing(rows)}) if rows else Saying("live.no_cards"),
        _footer(board),
        _buttons(board),
        board,
    )


def _footer(board: Board) -> Saying:
    """The clock of the last reading, and loudly how old it is when it is old."""
    if board.taken_at is None:
        return Saying("live.never_read")
    if board.trouble is not None:
        last = max((row.read_at for row in board.rows if row.read_at is not None), default=None)
        return Saying("live.trouble", {"why": board.trouble, "last": _last_read(last)})
    age = board.now - board.taken_at
    if age > STALE_AFTER:
        return Saying("live.stale", {"age": age, "at": board.taken_at})
    return Saying("live.fresh", {"at": board.taken_at})


def _row(row: CardRow, now: datetime, *, is_named: bool) -> Saying:
    """The model is said where cards differ: there it matters which one is free. Then the holder is on the next line."""
    model = Saying("live.model" if is_named else "live.no_model", {"model": short_model(row.card.model)})
    values = {"card": Code(row.card.name), "model": model, "holders": _holders(row, now), "reading": _reading(row)}
    return Saying("live.row", {**values, "users": _users(row)})


def _reading(row: CardRow) -> Saying:
    reading = row.reading
    if row.trouble is not None or reading is None:
        why = row.trouble or Unread("not_yet")
        return Saying("live.unreadable", {"why": why, "last": _last_read(row.read_at)})
    return Saying(
        "live.reading",
        {
            "load_bar": bar(reading.load_percent, 100, CELLS),
            "load": number(reading.load_percent, "%"),
            "memory_bar": bar(reading.memory_used_bytes, reading.memory_total_bytes, CELLS),
            "used": gib(reading.memory_used_bytes),
            "total": gib(reading.memory_total_bytes),
            "temperature": number(reading.temperature_celsius, "°"),
        },
    )


def _last_read(at: datetime | None) -> Saying:
    return NOTHING if at is None else Saying("live.last_read", {"at": at})


def gib(value: Reading[int]) -> object:
    """Whole GiB without the unit: it stands once, behind the total."""
    return "?" if isinstance(value, Unread) else f"{value / (1 << 30):.0f}"


def _holders(row: CardRow, now: datetime) -> Listing:
    return Listing(holder_lines(row, now, keeps=True))


def _users(row: CardRow) -> Saying:
    """Who is really on it, by name only: `/gpus` has the details. A warning sign only where it is somebody else's."""
    if isinstance(row.processes, Unread):
        return NOTHING if row.trouble is not None else Saying("live.users_unknown")
    holders = {h.member.id for h in row.holding_now if h.member is not None}
    names: dict[object, object] = {}
    for on in row.processes:
        origin = on.process.origin
        if on.member is not None:
            names[on.member.id] = Person(on.member.display_name)
        elif isinstance(origin, InInstance):
            names[origin.instance] = Code(origin.instance)
        else:
            names[""] = Saying("live.not_in_a_container")
    if not names:
        return Saying("live.idle") if row.holding_now else NOTHING
    key = "live.users" if row.holding_now and not set(names) <= holders else "live.running"
    return Saying(key, {"users": Listing(tuple(names.values()), in_a_row=True)})


def _buttons(board: Board) -> tuple[tuple[Button, ...], ...]:
    """Each card's answers in a pop-up, which only the one who pressed sees; the message itself is everybody's. A card
    that is there for the taking is taken by one tap."""
    peeks = [
        Button(Saying("live.button_card", {"card": row.card.name}), f"peek:{row.card.id.uuid[-UUID_TAIL:]}")
        for row in board.rows
    ]
    rows = [tuple(peeks[i : i + A_ROW]) for i in range(0, len(peeks), A_ROW)]
    now = [_book_now(row) for row in board.rows if _is_there_for_the_taking(row, board.now)]
    if len(now) <= MOST_TO_TAKE:
        rows += [tuple(now[i : i + IN_A_LINE]) for i in range(0, len(now), IN_A_LINE)]
    return (*rows, (Button(Saying("board.button_book"), "new", style=Style.GREEN),))


def _is_there_for_the_taking(row: CardRow, now: datetime) -> bool:
    """Known to be idle, and nobody's for as long as the button books it."""
    is_idle = row.trouble is None and row.reading is not None and row.processes == ()
    until = now + USUAL if row.next is None else row.next.reservation.window.start
    return is_idle and not row.holding_now and until >= now + USUAL


def _book_now(row: CardRow) -> Button:
    label = Saying("live.button_book_now", {"card": row.card.name, "length": USUAL})
    minutes = USUAL // timedelta(minutes=1)
    return Button(label, f"booknow:{row.card.id.uuid[-UUID_TAIL:]}:{minutes}", style=Style.GREEN)


def peek(row: CardRow, now: datetime) -> Saying:
    """One card in a pop-up: no more than 200 characters, no markup."""
    reading = row.reading
    numbers = _reading(row)
    if row.trouble is None and reading is not None:
        numbers = Saying("live.peek_reading", numbers.values)
    values = {"card": row.card.name, "model": short_model(row.card.model), "holders": _holders(row, now)}
    return Saying("live.peek", {**values, "reading": numbers, "users": _users(row)})
