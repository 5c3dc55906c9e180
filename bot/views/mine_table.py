"""/mine as a rich message: two lines a booking, so that several cards and two instants fit a phone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.domain.outcome import Booked
from bot.domain.saying import Ahead, Bytes, Listing, Message, Saying, Table
from bot.views.bookings import MOST_SHOWN, plain_names
from bot.views.spans import span

NOTHING = Saying("common.nothing")


def with_table(message: Message, bookings: Sequence[Booked], now: datetime) -> Message:
    """The same message with a table for servers that know tables."""
    if not bookings:
        return message
    shown = bookings[:MOST_SHOWN]
    table = Table(
        (Saying("rich.card"), Saying("rich.when")), tuple(line for booking in shown for line in _lines(booking, now))
    )
    below: list[object] = [_note(booking) for booking in shown if booking.reservations[0].note]
    if len(bookings) > len(shown):
        below.append(Saying("booking.mine_more", {"count": len(bookings) - len(shown)}))
    line = message.saying.values["line"]
    if isinstance(line, Saying) and line != NOTHING:
        below.append(line.values["line"])
    paragraphs = tuple(Saying("rich.paragraph", {"text": text}) for text in below)
    return replace(message, rich=Saying("rich.mine", {"table": table, "below": Listing(paragraphs, separator="")}))


def _lines(booking: Booked, now: datetime) -> tuple[tuple[object, ...], ...]:
    """The second line, if there is anything for it: the share, and how soon where that is soon."""
    window, memory = booking.window, booking.reservations[0].memory_bytes
    has_begun = window.start <= now
    next_step = Ahead(window.end if has_begun else window.start, now)
    name = Saying("rich.name", {"name": plain_names(booking.cards)})
    first = (name, Saying("rich.until", {"end": next_step}) if has_begun else span(window, now))
    share = NOTHING if memory is None else Bytes(memory)
    soon = Saying("rich.ends" if has_begun else "rich.starts", {"at": next_step}) if next_step.is_near else NOTHING
    return (first,) if share == soon == NOTHING else (first, (share, soon))


def _note(booking: Booked) -> Saying:
    return Saying("rich.note", {"cards": plain_names(booking.cards), "note": booking.reservations[0].note})
