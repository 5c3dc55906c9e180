"""Messages for who looks: who holds a card, what is free when, what was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from bot.domain.agenda import Agenda, CardFree
from bot.domain.board import CardRow, Holding
from bot.domain.card import Card, CardId
from bot.domain.reservation import Kind, Reservation
from bot.domain.saying import Ahead, Button, Code, Listing, Message, Saying, Style
from bot.domain.window import Window
from bot.views.board import users_of
from bot.views.bookings import card_names, plain_names
from bot.views.holders import share_of
from bot.views.people import name_of

NOTHING = Saying("common.nothing")
SHOWN = 8


def who_message(rows: Sequence[CardRow], agenda: Agenda, now: datetime) -> Message:
    """For each card: everything that stands on it, and who is on it by the last poll."""
    parts = []
    for row in rows:
        mine = [h for h in agenda.holdings if h.reservation.card == row.card.id]
        if not mine and row.processes == ():
            parts.append(Saying("looks.who_free", {"card": Code(row.card.name)}))
            continue
        lines = tuple(holding_line(h, now) for h in mine[:SHOWN]) or (Saying("looks.nobody_holds"),)
        values = {"card": Code(row.card.name), "holdings": Listing(lines), "users": users_of(row)}
        parts.append(Saying("looks.who", values))
    return Message(Saying("looks.who_all", {"cards": Listing(tuple(parts))}))


def holding_line(holding: Holding, now: datetime) -> Saying:
    reservation = holding.reservation
    window = reservation.window
    who = name_of(holding.member)
    if reservation.kind is Kind.MAINTENANCE:
        who = Saying("looks.maintenance")
    elif reservation.kind is Kind.OFFER:
        who = Saying("looks.offered", {"who": who})
    elif reservation.kind is Kind.PROMISE:
        who = Saying("looks.promised", {"who": who})
    note = Saying("booking.note_inline", {"note": reservation.note}) if reservation.note else NOTHING
    share = share_of(reservation.memory_bytes)
    values = {"who": who, "share": share, "window": window, "end": Ahead(window.end, now), "note": note}
    return Saying("looks.holds_now" if window.contains(now) else "looks.holds_later", values)


def free_message(rows: Sequence[CardFree], window: Window, days: int, week: Sequence[datetime]) -> Message:
    """A line a card with its free stretches of that day, and a button for each day of the week ahead."""
    lines = tuple(_free_line(row, window, days == 0) for row in rows)
    day_buttons = [
        Button(
            Saying("looks.day", {"day": noon}) if n else Saying("looks.today"),
            f"free:{n}",
            style=Style.BLUE if n == days else Style.PLAIN,
        )
        for n, noon in enumerate(week)
    ]
    book = Button(Saying("board.button_book"), "new", style=Style.GREEN)
    buttons = (tuple(day_buttons[:4]), tuple(day_buttons[4:]), (book,))
    day: object = Saying("looks.today") if days == 0 else Saying("looks.day", {"day": week[days]})
    return Message(Saying("looks.free", {"day": day, "lines": Listing(lines)}), buttons)


def _free_line(row: CardFree, window: Window, is_today: bool) -> Saying:
    values: dict[str, object] = {"card": Code(row.card.name), "holders": _holders(row, window)}
    busy = is_today and row.busy and not row.holders
    if not row.gaps:
        return Saying("looks.card_full", values)
    if len(row.gaps) == 1 and row.gaps[0] == window:
        return Saying("looks.card_busy" if busy else "looks.card_free", values)
    gaps = tuple(Saying("looks.gap", {"start": g.start, "end": g.end}) for g in row.gaps)
    return Saying("looks.card_gaps", {**values, "gaps": Listing(gaps, in_a_row=True)})


def _holders(row: CardFree, window: Window) -> Listing:
    """All before the next gap, which begins when the last of them ends."""
    return Listing(tuple(_held_by(holding, window) for holding in row.holders[:SHOWN]), separator="")


def _held_by(holding: Holding, window: Window) -> Saying:
    end = Ahead(holding.reservation.window.end, window.start)
    return Saying("looks.held_by", {"who": name_of(holding.member), "end": end})


def slots_message(
    offers: Sequence[tuple[tuple[Card, ...], Window, int]], count: int, duration: timedelta, now: datetime
) -> Message:
    """The earliest slots, each with a button that books it."""
    if not offers:
        return Message(Saying("looks.no_slot", {"count": count}))
    lines = tuple(
        Saying(
            "looks.slot_now" if window.start <= now else "looks.slot",
            {"cards": card_names(cards), "window": window, "end": window.end},
        )
        for cards, window, _ in offers
    )
    buttons = tuple(
        (
            Button(
                Saying(
                    "refused.button_now" if window.start <= now else "refused.button_later",
                    {"cards": plain_names(cards), "start": window.start, "duration": duration},
                ),
                f"book:{draft_id}",
                style=Style.GREEN,
            ),
        )
        for cards, window, draft_id in offers
    )
    return Message(Saying("looks.slots", {"duration": duration, "lines": Listing(lines)}), buttons)


def history_message(rows: Sequence[Reservation], cards: Mapping[CardId, Card]) -> Message:
    if not rows:
        return Message(Saying("looks.no_history"))
    lines = tuple(_history_line(row, cards.get(row.card)) for row in rows)
    return Message(Saying("looks.history", {"lines": Listing(lines)}))


def _history_line(row: Reservation, card: Card | None) -> Saying:
    name: object = Saying("common.unknown") if card is None else Code(card.name)
    note = Saying("booking.note_inline", {"note": row.note}) if row.note else NOTHING
    values = {"card": name, "start": row.window.start, "duration": row.window.duration, "note": note}
    return Saying("looks.history_line", values)
