"""/calendar text as a rich message: under each card's name a line a booking, whose it is and when."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.domain.card import Card
from bot.domain.member import Member
from bot.domain.past import Past
from bot.domain.reservation import Kind, Reservation
from bot.domain.saying import Ahead, Cell, Message, Saying, Table
from bot.views.calendar import MOST_CARDS, MOST_LINES, short_model
from bot.views.holders import MARKS
from bot.views.people import name_of
from bot.views.spans import span

GIB = 1 << 30
NOTHING = Saying("common.nothing")


def with_table(message: Message, past: Past, viewer: Member | None, days: int) -> Message:
    """The same message with a table for servers that know tables. `viewer` None: nothing is "mine"."""
    shown = past.cards[:MOST_CARDS]
    if not shown:
        return message
    most = max(2, MOST_LINES // len(shown))
    lines = tuple(line for card in shown for line in _of_card(card, past, viewer, most))
    left_out = len(past.cards) - len(shown)
    more = NOTHING
    if left_out:
        more = Saying("rich.paragraph", {"text": Saying("calendar.more_cards", {"count": left_out})})
    return replace(message, rich=Saying("rich.calendar", {"days": days, "table": Table((), lines), "more": more}))


def _of_card(card: Card, past: Past, viewer: Member | None, most: int) -> list[tuple[object, ...]]:
    name = Saying("rich.card_head", {"card": card.name, "model": short_model(card.model)})
    to_come = sorted(
        (r for r in past.reservations if r.card == card.id and r.window.end > past.now),
        key=lambda r: (r.window, r.id),
    )
    head: tuple[object, ...] = (Cell(name, columns=2, is_head=True),)
    if not to_come:
        return [head, (Cell(Saying("calendar.all_free"), columns=2),)]
    lines: list[tuple[object, ...]] = [(_whose(r, past, viewer), _when(r, past.now)) for r in to_come[:most]]
    if len(to_come) > most:
        lines.append((Cell(Saying("calendar.more", {"count": len(to_come) - most}), columns=2),))
    return [head, *lines]


def _whose(reservation: Reservation, past: Past, viewer: Member | None) -> Saying:
    """Without a link: nobody's phone rings for a table."""
    if reservation.kind is Kind.MAINTENANCE:
        return Saying("rich.line", {"mark": MARKS[reservation.kind], "name": Saying("holder.closed")})
    member = past.members.get(reservation.member_id)
    is_mine = viewer is not None and reservation.member_id == viewer.id
    name = Saying("calendar.you") if is_mine else name_of(member)
    if reservation.memory_bytes is not None:
        name = Saying("rich.share", {"who": name, "gib": round(reservation.memory_bytes / GIB)})
    return Saying("rich.line", {"mark": _mark(reservation, past.now), "name": name})


def _mark(reservation: Reservation, now: datetime) -> str:
    is_to_come = reservation.kind is Kind.BOOKING and not reservation.window.contains(now)
    return "▫️" if is_to_come else MARKS[reservation.kind]


def _when(reservation: Reservation, now: datetime) -> Saying:
    if reservation.window.contains(now):
        return Saying("rich.until", {"end": Ahead(reservation.window.end, now)})
    return span(reservation.window, now)
