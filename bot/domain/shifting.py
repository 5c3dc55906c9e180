"""Where somebody's run goes on under the next booking: equal cards that its holder could have instead, at once.

Nobody's run is stopped, and nobody is made to wait: the holder may take the same promise on another card.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from bot.domain.card import Card, CardId
from bot.domain.evidence import Finding
from bot.domain.reservation import Reservation, fits
from bot.domain.sample import Unread
from bot.domain.window import Window

Shift = Mapping[int, Card]
"""The card that each reservation moves to, by the reservation's id; empty: there is no such way out."""


def equal_cards(
    findings: Iterable[Finding],
    known: Iterable[Card],
    standing: Sequence[Reservation],
    busy: frozenset[CardId],
    now: datetime,
) -> Shift:
    """For each card with a run of before on it, another of the same model and memory on the same host that nobody is
    on (`busy`) and that is free from now until the booking's end; all of them or none."""
    shift: dict[int, Card] = {}
    free = sorted((card for card in known if card.id not in busy), key=lambda card: (card.index, card.id))
    for finding in sorted(findings, key=lambda one: (one.card.index, one.card.id)):
        booking = finding.reservation
        if booking is None or booking.window.end <= now or not goes_on(finding):
            return {}
        window = Window(max(now, booking.window.start), booking.window.end)
        taken = {card.id for card in shift.values()}
        fitting = _fitting(booking, window, standing)
        equal = (card for card in free if card.id not in taken and is_equal(card, finding.card) and fitting(card))
        found = next(equal, None)
        if found is None:
            return {}
        shift[booking.id] = found
    return shift


def goes_on(finding: Finding) -> bool:
    """Whether all that is seen there ran already when the booking began. What began later is another matter: a
    forgotten CUDA_VISIBLE_DEVICES, and then it is not the holder who moves."""
    booking, starts = finding.reservation, [process.started_at for process in finding.processes]
    return booking is not None and all(
        not isinstance(start, Unread) and start < booking.window.start for start in starts
    )


def is_equal(card: Card, other: Card) -> bool:
    return (card.id.host, card.model, card.memory_total_bytes) == (other.id.host, other.model, other.memory_total_bytes)


def _fitting(booking: Reservation, window: Window, standing: Sequence[Reservation]) -> Callable[[Card], bool]:
    def fitting(card: Card) -> bool:
        return fits(card, [r for r in standing if r.card == card.id], window, booking.memory_bytes)

    return fitting
