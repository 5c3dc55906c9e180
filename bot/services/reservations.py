"""Booking: read what stands, decide, write; one transaction, so that two people can't both be right."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from bot.books import Books, Store
from bot.domain.card import Card, CardId, is_model
from bot.domain.draft import Draft, pressable
from bot.domain.member import Member
from bot.domain.outcome import Alternative, Booked, Incomplete, NotBooked, Outcome
from bot.domain.phrase import CardWish, Phrase
from bot.domain.reservation import (
    Granted,
    Kind,
    Refused,
    Request,
    Reservation,
    against_policy,
    choose,
    decide,
    earliest_start,
)
from bot.domain.window import Window
from bot.domain.wish import named_cards, wished_bytes, wished_length, without_cards
from bot.ports import Clock
from bot.services.alternatives import Alternatives, Offer, on_card
from bot.services.observed import Observed
from bot.services.owing import LASTING, owe_member
from bot.services.policies import Policies
from bot.views.administration import booked_for_you

G = TypeVar("G")
Grant = Callable[[Books, Request, datetime], G]


class ReservationService:
    """Use cases of the ledger that make a booking.

    `serve_waiting` is called first in every transaction that books: whoever waits for a card that is free comes first.
    `make_way`: whether what is promised to the line can be kept beside a booking; if so, it no longer stands there.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        policies: Policies,
        observed: Observed,
        serve_waiting: Callable[[Books, datetime], None],
        make_way: Callable[[Books, Request, datetime], bool],
    ) -> None:
        self._store = store
        self._clock = clock
        self._policies = policies
        self._instead = Alternatives(policies, observed)
        self._serve_waiting = serve_waiting
        self._make_way = make_way

    async def reserve(self, member: Member, phrase: Phrase, origin: str, *, by: Member | None = None) -> Outcome:
        """Book what a phrase says. `origin` names the message or press: the same one never books twice.

        `by`: the admin who books in the member's name; the member is told.
        """

        def work(books: Books) -> Outcome:
            repeated = self._of_origin(books, member, origin)
            if repeated is not None:
                return repeated
            outcome: Outcome = self._ask(books, member, phrase, self._writing(origin))
            if by is not None and isinstance(outcome, Booked):
                owe_member(books, member, booked_for_you(outcome, by), self._clock.now(), lasts=LASTING)
            return outcome

        return await self._store.write(work)

    async def propose(self, member: Member, phrase: Phrase) -> Alternative | NotBooked | Incomplete:
        """What booking that phrase would be, as a draft to be booked by a tap. Nothing is promised yet."""
        return await self._store.write(lambda books: self._ask(books, member, phrase, self._as_draft))

    async def add_draft(self, draft: Draft) -> int:
        return await self._store.write(lambda books: books.drafts.add(draft, self._clock.now()))

    async def get_draft(self, draft_id: int) -> Draft | None:
        return await self._store.read(lambda books: books.drafts.get(draft_id))

    async def change_draft(self, draft_id: int, draft: Draft) -> None:
        await self._store.write(lambda books: books.drafts.change(draft_id, draft))

    async def book_draft(self, member: Member, draft_id: int) -> Outcome:
        """Book a draft as it stands; it is checked again now, whatever was free when it was shown."""
        return await self._store.write(lambda books: self._book_draft(books, member, draft_id))

    async def mine(self, member: Member) -> Sequence[Booked]:
        """A member's standing bookings, soonest first."""
        return await self._store.read(lambda books: self._mine(books, member))

    async def free_now(self) -> Sequence[Card]:
        """Cards that nobody holds at this moment, whether or not somebody is on them."""
        now = self._clock.now()

        def read(books: Books) -> Sequence[Card]:
            held = {r.card for r in books.ledger.standing(now) if r.window.contains(now)}
            return [card for card in books.cards.all() if card.id not in held]

        return await self._store.read(read)

    async def cards(self) -> Sequence[Card]:
        return await self._store.read(lambda books: books.cards.all())

    def _ask(self, books: Books, member: Member, phrase: Phrase, grant: Grant[G]) -> G | NotBooked | Incomplete:
        """Read the wish, pick the cards, decide; what is granted goes to `grant`."""
        now = self._clock.now()
        known = books.cards.all()
        if not known:
            return NotBooked(without_cards(self._instead.observed.sample), {})
        memory = wished_bytes(phrase, known)
        duration = wished_length(phrase, now)
        wish = phrase.cards
        if wish is None or duration is None:
            return self._incomplete(books, member, phrase, known, duration, memory)
        self._serve_waiting(books, now)
        window = Window.lasting(phrase.start or now, duration)
        named = named_cards(wish, known)
        if isinstance(named, Refused):
            return NotBooked(named, {})
        if named is None:
            return self._any(books, member, wish, known, window, memory, phrase.note or "", grant)
        return self._decide(books, Request(member, named, window, memory, phrase.note or ""), known, grant)

    def _book_draft(self, books: Books, member: Member, draft_id: int) -> Outcome:
        origin = f"draft:{draft_id}"
        repeated = self._of_origin(books, member, origin)
        if repeated is not None:
            return repeated
        draft = pressable(books.drafts.get(draft_id), member.id)
        if isinstance(draft, Refused):
            return NotBooked(draft, {})
        cards = tuple(card for card in books.cards.all() if card.id in draft.cards)
        if not cards or draft.duration is None:
            return Incomplete(draft_id, draft)
        now = self._clock.now()
        self._serve_waiting(books, now)
        # A slot that was offered as "from now" is meant from the press on, with the length or the end that was shown.
        start = now if draft.start is None else draft.start
        if draft.end is not None and draft.end <= start:
            return NotBooked(Refused("outdated"), {})
        window = Window.lasting(start, draft.duration) if draft.end is None else Window(start, draft.end)
        request = Request(member, cards, window, draft.memory_bytes, draft.note)
        return self._decide(books, request, books.cards.all(), self._writing(origin))

    def _decide(self, books: Books, request: Request, known: Sequence[Card], grant: Grant[G]) -> G | NotBooked:
        now = self._clock.now()
        answer = self._answer(books, request, now)
        made_way = isinstance(answer, Refused) and answer.by_promise_alone and self._make_way(books, request, now)
        if made_way:
            answer = self._answer(books, request, now)
        if isinstance(answer, Granted):
            granted = grant(books, request, now)
            if made_way:  # what was promised is kept anew, elsewhere
                self._serve_waiting(books, now)
            return granted
        standing = books.ledger.standing(now)
        alternatives = self._instead.instead(books, request, known, standing, now) if answer.reason == "taken" else ()
        by_others = any(r.member_id != request.member.id for r in answer.blockers)
        wait = self._instead.waiting_draft(books, request, now) if answer.reason == "taken" and by_others else None
        return NotBooked(answer, _holders(books, answer.blockers), alternatives, wait, request.member)

    def _answer(self, books: Books, request: Request, now: datetime) -> Granted | Refused:
        """What stands in the way and what the member holds are all that the rules look at: found by index, however
        long the ledger is."""
        in_the_way = books.ledger.in_the_way((card.id for card in request.cards), request.window)
        own = books.ledger.of_member(request.member.id, now)
        relevant = {reservation.id: reservation for reservation in (*in_the_way, *own)}
        return decide(request, relevant.values(), self._policies.of(books, request.member), now)

    def _writing(self, origin: str) -> Grant[Booked]:
        return lambda books, request, now: self._write(books, request, origin, now)

    def _as_draft(self, books: Books, request: Request, now: datetime) -> Alternative:
        (offer,) = self._instead.offers(books, [Offer(request, request.window.start)], now)
        return offer

    def _write(self, books: Books, request: Request, origin: str, now: datetime) -> Booked:
        made = tuple(books.ledger.add(request, now, origin=origin))
        books.audit.record(
            "reserve",
            f"booking:{made[0].booking}",
            now,
            actor=request.member.id,
            origin=origin,
            detail={
                "cards": [card.id.uuid for card in request.cards],
                "start": request.window.start.isoformat(),
                "end": request.window.end.isoformat(),
                "memory_bytes": request.memory_bytes,
            },
        )
        return Booked(request.member, made, request.cards)

    def _any(
        self,
        books: Books,
        member: Member,
        wish: CardWish,
        known: Sequence[Card],
        window: Window,
        memory: int | None,
        note: str,
        grant: Grant[G],
    ) -> G | NotBooked:
        """Any free card, any N, or N of a model: the ledger's free ones that are idle by the last sample."""
        now = self._clock.now()
        count = wish.count or 1
        fitting = [card for card in known if is_model(card, wish.model)]
        if len(fitting) < count:
            return NotBooked(Refused("no_such_cards", {"asked": count, "known": len(fitting)}), {})
        standing = books.ledger.standing(now)
        largest = Request(member, tuple(fitting[:count]), window, memory, note)
        limit = against_policy(largest, standing, self._policies.of(books, member), now)
        if limit is not None:
            return NotBooked(limit, {})
        busy = self._instead.busy_for(books, member) if window.start <= now else frozenset()
        chosen = choose(
            fitting,
            standing,
            window,
            count,
            memory_bytes=memory,
            busy=busy,
            last_used=books.ledger.last_cards(member.id),
        )
        if chosen is not None:
            return self._decide(books, Request(member, chosen, window, memory, note), known, grant)
        starts = sorted(
            (earliest_start(card, on_card(card, standing), window.duration, window.start, memory), card.index, card)
            for card in fitting
        )[:count]
        later = Request(member, tuple(c for _, _, c in starts), window, memory, note)
        alternatives = self._instead.offers(books, [Offer(later, starts[-1][0])], now)
        wait = self._instead.waiting_draft(books, later, now, any_of=wish)
        return NotBooked(Refused("none_free", {"asked": count}), {}, alternatives, wait)

    def _incomplete(
        self,
        books: Books,
        member: Member,
        phrase: Phrase,
        known: Sequence[Card],
        duration: timedelta | None,
        memory: int | None,
    ) -> NotBooked | Incomplete:
        named = None if phrase.cards is None else named_cards(phrase.cards, known)
        if isinstance(named, Refused):
            return NotBooked(named, {})
        draft = Draft(
            member.id,
            tuple(card.id for card in named or ()),
            phrase.start,
            duration,
            memory,
            phrase.note or "",
        )
        return Incomplete(books.drafts.add(draft, self._clock.now()), draft)

    def _of_origin(self, books: Books, member: Member, origin: str) -> Booked | None:
        made = books.ledger.of_origin(origin)
        if not made or made[0].member_id != member.id:
            return None
        return Booked(member, tuple(made), _cards_of(books, [r.card for r in made]), again=True)

    def _mine(self, books: Books, member: Member) -> Sequence[Booked]:
        groups: dict[tuple[int, Window], list[Reservation]] = {}
        for reservation in books.ledger.of_member(member.id, self._clock.now()):
            if reservation.kind is Kind.BOOKING:
                groups.setdefault((reservation.booking, reservation.window), []).append(reservation)
        return [
            Booked(member, tuple(rows), _cards_of(books, [row.card for row in rows]))
            for _, rows in sorted(groups.items(), key=lambda item: (item[0][1], item[0][0]))
        ]


def _holders(books: Books, blockers: Iterable[Reservation]) -> Mapping[int, Member]:
    found = {r.member_id: books.members.get(r.member_id) for r in blockers}
    return {member_id: member for member_id, member in found.items() if member is not None}


def _cards_of(books: Books, card_ids: Iterable[CardId]) -> tuple[Card, ...]:
    found = (books.cards.get(card_id) for card_id in card_ids)
    return tuple(sorted((card for card in found if card is not None), key=lambda card: (card.index, card.id)))
