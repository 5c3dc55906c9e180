"""What is offered where a wish can't be granted: the same cards later, other cards now, a place in the queue.

Everything offered is a draft, so that a button needs to carry a number only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.books import Books
from bot.domain.card import Card, CardId
from bot.domain.draft import Draft
from bot.domain.member import Member
from bot.domain.outcome import Alternative
from bot.domain.phrase import CardWish
from bot.domain.reservation import Granted, Request, Reservation, choose, decide, earliest_start, until_the_next
from bot.domain.window import Window
from bot.services.observed import Observed
from bot.services.policies import Policies

# A shorter time than this on the card that was asked for is not worth a button.
WORTH_OFFERING = timedelta(minutes=30)


@dataclass(frozen=True)
class Offer:
    """The request as it would be with that start. `is_shorter`: what was asked for is cut off where the next begins."""

    request: Request
    start: datetime
    is_shorter: bool = False


@dataclass(frozen=True)
class Alternatives:
    """Called inside the transaction that refused."""

    policies: Policies
    observed: Observed

    def busy_for(self, books: Books, member: Member) -> frozenset[CardId]:
        """Cards that somebody but this member is on, or of which nobody can say."""
        own = next((record.name for record in books.instances.of_member(member.id)), None)
        return self.observed.not_idle(but_for=own)

    def instead(
        self, books: Books, request: Request, known: Sequence[Card], standing: Sequence[Reservation], now: datetime
    ) -> tuple[Alternative, ...]:
        """The same cards as soon as they are free together, the same cards until somebody else's time begins, and other
        cards for the window that was asked for."""
        duration = request.window.duration
        start = request.window.start
        for _ in range(len(standing) + 1):  # each round moves on to a card's next opening; openings are finite
            moved = max(
                earliest_start(card, on_card(card, standing), duration, start, request.memory_bytes)
                for card in request.cards
            )
            if moved == start:
                break
            start = moved
        others = choose(
            [card for card in known if card not in request.cards],
            standing,
            request.window,
            len(request.cards),
            memory_bytes=request.memory_bytes,
            busy=self.busy_for(books, request.member) if request.window.start <= now else frozenset(),
            last_used=books.ledger.last_cards(request.member.id),
        )
        offers = [Offer(request, start)]
        shorter = until_the_next(request.cards, standing, request.window, request.memory_bytes)
        if shorter is not None and shorter.duration >= WORTH_OFFERING:
            offers.append(Offer(replace(request, window=shorter), shorter.start, is_shorter=True))
        if others is not None:
            offers.append(Offer(replace(request, cards=others), request.window.start))
        return self.offers(books, offers, now)

    def offers(self, books: Books, offers: Iterable[Offer], now: datetime) -> tuple[Alternative, ...]:
        """Each offer as a draft, so that a button needs to carry a number only."""
        made = []
        for offer in offers:
            request, start = offer.request, offer.start
            window = Window.lasting(start, request.window.duration)
            policy = self.policies.of(books, request.member)
            if not isinstance(
                decide(replace(request, window=window), books.ledger.standing(now), policy, now), Granted
            ):
                continue
            starts_now = start <= now
            in_use = starts_now and any(card.id in self.busy_for(books, request.member) for card in request.cards)
            draft = Draft(
                request.member.id,
                tuple(card.id for card in request.cards),
                None if starts_now else start,
                window.duration,
                request.memory_bytes,
                request.note,
                end=window.end if offer.is_shorter else None,
            )
            number = books.drafts.add(draft, now)
            made.append(Alternative(number, request.cards, window, starts_now, in_use, offer.is_shorter))
        return tuple(made)

    def waiting_draft(self, books: Books, request: Request, now: datetime, any_of: CardWish | None = None) -> int:
        """What was refused, as a draft that the waiting list takes with one tap."""
        draft = Draft(
            request.member.id,
            tuple(card.id for card in request.cards) if any_of is None else (),
            None if request.window.start <= now else request.window.start,
            request.window.duration,
            request.memory_bytes,
            request.note,
            1 if any_of is None else any_of.count or 1,
            None if any_of is None else any_of.model,
        )
        return books.drafts.add(draft, now)


def on_card(card: Card, standing: Iterable[Reservation]) -> list[Reservation]:
    return [r for r in standing if r.card == card.id]
