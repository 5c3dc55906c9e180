"""What it means in the books that somebody has left: bookings given back, no place in line, no way in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from bot.books import Books
from bot.domain.member import Member
from bot.domain.operation import Operation
from bot.domain.reservation import Kind
from bot.services.changes import give_back
from bot.services.waiting import leave_line

OnFreed = Callable[[Books, datetime], None]


def standing_bookings(books: Books, member: Member, now: datetime) -> int:
    return sum(r.kind is Kind.BOOKING for r in books.ledger.of_member(member.id, now))


def leave(
    books: Books, member: Member, now: datetime, on_freed: OnFreed, *, actor: Member | None, origin: str | None
) -> int:
    """The number of bookings that were given back. Their row stays: history keeps the name."""
    by = actor or member
    own = [r for r in books.ledger.of_member(member.id, now) if r.kind is Kind.BOOKING]
    pairs = [(r, card) for r in own if (card := books.cards.get(r.card)) is not None]
    if pairs:
        give_back(books, pairs, by, now, origin or "", "revoke")
    leave_line(books, member, now, by, origin or "")
    books.members.leave(member.id, now)
    books.audit.record("leave", f"member:{member.unix_name}", now, actor=by.id, origin=origin)
    on_freed(books, now)
    return len(pairs)


def leave_with_the_container(
    books: Books, member: Member | None, operation: Operation, now: datetime, on_freed: OnFreed
) -> int:
    """The number of bookings given back with somebody's last container.

    An admin stays one without a container, and so does somebody who has another, or who has left before.
    """
    if member is None or member.is_admin or member.has_left or books.instances.of_member(member.id):
        return 0
    actor = books.members.get(operation.actor) if operation.actor is not None else None
    return leave(books, member, now, on_freed, actor=actor, origin=operation.origin)
