"""The booking dialogue as a message: cards to tick, a length, a start, and "Book" when nothing is missing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from bot.domain.card import Card, CardId
from bot.domain.draft import Draft
from bot.domain.saying import Button, Listing, Message, Saying, Style
from bot.views.bookings import card_names

HOURS = tuple(timedelta(hours=count) for count in (1, 4, 8, 12))
DAYS = tuple(timedelta(days=count) for count in (1, 2, 3, 7))
MARKS = ("held", "busy")  # what a card's button shows in a sign; the text says what it means
UUID_TAIL = 12  # of a card's UUID: enough to tell cards apart, short enough for a button's 64 bytes


def dialogue(
    draft_id: int,
    draft: Draft,
    cards: Sequence[Card],
    free: Collection[CardId],
    not_idle: Collection[CardId],
    week: Sequence[datetime],
    now: datetime,
) -> Message:
    """Two people's dialogues don't touch: the draft's number is in every button."""
    chosen = [card for card in cards if card.id in draft.cards]
    marks = {_mark(card, free, not_idle) for card in cards}
    values = {
        "cards": card_names(chosen) if chosen else Saying("dialogue.no_cards"),
        "duration": draft.duration if draft.duration is not None else Saying("dialogue.no_duration"),
        "start": draft.start if draft.start is not None else Saying("dialogue.from_now"),
        "marks": Listing(tuple(Saying(f"dialogue.means_{mark}") for mark in MARKS if mark in marks), separator=""),
    }
    rows = [*_card_rows(draft_id, draft, cards, free, not_idle), *_length_rows(draft_id, draft)]
    rows += _start_rows(draft_id, draft, week)
    if chosen and draft.duration is not None:
        end = (draft.start or now) + draft.duration
        rows.append((Button(Saying("dialogue.button_book", {"end": end}), f"book:{draft_id}", style=Style.GREEN),))
    return Message(Saying("dialogue.dialogue", values), tuple(rows))


def _card_rows(
    draft_id: int, draft: Draft, cards: Sequence[Card], free: Collection[CardId], not_idle: Collection[CardId]
) -> list[tuple[Button, ...]]:
    buttons = []
    for card in cards:
        state = "chosen" if card.id in draft.cards else _mark(card, free, not_idle)
        label = Saying(f"dialogue.card_{state}", {"card": card.name})
        buttons.append(Button(label, f"draft:{draft_id}:card:{card.id.uuid[-UUID_TAIL:]}"))
    return [tuple(buttons[i : i + 4]) for i in range(0, len(buttons), 4)]


def _mark(card: Card, free: Collection[CardId], not_idle: Collection[CardId]) -> str:
    return "held" if card.id not in free else "busy" if card.id in not_idle else "free"


def _length_rows(draft_id: int, draft: Draft) -> list[tuple[Button, ...]]:
    def row(lengths: Sequence[timedelta]) -> tuple[Button, ...]:
        return tuple(
            Button(
                Saying("dialogue.length", {"duration": length}),
                f"draft:{draft_id}:for:{length // timedelta(minutes=1)}",
                style=Style.BLUE if draft.duration == length else Style.PLAIN,
            )
            for length in lengths
        )

    return [
        row(HOURS),
        row(DAYS),
        (Button(Saying("dialogue.until_morning"), f"draft:{draft_id}:until:1"),),
    ]


def _start_rows(draft_id: int, draft: Draft, week: Sequence[datetime]) -> list[tuple[Button, ...]]:
    """Now, tonight, tomorrow; the days after that (`week`, at nine in the morning) one tap further."""
    now_style = Style.BLUE if draft.start is None else Style.PLAIN
    first = (
        Button(Saying("dialogue.start_now"), f"draft:{draft_id}:from:now", style=now_style),
        Button(Saying("dialogue.start_tonight"), f"draft:{draft_id}:from:tonight"),
        Button(Saying("dialogue.start_tomorrow"), f"draft:{draft_id}:from:1"),
        Button(Saying("dialogue.start_later"), f"draft:{draft_id}:from:more"),
    )
    if not draft.more_days:
        return [first]
    days = [
        Button(
            Saying("dialogue.start_day", {"day": day}),
            f"draft:{draft_id}:from:{number}",
            style=Style.BLUE if draft.start == day else Style.PLAIN,
        )
        for number, day in enumerate(week, start=2)
    ]
    return [first, tuple(days[:3]), tuple(days[3:])]
