"""What is to be said, before it is in any language: a key of the catalogues and the values that fill it.

Rules and services speak in Sayings; `bot.texts` turns them into sentences. A value is a plain value or one of the
small types below, which say what kind of thing it is, so that rendering and escaping happen in one place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum

NEAR = timedelta(hours=12)  # until then, how far off it is says more than the clock


@dataclass(frozen=True)
class Saying:
    """`key` names a sentence in the catalogues. A value may be a Saying itself: it is said in the same language."""

    key: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Code:
    """Something to copy: shown in monospace, a tap copies it."""

    text: str


@dataclass(frozen=True)
class Block:
    """Several lines to copy, as a block."""

    text: str


@dataclass(frozen=True)
class Bytes:
    """An amount of memory or disk; shown in GiB or MiB."""

    count: int


@dataclass(frozen=True)
class Person:
    """Somebody, by name; a link to them where their Telegram id is known (which also notifies them)."""

    name: str
    telegram_id: int | None = None


@dataclass(frozen=True)
class Listing:
    """Several values: one a line, or in a row with the language's own comma, or joined by `separator`."""

    items: tuple[object, ...]
    in_a_row: bool = False
    separator: str | None = None


@dataclass(frozen=True)
class Ahead:
    """An instant to come, in a message that is written at `now`. Close by, how far off it is says more than a clock:
    the reader's app counts down. An app that can't count shows the instant itself, which stays true; so the sentence
    around it reads well with either ("ends in 2 hours", "ends Fri 27 Nov 18:00").

    `keeps`: the message stands for long, so "in 2 h" is said only by an app that counts.
    """

    at: datetime
    now: datetime = field(compare=False)
    keeps: bool = False

    @property
    def is_near(self) -> bool:
        return self.at - self.now < NEAR


@dataclass(frozen=True)
class Cell:
    """`columns` wide. Holds one line; what may be long stands under the table."""

    content: object = ""
    columns: int = 1
    is_head: bool = False
    is_number: bool = False


@dataclass(frozen=True)
class Table:
    """For a rich message; a plain value is a cell of one column. A phone shows four short columns at most."""

    head: tuple[object, ...]
    rows: tuple[tuple[object, ...], ...]


class Style(str, Enum):
    """Green books, red takes away, blue is the likely next step."""

    PLAIN = ""
    GREEN = "success"
    RED = "danger"
    BLUE = "primary"


@dataclass(frozen=True)
class Button:
    """`data` comes back to the bot when it is pressed (1 to 64 bytes); `copies` is put on the clipboard instead."""

    label: Saying
    data: str = ""
    copies: str = ""
    url: str = ""
    style: Style = Style.PLAIN


@dataclass(frozen=True)
class Message:
    """A saying with buttons under it, row by row.

    `public`: what everybody in the group must know of it, in one line, where the whole is shown to one person alone.
    `rich`: the same with tables and folds, for servers that know them.
    """

    saying: Saying
    buttons: tuple[tuple[Button, ...], ...] = ()
    silent: bool = False
    public: Saying | None = None
    rich: Saying | None = None
