"""Bookings as entries of somebody's calendar program."""

from __future__ import annotations

from collections.abc import Callable

from bot.domain.agenda import Agenda
from bot.domain.board import Holding
from bot.domain.card import Card
from bot.domain.icalendar import Event, event_uid
from bot.domain.member import Member
from bot.domain.reservation import FOR_THE_LINE, Kind
from bot.views.calendar import short_model

Plain = Callable[..., str]  # `Voice.plain`: a file has no tags


def events(agenda: Agenda, whose: Member | None, lab: str, plain: Plain) -> list[Event]:
    """One entry for each card of a booking. `whose` None: everybody's, with names, and maintenance."""
    cards = {card.id: card for card in agenda.cards}
    return [
        Event(
            event_uid(holding.reservation.id, lab),
            holding.reservation.window,
            _summary(holding, cards[holding.reservation.card], whose, plain),
            holding.reservation.note,
        )
        for holding in agenda.holdings
        if holding.reservation.card in cards and _is_asked_for(holding, whose)
    ]


def _is_asked_for(holding: Holding, whose: Member | None) -> bool:
    """An offer is no promise yet."""
    kind = holding.reservation.kind
    if whose is None:
        return kind not in FOR_THE_LINE
    return kind is Kind.BOOKING and holding.reservation.member_id == whose.id


def _summary(holding: Holding, card: Card, whose: Member | None, plain: Plain) -> str:
    values = {"card": card.name, "model": short_model(card.model)}
    if holding.reservation.kind is Kind.MAINTENANCE:
        return plain("ics.maintenance", **values)
    if whose is not None:
        return plain("ics.own", **values)
    member = holding.member
    who = plain("common.somebody") if member is None else member.display_name
    return plain("ics.somebodys", **values, who=who)
