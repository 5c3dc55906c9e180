"""Messages about which cards a container sees."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.assignment import cards_of
from bot.domain.card import Card
from bot.domain.instance import SeenCards
from bot.domain.saying import Code, Listing, Saying
from bot.domain.upkeep import Assigned, Batch


def seen(cards_seen: SeenCards, cards: Sequence[Card]) -> Saying | Listing:
    """ "all", "none", "gpu0, gpu2", or that it was set by hand."""
    if cards_seen.by_other_means:
        return Saying("container.cards_other", {"devices": Listing(cards_seen.by_other_means, in_a_row=True)})
    if cards_seen.all:
        return Saying("container.cards_all")
    names = tuple(Code(card.name) for card in cards_of(cards_seen, cards))
    return Listing(names, in_a_row=True) if names else Saying("container.cards_none")


def assigned(outcome: Assigned, cards: Sequence[Card]) -> Saying:
    key = "assign.done" if outcome.running else "assign.done_stopped"
    return Saying(key, {"name": Code(outcome.record.name), "cards": seen(outcome.seen, cards)})


def batch(outcome: Batch, done: Saying) -> Saying:
    """One change to many: where it was done, and each failure with its reason."""
    if not outcome.failed:
        return done
    lines = tuple(Saying("upkeep.failed_line", {"name": Code(n), "why": why}) for n, why in outcome.failed.items())
    return Saying("upkeep.some_failed", {"done": done, "failed": Listing(lines)})
