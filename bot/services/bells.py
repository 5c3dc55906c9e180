"""Telling those who asked when a card is free: nobody holds it, and nobody is on it."""

from __future__ import annotations

from bot.books import Books
from bot.domain.card import CardId
from bot.domain.sample import Sample
from bot.services.owing import owe_member
from bot.views import runs as views


def ring_bells(books: Books, sample: Sample) -> None:
    """Once each. What could not be read is not free."""
    bells = books.wishes.bells()
    if not bells or sample.trouble is not None:
        return
    now = sample.taken_at
    held = {r.card for r in books.ledger.standing(now) if r.window.contains(now)}
    idle = {row.card.id for row in sample.cards if row.lost is None and row.processes == ()}
    for member_id, card_id in bells:
        if card_id in idle - held:
            books.wishes.take_bell(member_id, card_id)
            _ring(books, member_id, card_id, sample)


def _ring(books: Books, member_id: int, card_id: CardId, sample: Sample) -> None:
    member, card = books.members.get(member_id), books.cards.get(card_id)
    if member is not None and card is not None:
        owe_member(books, member, views.free_now(card), sample.taken_at)
