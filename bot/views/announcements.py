"""What junzi says to a sentence in plain words: one line and a button for its speaker."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from bot.domain.card import Card
from bot.domain.outcome import Alternative, Booked
from bot.domain.reservation import Reservation
from bot.domain.saying import Button, Message, Saying, Style
from bot.views.bookings import card_names, plain_names


def offer(proposal: Alternative, message_id: int) -> Message:
    """ "Book gpu0 until Fri 14:00?"; `message_id` is the sentence that was said."""
    values = {
        "cards": card_names(proposal.cards),
        "start": proposal.window.start,
        "end": proposal.window.end,
        "duration": proposal.window.duration,
    }
    key = "announcement.book" if proposal.starts_now else "announcement.book_later"
    label = Saying("announcement.button_book", {"cards": plain_names(proposal.cards)})
    button = Button(label, f"booksaid:{proposal.draft_id}:{message_id}", style=Style.GREEN)
    return Message(Saying(key, values), ((button,),), silent=True)


def offer_release(bookings: Sequence[Booked], which: Callable[[Reservation, Card], bool]) -> Message:
    """ "Give gpu2 back?", with a button for each card that was meant."""
    pairs = [
        (reservation, card)
        for booking in bookings
        for reservation in booking.reservations
        for card in booking.cards
        if card.id == reservation.card and which(reservation, card)
    ]
    buttons = tuple(
        (Button(Saying("booking.button_release_one", {"cards": card.name}), f"release1:{r.id}", style=Style.RED),)
        for r, card in pairs
    )
    return Message(Saying("announcement.release", {"cards": card_names([c for _, c in pairs])}), buttons, silent=True)


def offer_extension(booking: Booked, by: timedelta | None, until: datetime | None) -> Message | None:
    """ "Keep gpu1 until …?"; None if it was not said how long."""
    end = until if until is not None else None if by is None else booking.window.end + by
    if end is None or end <= booking.window.end:
        return None
    minutes = (end - booking.window.end) // timedelta(minutes=1)
    label = Saying("announcement.button_extend")
    button = Button(label, f"extend:{booking.booking}:{minutes}", style=Style.GREEN)
    values = {"cards": card_names(booking.cards), "end": end}
    return Message(Saying("announcement.extend", values), ((button,),), silent=True)


def not_understood() -> Message:
    """To somebody who spoke to the bot alone; in the group, what is not understood was not meant for it."""
    rows = (
        (Button(Saying("start.button_gpus"), "gpus"), Button(Saying("start.button_book"), "new", style=Style.GREEN)),
        (Button(Saying("announcement.button_help"), "help:all"),),
    )
    return Message(Saying("announcement.not_understood"), rows)


def wordless(*, has_file: bool) -> Message:
    """To whoever sent the bot something without words."""
    label, data = ("topic.button_scp", "help:scp") if has_file else ("announcement.button_help", "help:all")
    key = "announcement.file" if has_file else "announcement.wordless"
    return Message(Saying(key), ((Button(Saying(label), data),),))
