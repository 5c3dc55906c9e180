"""What a case's messages are written from, and the parts that all of them share: people, cards, evidence, buttons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.card import Card
from bot.domain.case import Answered, Case
from bot.domain.member import Member
from bot.domain.policy import WatchPolicy
from bot.domain.sample import InInstance, Process, Unread
from bot.domain.saying import Button, Bytes, Code, Listing, Message, Person, Saying, Style
from bot.domain.window import Window

GROUP = 0  # no member has this number
UNKNOWN = Saying("common.unknown")
NOTHING = Saying("common.nothing")
SHOWN_PROCESSES = 8


@dataclass(frozen=True)
class Letter:
    """`to`: a member's number, or GROUP."""

    to: int
    message: Message


@dataclass(frozen=True)
class Scene:
    """A case with what its messages say beside it.

    `spare`: other cards that a run of it could move to. `lengths`: for how long its own cards can be booked from now
    on. `waiting`: how many others are in line for one of them. `equal`: where the holder's booking could move to.
    `held`: what they whose run it is have booked for now on other cards.
    """

    case: Case
    members: Mapping[int, Member]
    policy: WatchPolicy
    now: datetime
    spare: tuple[Card, ...] = ()
    lengths: tuple[timedelta, ...] = ()
    waiting: int = 0
    equal: tuple[Card, ...] = ()
    held: tuple[Card, ...] = ()

    def person(self, member_id: int | None) -> object:
        """By name, with a link that calls them."""
        member = self.members.get(member_id or 0)
        return Saying("common.somebody") if member is None else Person(member.display_name, member.telegram_id)

    def people(self, member_ids: Iterable[int]) -> Listing:
        return Listing(tuple(self.person(member_id) for member_id in member_ids), in_a_row=True)

    @property
    def admins(self) -> tuple[int, ...]:
        return tuple(sorted(member.id for member in self.members.values() if member.is_admin))

    @property
    def values(self) -> dict[str, object]:
        """What every message of a case may show."""
        case = self.case
        return {
            "cards": names(case.cards),
            "since": case.first_seen,
            "ended": case.ended_at or self.now,
            "span": span(case.first_seen, case.ended_at or self.now),
            "count": case.tellings,
            "processes": evidence(case),
            "answer": self.answer,
            "own": Saying("warning.own", {"held": names(self.held)}) if self.held else NOTHING,
            "until": until(case),
        }

    @property
    def answer(self) -> Saying:
        """What somebody said to it, as a line below."""
        answer = self.case.answer
        if answer is None or answer.what not in (Answered.STOPPING, Answered.MOVING):
            return NOTHING
        values = {"who": self.person(answer.by), "at": answer.at, "cards": names(answer.cards)}
        return Saying(f"warning.answer_{answer.what.value}", values)

    def button(self, label: Saying, what: str, value: object = "", style: Style = Style.PLAIN) -> Button:
        return Button(label, f"watch:{self.case.id}:{what}:{value}", style=style)

    def ways_out(self) -> tuple[Button, ...]:
        """For whose run it is: stop it, or take it to cards that are free."""
        stop = self.button(Saying("warning.button_stopping"), "stopping")
        if not self.spare:
            return (stop,)
        label = Saying("warning.button_move", {"cards": Listing(tuple(c.name for c in self.spare), in_a_row=True)})
        indices = ".".join(str(card.index) for card in self.spare)
        return (stop, self.button(label, "move", indices, Style.BLUE))


def names(cards: Iterable[Card]) -> Listing:
    return Listing(tuple(Code(card.name) for card in cards), in_a_row=True)


def span(start: datetime, end: datetime) -> Window:
    """From the first look that showed it to the first that did not: never empty."""
    return Window(start, max(end, start + timedelta(seconds=1)))


def until(case: Case) -> object:
    """Up to when the booking runs that it is about; with several, the first end: no more than is true is claimed."""
    ends = [finding.reservation.window.end for finding in case.findings if finding.reservation is not None]
    return min(ends) if ends else UNKNOWN


def evidence(case: Case) -> Listing:
    """A line a process; a command line that several share is shown once."""
    found = [(finding.card, process) for finding in case.findings for process in finding.processes]
    by_command: dict[object, list[tuple[Card, Process]]] = {}
    for card, process in found[:SHOWN_PROCESSES]:
        by_command.setdefault(process.command, []).append((card, process))
    lines = [line for command, group in by_command.items() for line in (*map(_process, group), _command(command))]
    more = len(found) - SHOWN_PROCESSES
    if more > 0:
        lines.append(Saying("warning.more_processes", {"count": more}))
    return Listing(tuple(lines))


def _process(found: tuple[Card, Process]) -> Saying:
    card, process = found
    where = process.origin.instance if isinstance(process.origin, InInstance) else "?"
    memory = process.memory_bytes
    return Saying(
        "warning.process",
        {
            "pid": str(process.pid),
            "card": Code(card.name),
            "container": Code(where),
            "memory": UNKNOWN if isinstance(memory, Unread) else Bytes(memory),
        },
    )


def _command(command: object) -> Saying:
    return Saying("warning.command", {"command": Code(short(command)) if isinstance(command, str) else UNKNOWN})


def short(command: str, limit: int = 60) -> str:
    line = " ".join(command.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def resolved(saying: Saying) -> Message:
    """The end of a message: without buttons, and without a sound if it has to be sent anew."""
    return Message(saying, silent=True)


def each(to: Sequence[int], message: Message) -> list[Letter]:
    return [Letter(member_id, message) for member_id in to]
