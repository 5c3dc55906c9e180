"""Whose a card is, in one line: what every form of the board says of it."""

from __future__ import annotations

from datetime import datetime

from bot.domain.board import CardRow, Holding
from bot.domain.reservation import Kind
from bot.domain.sample import Unread
from bot.domain.saying import Ahead, Bytes, Saying
from bot.views.people import name_of

NOTHING = Saying("common.nothing")
MARKS = {Kind.BOOKING: "🔒", Kind.MAINTENANCE: "🛠", Kind.OFFER: "⏳", Kind.PROMISE: "⏳"}
HELD = {
    Kind.BOOKING: "holder.held",
    Kind.MAINTENANCE: "holder.maintenance",
    Kind.OFFER: "holder.offered",
    Kind.PROMISE: "holder.promised",
}


def holder_lines(row: CardRow, now: datetime, *, keeps: bool = False) -> tuple[Saying, ...]:
    """A line a holder; if there is none, what that means. `keeps`: for a message that stands for long."""
    if not row.holding_now:
        return (unheld(row, now, keeps=keeps),)
    return tuple(_held(holding, now, keeps=keeps) for holding in row.holding_now)


def unheld(row: CardRow, now: datetime, *, keeps: bool = False) -> Saying:
    """What can't be read is not called free, and neither is what somebody uses without having booked it."""
    if row.trouble is not None or row.reading is None:
        return Saying("holder.unbooked")
    if not isinstance(row.processes, Unread) and row.processes:
        return Saying("holder.in_use")
    if row.next is not None:
        start = Ahead(row.next.reservation.window.start, now, keeps=keeps)
        return Saying("holder.free_until", {"who": holder_name(row.next), "start": start})
    return Saying("holder.free")


def holder_name(holding: Holding) -> object:
    """Of maintenance, not its admin's: it is nobody's."""
    if holding.reservation.kind is Kind.MAINTENANCE:
        return Saying("holder.closed")
    return name_of(holding.member)


def share_of(memory_bytes: int | None) -> Saying:
    """Behind a name: how much of the card's memory is theirs. None: all of it, which needs no words."""
    return NOTHING if memory_bytes is None else Saying("booking.share", {"memory": Bytes(memory_bytes)})


def _held(holding: Holding, now: datetime, *, keeps: bool) -> Saying:
    reservation = holding.reservation
    values = {
        "who": holder_name(holding),
        "share": share_of(reservation.memory_bytes),
        "end": Ahead(reservation.window.end, now, keeps=keeps),
    }
    return Saying(HELD[reservation.kind], values)
