"""The week as a rich message: its picture, its sentences, and two tables of card-hours."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.digest import CardWeek, Digest, MemberWeek
from bot.domain.saying import Cell, Message, Saying, Table
from bot.views.people import name_of

UNKNOWN = Saying("common.unknown")


def with_tables(message: Message, digest: Digest) -> Message:
    """The same message for servers that know tables; it names the picture that is sent with it."""
    members = tuple(_member(week, digest) for week in digest.members)
    values = {
        "summary": message.saying.values["summary"],
        "members": Table(_head("who", "booked", "busy"), members) if members else _nobody(),
        "cards": Table(_head("card", "booked", "busy", "mean_load"), tuple(_card(week) for week in digest.cards)),
    }
    return replace(message, rich=Saying("rich.digest", values))


def _nobody() -> Saying:
    return Saying("rich.paragraph", {"text": Saying("digest.nobody")})


def _head(first: str, *numbers: str) -> tuple[object, ...]:
    named = tuple(Cell(Saying(f"rich.{column}"), is_head=True, is_number=True) for column in numbers)
    return Saying(f"rich.{first}"), *named


def _member(week: MemberWeek, digest: Digest) -> tuple[object, ...]:
    """By name, without a link: nobody's phone rings for a table."""
    who = name_of(week.member)
    used = _hours(week.used_hours) if digest.is_read else Cell(UNKNOWN, is_number=True)
    return who, _hours(week.booked_hours), used


def _card(week: CardWeek) -> tuple[object, ...]:
    load = UNKNOWN if week.load is None else f"{week.load:.0f}%"
    busy = _hours(week.busy_hours) if week.known_hours > 0 else Cell(UNKNOWN, is_number=True)
    return week.card.name, _hours(week.booked_hours), busy, Cell(load, is_number=True)


def _hours(hours: float) -> Cell:
    return Cell(f"{hours:.0f}", is_number=True)
