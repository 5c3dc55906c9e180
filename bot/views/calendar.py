"""The calendar: rows for its picture, and the same as text for whoever reads text. No language, no zone.

`standing` is what stands at some instant of the window, of anybody, on any card.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.domain.card import Card
from bot.domain.member import Member
from bot.domain.reservation import FOR_THE_LINE, Kind, Reservation
from bot.domain.saying import Ahead, Button, Code, Listing, Message, Saying, Style
from bot.domain.window import Window
from bot.pictures.bands import Band, BandKind
from bot.pictures.calendar import CalendarRow
from bot.views.holders import share_of
from bot.views.people import name_of
from bot.views.spans import span

SPANS = (3, 7)  # days that a button offers
MOST_CARDS, MOST_LINES = 20, 40  # of the text: Telegram takes 4096 characters in a message
NOTHING = Saying("common.nothing")


def calendar_rows(
    cards: Sequence[Card],
    standing: Sequence[Reservation],
    members: Mapping[int, Member],
    viewer: Member | None,
    window: Window,
) -> tuple[CalendarRow, ...]:
    """What the picture shows. `viewer` None: in the group, where nothing is "mine"."""
    return tuple(
        CalendarRow(
            card.name,
            short_model(card.model),
            tuple(_band(r, card, members.get(r.member_id), viewer) for r in standing if _is_shown(r, card, window)),
        )
        for card in cards
    )


def short_model(model: str) -> str:
    """ "NVIDIA GeForce RTX 4090" is "RTX 4090" on a phone."""
    return model.removeprefix("NVIDIA ").removeprefix("GeForce ")


def _is_shown(reservation: Reservation, card: Card, window: Window) -> bool:
    return reservation.card == card.id and reservation.window.overlaps(window)


def _band(reservation: Reservation, card: Card, member: Member | None, viewer: Member | None) -> Band:
    if reservation.kind is Kind.MAINTENANCE:
        return Band(reservation.window, kind=BandKind.MAINTENANCE)
    kind = BandKind.BOOKING if reservation.is_exclusive else BandKind.SHARE
    return Band(
        window=reservation.window,
        who="" if member is None else member.display_name,
        kind=BandKind.OFFER if reservation.kind in FOR_THE_LINE else kind,
        fraction=_fraction(reservation, card),
        is_mine=viewer is not None and reservation.member_id == viewer.id,
        member=reservation.member_id,
        latin="" if member is None else member.unix_name,
    )


def _fraction(reservation: Reservation, card: Card) -> float:
    """Of the card's memory; the whole where the card does not say how much it has."""
    if reservation.memory_bytes is None or not card.memory_total_bytes:
        return 1.0
    return reservation.memory_bytes / card.memory_total_bytes


def calendar_text(
    cards: Sequence[Card],
    standing: Sequence[Reservation],
    members: Mapping[int, Member],
    viewer: Member | None,
    window: Window,
    now: datetime,
    days: int = SPANS[0],
) -> Message:
    """The same in words: each card with what is promised on it, earliest first."""
    shown = cards[:MOST_CARDS]
    lines_each = max(2, MOST_LINES // max(1, len(shown)))
    blocks = [
        _card_block(card, [r for r in standing if _is_shown(r, card, window)], members, viewer, now, lines_each)
        for card in shown
    ]
    if len(cards) > len(shown):
        blocks.append(Saying("calendar.more_cards", {"count": len(cards) - len(shown)}))
    body: object = Listing(tuple(blocks)) if blocks else Saying("calendar.no_cards")
    saying = Saying("calendar.text", {"days": days, "end": window.end, "cards": body})
    return Message(saying, _buttons(days, is_picture=False), silent=True)


def calendar_caption(days: int, window: Window) -> Message:
    """Under the picture: what it shows, and where to go from here."""
    return Message(Saying("calendar.caption", {"days": days, "end": window.end}), _buttons(days, is_picture=True), True)


def _card_block(
    card: Card,
    reservations: Sequence[Reservation],
    members: Mapping[int, Member],
    viewer: Member | None,
    now: datetime,
    most: int,
) -> Saying:
    to_come = sorted((r for r in reservations if r.window.end > now), key=lambda r: (r.window, r.id))
    lines = [_line(r, members.get(r.member_id), viewer, now) for r in to_come[:most]]
    if len(to_come) > most:
        lines.append(Saying("calendar.more", {"count": len(to_come) - most}))
    bands = Listing(tuple(lines)) if lines else Saying("calendar.all_free")
    return Saying("calendar.card", {"card": Code(card.name), "model": short_model(card.model), "bands": bands})


def _line(reservation: Reservation, member: Member | None, viewer: Member | None, now: datetime) -> Saying:
    is_now = reservation.window.contains(now)
    values: dict[str, object] = {"when": span(reservation.window, now), "end": Ahead(reservation.window.end, now)}
    if reservation.kind is Kind.MAINTENANCE:
        return Saying("calendar.maintenance_now" if is_now else "calendar.maintenance_later", values)
    is_mine = viewer is not None and reservation.member_id == viewer.id
    who = Saying("calendar.you") if is_mine else name_of(member)
    values |= {"who": who, "share": share_of(reservation.memory_bytes)}
    if reservation.kind in FOR_THE_LINE:
        key = "calendar.line_offered" if reservation.kind is Kind.OFFER else "calendar.line_promised"
        return Saying(key, values)
    return Saying("calendar.line_now" if is_now else "calendar.line_later", values)


def _buttons(days: int, *, is_picture: bool) -> tuple[tuple[Button, ...], ...]:
    form, other = ("picture", "text") if is_picture else ("text", "picture")
    spans = tuple(
        Button(
            Saying("calendar.button_days", {"count": span}),
            f"calendar:{form}:{span}",
            style=Style.BLUE if span == days else Style.PLAIN,
        )
        for span in SPANS
    )
    switch = Button(Saying(f"calendar.button_{other}"), f"calendar:{other}:{days}")
    book = Button(Saying("calendar.button_book"), "new", style=Style.GREEN)
    return ((*spans, switch), (book, Button(Saying("calendar.button_file"), "ics")))
