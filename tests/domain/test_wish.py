"""What is said where no card can be booked, by what the last look at the cards was like."""

from __future__ import annotations

from bot.domain.reservation import Refused
from bot.domain.sample import Unread
from bot.domain.wish import without_cards
from tests.domain.watched_lab import sample


def test_why_there_is_no_card_to_book() -> None:
    missing = Unread("driver_missing")
    assert without_cards(None) == Refused("no_cards_yet")
    assert without_cards(sample(trouble=missing)) == Refused("no_cards_seen", {"why": missing})
    assert without_cards(sample()) == Refused("no_cards_here")
