"""/containers as a rich message: a line a container, what disagrees above the table, everything else folded below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.domain.card import Card
from bot.domain.inventory import Row
from bot.domain.saying import Cell, Listing, Message, Saying, Table
from bot.views.inventory import ROWS_A_PAGE, faults_of, page_of, row_saying, state_of

NOTHING = Saying("common.nothing")
GIB = 1 << 30
HEAD = (Saying("rich.container"), Saying("rich.port"), Saying("rich.disk"), Saying("rich.used"))


def with_table(message: Message, rows: Sequence[Row], cards: Sequence[Card], page: int) -> Message:
    """The same page with a table for servers that know tables."""
    page, pages = page_of(rows, page)
    shown = rows[page * ROWS_A_PAGE : (page + 1) * ROWS_A_PAGE]
    values = {
        **message.saying.values,
        "faults": _faults(rows, shown),
        "table": Table(HEAD, tuple(line for row in shown for line in _lines(row))),
        "details": Saying("rich.details", {"lines": _paragraphs([row_saying(row, cards) for row in shown])}),
        "page": Saying("rich.page", {"page": page + 1, "pages": pages}) if pages > 1 else NOTHING,
    }
    return replace(message, rich=Saying("rich.containers", values))


def _lines(row: Row) -> tuple[tuple[object, ...], ...]:
    """An archive's name is long, so what else there is to say of it is on the next line."""
    name = Saying("rich.line", {"mark": Saying(f"inventory.mark_{state_of(row)}"), "name": row.name})
    if row.archive is not None:
        kept = Saying("inventory.kept_until", {"until": row.archive.keep_until})
        return (Cell(name, columns=4),), (Cell(kept, columns=4),)
    if row.is_template:
        return ((name, NOTHING, _disk(row), NOTHING),)
    return ((name, "" if row.port is None else row.port, _disk(row), _last_used(row.last_used_at)),)


def _disk(row: Row) -> object:
    """Whole GiB, as on every card's line of the board; "≈": as it was at the last count, "<1G": something is there."""
    if row.disk is None:
        return Saying("common.unknown") if row.instance is not None else NOTHING
    about = "" if row.disk.counted_at is None else "≈"
    whole = round(row.disk.used_bytes / GIB)
    return Cell(f"{about}{whole}G" if whole or not row.disk.used_bytes else "<1G", is_number=True)


def _last_used(at: datetime | None) -> Saying:
    """How long ago: that is what decides who is asked whether it is still needed."""
    return NOTHING if at is None else Saying("rich.ago", {"at": at})


def _faults(rows: Sequence[Row], shown: Sequence[Row]) -> Saying:
    """All are counted, those of this page are said; what disagrees comes first, so they are on the first page."""
    count = sum(bool(row.disagreements()) for row in rows)
    if not count:
        return NOTHING
    lines = [Saying("rich.fault", {"name": row.name, "what": what}) for row in shown for what in faults_of(row)]
    return Saying("rich.faults", {"count": count, "lines": _paragraphs(lines)})


def _paragraphs(texts: Sequence[Saying]) -> Listing:
    return Listing(tuple(Saying("rich.paragraph", {"text": text}) for text in texts), separator="")
