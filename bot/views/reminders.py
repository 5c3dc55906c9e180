"""Reminders of one's bookings: what is about to happen, and the answers one tap away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.domain.card import Card
from bot.domain.member import Member
from bot.domain.outcome import Extended
from bot.domain.reminder import Reminder
from bot.domain.reservation import Kind, Reservation
from bot.domain.saying import Ahead, Button, Message, Saying, Style
from bot.views.bookings import card_names
from bot.views.holders import share_of
from bot.views.people import name_of

NOTHING = Saying("common.nothing")
EXTENSIONS = (("reminder.button_4h", timedelta(hours=4)), ("reminder.button_1d", timedelta(days=1)))


def start(reminder: Reminder, cards: Sequence[Card], now: datetime) -> Message:
    """It begins soon; whoever does not need it any more gives it back."""
    give_back = Button(Saying("reminder.button_give_back"), f"release:{reminder.booking}", style=Style.RED)
    return Message(Saying("reminder.start", _values(reminder, cards, now)), ((give_back,),))


def end(
    reminder: Reminder,
    cards: Sequence[Card],
    now: datetime,
    room: datetime,
    following: Reservation | None,
    who: Member | None,
    waiting: int,
) -> Message:
    """It ends soon: keep it as far as there is room, or let it end. `room`: up to when it can be kept."""
    values = {
        **_values(reminder, cards, now),
        "next": _next(following, who),
        "waiting": Saying("reminder.waiting", {"count": waiting}) if waiting else NOTHING,
    }
    rows = [row for row in (_extensions(reminder, room),) if row]
    let_end = Button(Saying("reminder.button_let_end"), f"letend:{reminder.booking}")
    return Message(Saying("reminder.end", values), (*rows, (let_end,)))


def ended(
    reminder: Reminder,
    cards: Sequence[Card],
    holder: Reservation | None,
    who: Member | None,
    draft_id: int | None,
) -> Message:
    """It is over and a run of theirs is still on the card. `holder`: who has booked it now; else it can be had on."""
    values = {"cards": card_names(cards), "end": reminder.window.end}
    if holder is not None:
        now_of = {"who": _who(holder, who), "until": holder.window.end}
        return Message(Saying("reminder.ended_taken", {**values, **now_of}))
    book = Button(Saying("reminder.button_book_on"), f"book:{draft_id}", style=Style.GREEN)
    return Message(Saying("reminder.ended", values), ((book,),))


def kept(outcome: Extended) -> Message:
    """The reminder's message, once it was extended."""
    values = {"cards": card_names(outcome.cards), "end": outcome.end}
    if outcome.wanted_end is not None:
        return Message(Saying("booking.extended_partly", {**values, "wanted": outcome.wanted_end}))
    return Message(Saying("reminder.kept", values))


def let_end(outcome: Extended) -> Message:
    return Message(Saying("reminder.let_end", {"cards": card_names(outcome.cards), "end": outcome.end}))


def _extensions(reminder: Reminder, room: datetime) -> tuple[Button, ...]:
    """+4 h and +1 d where they are free; else as far as possible. A button says until when: twice is once."""
    fitting = [(Saying(key), reminder.at + more) for key, more in EXTENSIONS if reminder.at + more <= room]
    if room > reminder.at and len(fitting) < len(EXTENSIONS):
        fitting.append((Saying("reminder.button_until", {"end": room}), room))
    return tuple(
        Button(label, f"keep:{reminder.booking}:{int(until.timestamp())}", style=Style.BLUE) for label, until in fitting
    )


def _next(following: Reservation | None, who: Member | None) -> Saying:
    if following is None:
        return NOTHING
    return Saying("reminder.next", {"who": _who(following, who), "start": following.window.start})


def _who(reservation: Reservation, who: Member | None) -> object:
    if reservation.kind is Kind.MAINTENANCE:
        return Saying("reminder.maintenance")
    return name_of(who)


def _values(reminder: Reminder, cards: Sequence[Card], now: datetime) -> dict[str, object]:
    first = reminder.reservations[0]
    return {
        "cards": card_names(cards),
        "start": Ahead(reminder.window.start, now),
        "end": Ahead(reminder.window.end, now),
        "share": share_of(first.memory_bytes),
        "note": Saying("booking.note", {"note": first.note}) if first.note else NOTHING,
    }
