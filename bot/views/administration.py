"""Messages about what an admin did to bookings, for the admin and for those it concerns."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.card import Card
from bot.domain.member import Member
from bot.domain.outcome import Blocked, Booked, Revoked
from bot.domain.saying import Button, Code, Listing, Message, Person, Saying, Style
from bot.domain.window import Window
from bot.views.bookings import card_names

NOTHING = Saying("common.nothing")


def _reason(reason: str) -> Saying:
    return Saying("administration.reason", {"reason": reason}) if reason else NOTHING


def revoked_private(revoked: Revoked, reason: str) -> Message:
    """To the holder: what is gone, why, and what to do now."""
    values = {"cards": card_names(revoked.cards), "end": revoked.end, "reason": _reason(reason)}
    return Message(Saying("administration.revoked_private", values), _book_again())


def blocked_private(revoked: Revoked, reason: str) -> Message:
    values = {"cards": card_names(revoked.cards), "end": revoked.end, "reason": _reason(reason)}
    return Message(Saying("administration.blocked_private", values), _book_again())


def _book_again() -> tuple[tuple[Button, ...], ...]:
    return ((Button(Saying("booking.button_new"), "new", style=Style.GREEN),),)


def revoked(outcome: Sequence[Revoked]) -> Message:
    values = {"lines": Listing(tuple(_line(r) for r in outcome))}
    return Message(Saying("administration.revoked", values), public=Saying("public.revoked", values))


def blocked(outcome: Blocked, reason: str) -> Message:
    cost = NOTHING
    if outcome.revoked:
        cost = Saying("administration.cost", {"lines": Listing(tuple(_line(r) for r in outcome.revoked))})
    values = {
        "cards": card_names(outcome.cards),
        "start": outcome.window.start,
        "end": outcome.window.end,
        "reason": _reason(reason),
        "cost": cost,
    }
    return Message(Saying("administration.blocked", values))


def unblocked(outcome: Blocked) -> Message:
    return Message(Saying("administration.unblocked", {"cards": card_names(outcome.cards)}))


def _line(revoked: Revoked) -> Saying:
    values = {"who": Person(revoked.member.display_name), "cards": card_names(revoked.cards), "end": revoked.end}
    return Saying("administration.line", values)


def booked_for(outcome: Booked) -> Message:
    values = {
        "who": Person(outcome.member.display_name),
        "cards": card_names(outcome.cards),
        "window": outcome.window,
    }
    return Message(Saying("administration.booked_for", values), public=Saying("public.booked_later", values))


def booked_for_you(outcome: Booked, by: Member) -> Message:
    values = {
        "who": Person(by.display_name),
        "cards": card_names(outcome.cards),
        "window": outcome.window,
    }
    return Message(Saying("administration.booked_for_you", values))


def given_back_to_you(card: Card, window: Window) -> Message:
    """An admin thought better of it."""
    return Message(Saying("administration.given_back", {"card": Code(card.name), "window": window}))
