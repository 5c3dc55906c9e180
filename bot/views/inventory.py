"""The container table as a message for a phone: a few lines each, what disagrees first, page by page."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.card import Card
from bot.domain.inventory import Row, cards_of
from bot.domain.saying import Button, Bytes, Code, Listing, Message, Person, Saying

NOTHING = Saying("common.nothing")
UNKNOWN = Saying("common.unknown")
ROWS_A_PAGE = 8


def containers(rows: Sequence[Row], cards: Sequence[Card], page: int) -> Message:
    """`page` counts from 0; one that is not there is the last one."""
    page, pages = page_of(rows, page)
    shown = rows[page * ROWS_A_PAGE : (page + 1) * ROWS_A_PAGE]
    people = [row for row in rows if not row.is_template]
    values = {
        "count": len(people),
        "running": sum(row.instance is not None and row.instance.is_running for row in people),
        "faults": _faults_in_all(rows),
        "rows": Listing(tuple(row_saying(row, cards, with_faults=True) for row in shown)),
        "page": Saying("inventory.page", {"page": page + 1, "pages": pages}) if pages > 1 else NOTHING,
    }
    return Message(Saying("inventory.table", values), _buttons(page, pages))


def page_of(rows: Sequence[Row], page: int) -> tuple[int, int]:
    """The page that is there, and how many there are."""
    pages = max(1, -(-len(rows) // ROWS_A_PAGE))
    return max(0, min(page, pages - 1)), pages


def _faults_in_all(rows: Sequence[Row]) -> Saying:
    count = sum(bool(row.disagreements()) for row in rows)
    return Saying("inventory.faults", {"count": count}) if count else NOTHING


def _buttons(page: int, pages: int) -> tuple[tuple[Button, ...], ...]:
    files = (
        Button(Saying("inventory.button_csv"), "containers:csv:0"),
        Button(Saying("inventory.button_md"), "containers:md:0"),
        Button(Saying("container.button_refresh"), f"containers:page:{page}"),
    )
    turns = []
    if page > 0:
        turns.append(Button(Saying("inventory.button_back"), f"containers:page:{page - 1}"))
    if page < pages - 1:
        turns.append(Button(Saying("inventory.button_on"), f"containers:page:{page + 1}"))
    return (tuple(turns), files) if turns else (files,)


def row_saying(row: Row, cards: Sequence[Card], *, with_faults: bool = False) -> Saying:
    """All that is known of a container, in a few lines."""
    faults = faults_of(row) if with_faults else ()
    values = {
        "mark": Saying(f"inventory.mark_{state_of(row)}"),
        "name": Code(row.name),
        "who": _who(row),
        "facts": Listing(tuple(_facts(row, cards))),
        "faults": Saying("inventory.lines", {"lines": Listing(faults)}) if faults else NOTHING,
    }
    return Saying("inventory.row", values)


def faults_of(row: Row) -> tuple[Saying, ...]:
    """Where LXD and the registry disagree, each with what mends it."""
    return tuple(
        Saying(
            f"inventory.{fault.value}",
            {
                "name": row.name,
                "port": str(row.port or ""),
                "held": str(row.record.ssh_port or "") if row.record is not None else "",
                "mend": Code(row.mend(fault)) if row.mend(fault) else NOTHING,
            },
        )
        for fault in row.disagreements()
    )


def _who(row: Row) -> Saying:
    """Nobody whom Telegram does not know yet has another name than their container's."""
    if row.owner is None or row.owner.display_name == row.name:
        return NOTHING
    return Saying("inventory.who", {"who": Person(row.owner.display_name)})


def state_of(row: Row) -> str:
    if row.archive is not None:
        return "archived"
    if row.is_template:
        return "template"
    return row.instance.status.value if row.instance is not None else "missing"


def _facts(row: Row, cards: Sequence[Card]) -> list[object]:
    """A few short lines: how to reach it, what it uses, since when. What is not known or not limited is left out."""
    if row.archive is not None:
        return _lines([Saying("inventory.kept_until", {"until": row.archive.keep_until}), *_disk(row)])
    if row.is_template:
        return _lines([Saying("inventory.is_template"), *_disk(row)])
    return _lines(_reached(row, cards), _used_up(row), _made(row), _last_used(row))


def _lines(*lines: list[object]) -> list[object]:
    return [Listing(tuple(line), separator=" · ") for line in lines if line]


def _reached(row: Row, cards: Sequence[Card]) -> list[object]:
    facts: list[object] = []
    if row.port is not None:
        facts.append(Saying("inventory.port", {"port": Code(str(row.port))}))
    if row.usage is not None and row.usage.addresses:
        facts.append(Code(row.usage.addresses[0]))
    if row.instance is not None:
        facts.append(Saying("inventory.cards", {"cards": _cards(row, cards)}))
    return facts


def _used_up(row: Row) -> list[object]:
    facts: list[object] = []
    if row.limit("cpu"):
        facts.append(Saying("inventory.cpu", {"cpu": row.limit("cpu")}))
    if row.usage is not None and row.usage.memory_bytes is not None:
        limit = row.limit("memory")
        facts.append(Saying("inventory.memory", {"memory": _used(row.usage.memory_bytes, limit)}))
    return [*facts, *_disk(row)]


def _made(row: Row) -> list[object]:
    facts: list[object] = []
    if row.template:
        facts.append(Saying("inventory.template", {"template": row.template}))
    if row.instance is not None and row.instance.created_at is not None:
        facts.append(Saying("inventory.created", {"at": row.instance.created_at}))
    return facts


def _last_used(row: Row) -> list[object]:
    return [] if row.last_used_at is None else [Saying("inventory.last_used", {"at": row.last_used_at})]


def _cards(row: Row, cards: Sequence[Card]) -> object:
    seen = cards_of(row, cards)
    return Saying(f"container.cards_{seen}") if seen in ("all", "none") else seen


def _disk(row: Row) -> list[object]:
    if row.disk is None:
        return []
    at = row.disk.counted_at
    counted = NOTHING if at is None else Saying("inventory.counted", {"at": at})
    return [Saying("inventory.disk", {"disk": _used(row.disk.used_bytes, row.disk_limit), "counted": counted})]


def _used(amount: int, limit: str) -> Saying:
    return Saying("container.used_of" if limit else "container.used", {"used": Bytes(amount), "limit": limit})
