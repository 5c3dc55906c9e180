"""What an admin does to other people's bookings: make one for them, take one back, close a card for maintenance."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from bot.books import Books, Store
from bot.domain.card import Card, CardId
from bot.domain.member import Member
from bot.domain.outcome import Blocked, NotChanged, Revoked
from bot.domain.reservation import FOR_THE_LINE, Kind, Request, Reservation, fits
from bot.domain.saying import Message
from bot.domain.window import Window
from bot.ports import Clock
from bot.services.changes import give_back
from bot.services.owing import LASTING, owe_member
from bot.services.policies import Policies
from bot.views.administration import blocked_private, revoked_private


class AdministrationService:
    def __init__(
        self, store: Store, clock: Clock, policies: Policies, on_freed: Callable[[Books, datetime], None]
    ) -> None:
        self._store = store
        self._clock = clock
        self._policies = policies
        self._on_freed = on_freed

    async def revoke(
        self, admin: Member, cards: frozenset[CardId], owner: Member | None, reason: str, origin: str
    ) -> Sequence[Revoked] | NotChanged:
        """End what stands now on these cards (or all that `owner` holds); every holder is told why."""
        return await self._store.write(lambda books: self._revoke(books, admin, cards, owner, reason, origin))

    async def block(
        self, admin: Member, cards: Sequence[Card], window: Window, reason: str, origin: str
    ) -> Blocked | NotChanged:
        """Close cards for maintenance. Bookings in that window are taken back, and their holders told."""
        return await self._store.write(lambda books: self._block(books, admin, cards, window, reason, origin))

    async def unblock(self, admin: Member, cards: frozenset[CardId], origin: str) -> Blocked | NotChanged:
        """Open cards again, earlier than promised."""
        return await self._store.write(lambda books: self._unblock(books, admin, cards, origin))

    def _revoke(
        self,
        books: Books,
        admin: Member,
        cards: frozenset[CardId],
        owner: Member | None,
        reason: str,
        origin: str,
    ) -> Sequence[Revoked] | NotChanged:
        now = self._clock.now()
        hit = [
            r
            for r in books.ledger.standing(now)
            if r.kind is Kind.BOOKING
            and (r.card in cards or not cards)
            and (owner is None or r.member_id == owner.id)
            and (owner is not None or r.window.contains(now))
        ]
        if not hit:
            return NotChanged("nothing_to_revoke")
        revoked = self._take_back(books, admin, hit, now, reason, origin, revoked_private)
        self._on_freed(books, now)
        return revoked

    def _block(
        self, books: Books, admin: Member, cards: Sequence[Card], window: Window, reason: str, origin: str
    ) -> Blocked | NotChanged:
        now = self._clock.now()
        # "From now" was said a moment ago; what is taken back ends at this instant, and maintenance begins there.
        window = Window(max(window.start, now), window.end)
        ids = {card.id for card in cards}
        standing = [r for r in books.ledger.standing(now) if r.card in ids and r.window.overlaps(window)]
        if any(r.kind is Kind.MAINTENANCE for r in standing):
            return NotChanged("blocked_already")
        hit = [r for r in standing if r.kind is Kind.BOOKING]
        revoked = self._take_back(books, admin, hit, now, reason, origin, blocked_private) if hit else ()
        for offer in (r for r in standing if r.kind in FOR_THE_LINE):
            books.ledger.cancel(offer.id)
        request = Request(admin, tuple(cards), window, None, reason)
        left = books.ledger.standing(now)
        if not all(fits(card, [r for r in left if r.card == card.id], window, None) for card in cards):
            raise AssertionError("what stood in the way was taken back")
        made = books.ledger.add(request, now, origin=origin, kind=Kind.MAINTENANCE)
        detail = {"cards": [card.id.uuid for card in cards], "reason": reason}
        books.audit.record("block", f"maintenance:{made[0].booking}", now, actor=admin.id, origin=origin, detail=detail)
        return Blocked(tuple(cards), window, tuple(revoked))

    def _unblock(self, books: Books, admin: Member, cards: frozenset[CardId], origin: str) -> Blocked | NotChanged:
        now = self._clock.now()
        hit = [r for r in books.ledger.standing(now) if r.kind is Kind.MAINTENANCE and r.card in cards]
        if not hit:
            return NotChanged("nothing_to_unblock")
        pairs = [(r, card) for r in hit if (card := books.cards.get(r.card)) is not None]
        give_back(books, pairs, admin, now, origin, "unblock")
        self._on_freed(books, now)
        return Blocked(tuple(card for _, card in pairs), hit[0].window, ())

    def _take_back(
        self,
        books: Books,
        admin: Member,
        hit: Sequence[Reservation],
        now: datetime,
        reason: str,
        origin: str,
        tell: Callable[[Revoked, str], Message],
    ) -> tuple[Revoked, ...]:
        """One change and one private word for every holder. All of it happens at one instant, `now`."""
        revoked = []
        for member_id in sorted({r.member_id for r in hit}):
            pairs = [(r, c) for r in hit if r.member_id == member_id and (c := books.cards.get(r.card)) is not None]
            member = books.members.get(member_id)
            if member is None or not pairs:
                continue
            give_back(books, pairs, admin, now, origin, "revoke")
            taken = Revoked(member, tuple(card for _, card in pairs), max(r.window.end for r, _ in pairs))
            owe_member(books, member, tell(taken, reason), now, lasts=LASTING)
            revoked.append(taken)
        return tuple(revoked)
