"""Runs as their owner reads them: what ended, what seems to hang, what there was lately; and what they want to hear."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from bot.domain.card import Card
from bot.domain.member import Member
from bot.domain.reservation import Reservation
from bot.domain.run_story import RunEnding, RunRecord
from bot.domain.saying import Button, Bytes, Code, Listing, Message, Saying, Style
from bot.views.board import UUID_TAIL
from bot.views.letters import NOTHING, UNKNOWN, names
from bot.views.people import name_of

CHOICES = (None, timedelta(0), timedelta(minutes=10), timedelta(hours=1))


def ended(record: RunRecord, rest: Sequence[tuple[Reservation, Card]], *, silent: bool) -> Message:
    """What it took and how it ended as far as that can be known; and what is left of the booking."""
    values = {**_values(record, record.ended_at or record.last_seen), "how": _how(record)}
    if not rest:
        return Message(Saying("runs.ended", {**values, "rest": NOTHING}), silent=silent)
    until = min(reservation.window.end for reservation, _ in rest)
    left = Saying("runs.rest", {"cards": names(card for _, card in rest), "until": until})
    give_back = Button(Saying("runs.button_give_back"), f"run:{record.id}:release", style=Style.RED)
    keep = Button(Saying("runs.button_keep"), f"run:{record.id}:keep", style=Style.GREEN)
    return Message(Saying("runs.ended", {**values, "rest": left}), ((give_back, keep),), silent=silent)


def answered(record: RunRecord, cards: Iterable[Card], *, kept: bool) -> Message:
    """The same message, once its question is answered."""
    key = "runs.rest_kept" if kept else "runs.rest_given_back"
    rest = Saying(key, {"cards": names(cards)})
    values = {**_values(record, record.ended_at or record.last_seen), "how": _how(record), "rest": rest}
    return Message(Saying("runs.ended", values))


def idle(record: RunRecord, now: datetime, *, silent: bool) -> Message:
    values = {
        **_values(record, now),
        "age": now - (record.idle_since or now),
        "pids": Listing(tuple(sorted({str(pid) for pid, _ in record.identities}))[:8], in_a_row=True),
    }
    return Message(Saying("runs.idle", values), silent=silent)


def _how(record: RunRecord) -> Saying:
    ending = record.ending or RunEnding.UNKNOWN
    return Saying(f"runs.how_{ending.value}", {"from": record.last_seen, "to": record.ended_at or record.last_seen})


def _values(record: RunRecord, now: datetime) -> dict[str, object]:
    load = record.load_percent
    return {
        "name": UNKNOWN if record.name is None else Code(record.name),
        "container": Code(record.instance),
        "cards": names(record.cards),
        "start": record.started_at,
        "duration": record.lasted(now),
        "memory": UNKNOWN if record.peak_memory_bytes is None else Bytes(record.peak_memory_bytes),
        "load": UNKNOWN if load is None else f"{load:.0f}%",
    }


def latest(records: Sequence[RunRecord], members: Mapping[int, Member], now: datetime, *, everybody: bool) -> Message:
    if not records:
        return Message(Saying("runs.none"))
    lines = tuple(_line(record, members if everybody else None, now) for record in records)
    return Message(Saying("runs.list", {"lines": Listing(lines)}))


def _line(record: RunRecord, members: Mapping[int, Member] | None, now: datetime) -> Saying:
    who: object = NOTHING
    if members is not None:
        who = Saying("runs.who", {"who": name_of(members.get(record.member))})
    key = "runs.line_now" if record.ended_at is None else "runs.line"
    return Saying(key, {**_values(record, now), "who": who, "how": _short_how(record)})


def _short_how(record: RunRecord) -> Saying:
    if record.ending in (None, RunEnding.UNKNOWN):
        return NOTHING
    return Saying(f"runs.short_{record.ending.value}")


def free_now(card: Card) -> Message:
    """One asked for it, so it may ring."""
    tail = card.id.uuid[-UUID_TAIL:]
    book = Button(Saying("card.button_book", {"card": card.name}), f"bookcard:{tail}", style=Style.GREEN)
    return Message(Saying("runs.free_now", {"card": Code(card.name)}), ((book,),))


def wanted(told_from: timedelta | None, bells: Sequence[Card]) -> Message:
    """What one hears of now, and a button for each other choice."""
    hung = Saying("runs.bells", {"cards": names(bells)}) if bells else NOTHING
    buttons = tuple(
        Button(_choice(choice), f"notify:{'off' if choice is None else int(choice.total_seconds())}")
        for choice in CHOICES
        if choice != told_from
    )
    return Message(Saying("runs.wanted", {"now": _choice(told_from), "bells": hung}), (buttons,))


def _choice(told_from: timedelta | None) -> Saying:
    if told_from is None:
        return Saying("runs.tell_nothing")
    return Saying("runs.tell_all") if not told_from else Saying("runs.tell_from", {"duration": told_from})


def bell_hung(card: Card) -> Saying:
    return Saying("runs.bell_hung", {"card": card.name})
