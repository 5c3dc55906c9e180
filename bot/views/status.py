"""The picture of the cards' last day: rows for it, and the words under it."""

from __future__ import annotations

from bot.domain.bucket import CardUse
from bot.domain.card import Card
from bot.domain.past import Past
from bot.domain.saying import Button, Message, Saying, Style
from bot.pictures.status import StatusRow
from bot.pictures.usage import Use
from bot.views.calendar import calendar_rows


def status_rows(past: Past) -> tuple[StatusRow, ...]:
    """Promises as bands and what was really going on, card by card. Nobody's are "mine": it is the lab's picture."""
    assert past.width is not None  # noqa: S101 - asked for with the buckets
    bands = calendar_rows(past.cards, past.reservations, past.members, None, past.window)
    return tuple(
        StatusRow(
            row.card,
            row.model,
            row.bands,
            tuple(_use(use, card) for use in past.uses if use.card == card.id),
            past.width.length,
            card.memory_total_bytes,
        )
        for card, row in zip(past.cards, bands, strict=True)
    )


def _use(use: CardUse, card: Card) -> Use:
    memory = use.memory.mean
    fraction = memory / card.memory_total_bytes if memory is not None and card.memory_total_bytes else None
    return Use(use.start, use.load.mean, fraction)


def status_caption() -> Message:
    refresh = Button(Saying("board.button_refresh"), "status")
    board = Button(Saying("board.button_board"), "gpus")
    book = Button(Saying("board.button_book"), "new", style=Style.GREEN)
    return Message(Saying("board.picture_caption"), ((refresh, board, book),), silent=True)
