"""From a phrase to what it asks of the ledger: how long, how much of a card, and which cards it names."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.domain.card import Card
from bot.domain.phrase import CardWish, Phrase
from bot.domain.reservation import Refused
from bot.domain.sample import Sample
from bot.domain.window import elapsed

GIB = 1 << 30


def wished_length(phrase: Phrase, now: datetime) -> timedelta | None:
    """The length that was said, or that lies between the start (or now) and the end; None if neither was said."""
    if phrase.duration is not None:
        return phrase.duration
    if phrase.end is not None:
        return elapsed(phrase.start or now, phrase.end)
    return None


def wished_bytes(phrase: Phrase, known: Sequence[Card]) -> int | None:
    """The share that is asked for; "half of it" is half of the smallest card that is meant."""
    if phrase.memory_gib is not None:
        return round(phrase.memory_gib * GIB)
    if phrase.memory_fraction is None:
        return None
    indices = phrase.cards.indices if phrase.cards is not None else ()
    totals = [c.memory_total_bytes for c in known if c.memory_total_bytes and (not indices or c.index in indices)]
    return round(min(totals) * phrase.memory_fraction) if totals else None


def without_cards(sample: Sample | None) -> Refused:
    """Why nothing can be booked where no card was ever seen, by the last look. A card that was seen once can be
    booked whatever becomes of the driver."""
    if sample is None:
        return Refused("no_cards_yet")
    return Refused("no_cards_here") if sample.trouble is None else Refused("no_cards_seen", {"why": sample.trouble})


def named_cards(wish: CardWish, known: Sequence[Card]) -> tuple[Card, ...] | Refused | None:
    """The cards that a wish names; None if it leaves the choice to the ledger."""
    if wish.every:
        return tuple(known)
    if not wish.indices:
        return None
    by_index = {card.index: card for card in known}
    missing = [index for index in wish.indices if index not in by_index]
    if missing:
        return Refused("unknown_card", {"asked": missing[0], "known": tuple(card.name for card in known)})
    return tuple(by_index[index] for index in dict.fromkeys(wish.indices))
