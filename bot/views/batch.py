"""Messages about a table of new users: what is wrong with it, what it will do, how far it is, what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from bot.domain.batch import BatchFault, BatchState, Planned
from bot.domain.claim_link import claim_link
from bot.domain.container import UserAdded
from bot.domain.saying import Button, Code, Listing, Message, Saying, Style

T = TypeVar("T")
MOST_SHOWN = 30
MOST_LINKS = 10


def faulty(faults: Sequence[BatchFault]) -> Message:
    """Every line that must be mended; nothing was made."""
    lines = tuple(Saying("batch.fault", {"line": str(fault.line), "why": fault.why}) for fault in faults[:MOST_SHOWN])
    more = len(faults) - len(lines)
    values = {"count": len(faults), "faults": Listing(lines), "more": _more(more)}
    return Message(Saying("batch.faulty", values))


def _more(count: int) -> Saying:
    return Saying("batch.more", {"count": count}) if count > 0 else Saying("common.nothing")


def planned(plan: Planned) -> Message:
    """What it will do; asks."""
    lines = tuple(
        Saying(
            "batch.row",
            {
                "name": Code(row.wish.name),
                "port": str(plan.ports[row.wish.name]),
                "options": "".join(f" {key}={value}" for key, value in row.cells.items() if key in SHOWN),
            },
        )
        for row in plan.rows[:MOST_SHOWN]
    )
    values = {"count": len(plan.rows), "rows": Listing(lines), "more": _more(len(plan.rows) - len(lines))}
    yes = Button(Saying("batch.button_yes", {"count": len(plan.rows)}), f"batch:go:{plan.token}", style=Style.GREEN)
    return Message(Saying("batch.ask", values), ((yes, Button(Saying("container.cancel"), "batch:no:0")),))


SHOWN = ("template", "cpu", "memory", "disk", "cards")


def progress(state: BatchState) -> Message:
    """One message for all of them, edited as they go on."""
    lines = tuple(_line(state, name) for name in _worth_showing(state))
    over = len(state.done) + len(state.failed)
    values = {"over": over, "count": len(state.names), "lines": Listing(lines)}
    return Message(Saying("batch.progress", values))


def _worth_showing(state: BatchState) -> Sequence[str]:
    """What is being made, what failed, and then the rest, as many as a phone bears."""
    first = [name for name in state.names if name in state.doing or name in state.failed]
    rest = [name for name in state.names if name not in first]
    shown = {*first[:MOST_SHOWN], *rest[: max(0, MOST_SHOWN - len(first))]}
    return [name for name in state.names if name in shown]


def _line(state: BatchState, name: str) -> Saying:
    if name in state.failed:
        return Saying("batch.failed", {"name": Code(name), "why": state.failed[name].why})
    key = "done" if name in state.done else "doing" if name in state.doing else "to_do"
    return Saying(f"adduser.{key}", {"step": Code(name)})


def summary(state: BatchState, bot_name: str, *, links_below: bool) -> Message:
    """`links_below`: too many links for a message, so they come as a file."""
    lines = [
        Saying("batch.added", {"name": Code(name), "port": str(added.record.ssh_port), "link": _link(added, bot_name)})
        if not links_below
        else Saying("adduser.done", {"step": Code(name)})
        for name, added in _in_order(state, state.done)
    ]
    lines += [
        Saying("batch.failed", {"name": Code(name), "why": not_added.why})
        for name, not_added in _in_order(state, state.failed)
    ]
    rest = Saying("batch.links_below") if links_below else Saying("common.nothing")
    values = {"done": len(state.done), "count": len(state.names), "lines": Listing(tuple(lines)), "rest": rest}
    return Message(Saying("batch.summary", values))


def _in_order(state: BatchState, outcomes: Mapping[str, T]) -> list[tuple[str, T]]:
    """As in the table."""
    return [(name, outcomes[name]) for name in state.names if name in outcomes]


def _link(added: UserAdded, bot_name: str) -> Code:
    return Code(claim_link(bot_name, added.claim_code))
