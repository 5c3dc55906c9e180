"""Which of one's reservations are meant: by cards that were typed, or by a button's booking number."""

from __future__ import annotations

from bot.context import JunziContext
from bot.domain.card import Card
from bot.domain.phrase import Phrase, PhraseError, read_booking
from bot.domain.reservation import Reservation
from bot.services.changes import Chooser


def read(context: JunziContext, words: str | None = None) -> Phrase | PhraseError:
    """What was typed behind the command (or `words`), by the one grammar."""
    return read_booking(context.words if words is None else words, context.lab.clock.now(), context.lab.zone)


def everything(_reservation: Reservation, _card: Card) -> bool:
    return True


def of_booking(booking: int) -> Chooser:
    return lambda reservation, _card: reservation.booking == booking


def one(reservation_id: int) -> Chooser:
    return lambda reservation, _card: reservation.id == reservation_id


def by_cards(phrase: Phrase) -> Chooser:
    """The cards that were named; all of them if none was."""
    wish = phrase.cards
    if wish is None or wish.every:
        return everything
    return lambda _reservation, card: card.index in wish.indices
