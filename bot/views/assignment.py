"""Messages about which cards a container sees."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.assignment import cards_of
from bot.domain.card import Card
from bot.domain.instance import SeenCards
from bot.domain.saying import Button, Code, Listing, Message, Saying, Style
from bot.domain.upkeep import Assigned, Batch, Regained

MOST_LINES = 30


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


def honoured_again(regained: Sequence[Regained], cards: Sequence[Card]) -> Message:
    """The bookings are not enforced any more: who sees what, what they saw before, and a button that gives it back."""
    lines = tuple(
        Saying(
            "assign.regained",
            {"name": Code(one.name), "now": seen(one.now, cards), "before": seen(one.before, cards)},
        )
        for one in regained[:MOST_LINES]
    )
    if len(regained) > MOST_LINES:
        lines = (*lines, Saying("assign.regained_more", {"count": len(regained) - MOST_LINES}))
    button = Button(Saying("assign.button_give_back"), "honour:give", style=Style.GREEN)
    return Message(Saying("assign.honour", {"lines": Listing(lines)}), ((button,),))


def given_back(outcome: Batch) -> Message:
    done = Saying("assign.given_back", {"count": len(outcome.done)})
    again = Button(Saying("assign.button_give_back"), "honour:give", style=Style.GREEN)
    undo = Button(Saying("assign.button_undo"), "honour:undo")
    return Message(batch(outcome, done), ((*((again,) if outcome.failed else ()), undo),))


def given_back_undone(outcome: Batch) -> Message:
    done = Saying("assign.given_back_undone", {"count": len(outcome.done)})
    return Message(batch(outcome, done), ((Button(Saying("assign.button_give_back"), "honour:give"),),))


def batch(outcome: Batch, done: Saying) -> Saying:
    """One change to many: where it was done, and each failure with its reason."""
    if not outcome.failed:
        return done
    lines = tuple(Saying("upkeep.failed_line", {"name": Code(n), "why": why}) for n, why in outcome.failed.items())
    return Saying("upkeep.some_failed", {"done": done, "failed": Listing(lines)})
