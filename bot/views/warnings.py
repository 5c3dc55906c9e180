"""What the watch says: by name, with evidence, and edited to "resolved" when it is over."""

from __future__ import annotations

from bot.domain.evidence import Finding, held_bytes
from bot.domain.member import Member
from bot.domain.sample import InInstance, Process, Unread
from bot.domain.saying import Button, Bytes, Code, Listing, Message, Person, Saying, Style
from bot.domain.story import Ending, Story

UNKNOWN = Saying("common.unknown")
NOTHING = Saying("common.nothing")
SHOWN_PROCESSES = 4


def trespass(story: Story, offender: Member, holder: Member) -> Message:
    """For the group: both names, card, container, command, memory, since when, until when the booking runs."""
    values = _values(story, offender, holder)
    if story.ended_at is not None:
        lost = story.ending is Ending.LOST_SIGHT
        key = "warning.trespass_lost_sight" if lost else "warning.trespass_resolved"
        return Message(Saying(key, {**values, "ended": story.ended_at}), silent=True)
    key = "warning.trespass_again" if story.warnings > 1 else "warning.trespass"
    return Message(Saying(key, {**values, "count": story.warnings}))


def trespass_private(story: Story, offender: Member, holder: Member) -> Message:
    """For the one whose process it is: what to do about it. They may not have meant it."""
    values = _values(story, offender, holder)
    if story.ended_at is not None:
        return Message(Saying("warning.private_resolved", {**values, "ended": story.ended_at}), silent=True)
    buttons = ((Button(Saying("warning.button_book_other"), "new", style=Style.BLUE),),)
    return Message(Saying("warning.private", values), buttons)


def _values(story: Story, offender: Member, holder: Member) -> dict[str, object]:
    finding = story.finding
    processes = finding.processes[:SHOWN_PROCESSES]
    return {
        "card": Code(finding.card.name),
        "offender": Person(offender.display_name, offender.telegram_id),
        "holder": Person(holder.display_name, holder.telegram_id),
        "processes": Listing(tuple(_process(process) for process in processes)),
        "since": story.first_seen,
        "until": finding.reservation.window.end if finding.reservation is not None else UNKNOWN,
        "memory": _memory(finding),
    }


def _memory(finding: Finding) -> object:
    held = held_bytes(finding.processes)
    return UNKNOWN if held is None else Bytes(held)


def _process(process: Process) -> Saying:
    where = process.origin.instance if isinstance(process.origin, InInstance) else "?"
    command = process.command
    return Saying(
        "warning.process",
        {
            "pid": str(process.pid),
            "container": Code(where),
            "command": UNKNOWN if isinstance(command, Unread) else Code(_short(command)),
            "memory": UNKNOWN if isinstance(process.memory_bytes, Unread) else Bytes(process.memory_bytes),
        },
    )


def _short(command: str, limit: int = 60) -> str:
    line = " ".join(command.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
