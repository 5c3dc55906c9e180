"""Where the lab wants it (`release_idle`): a booking that lies idle goes to whoever waits for the card."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from bot.books import Books
from bot.domain.case import Answer, Answered, Case
from bot.domain.evidence import FindingKind
from bot.domain.member import Member
from bot.services.changes import give_back
from bot.services.telling import Teller, waiting_for


def release_what_idles(
    books: Books, teller: Teller, on_freed: Callable[[Books, datetime], None], now: datetime
) -> None:
    """Only what its holder was asked about that long ago, and did not want to keep."""
    if teller.policy.release_idle is None:
        return
    for case in books.cases.not_over_since(now):
        asked = case.subject.kind is FindingKind.IDLE_BOOKING and not case.is_final and case.ended_at is None
        if asked and case.told_at is not None and now - case.told_at >= teller.policy.release_idle:
            _release(books, teller, case, on_freed, now)


def _release(
    books: Books, teller: Teller, case: Case, on_freed: Callable[[Books, datetime], None], now: datetime
) -> None:
    holder = books.members.get(case.subject.people[0])
    if holder is None or not waiting_for(books, case) or not give_back_idle(books, case, holder, now, "idle"):
        return
    books.audit.record("release_idle", f"case:{case.id}", now)
    answer = Answer(Answered.LEFT_TO_WAITING, holder.id, now)
    teller.owe(books, books.cases.keep(replace(case, answer=answer)), now)
    on_freed(books, now)


def give_back_idle(books: Books, case: Case, holder: Member, now: datetime, origin: str) -> bool:
    """End the bookings that the case is about, if they are still the holder's; whether there were any."""
    meant = {finding.reservation.id for finding in case.findings if finding.reservation is not None}
    found = [r for r in books.ledger.of_member(holder.id, now) if r.id in meant and r.window.start <= now]
    chosen = [(r, card) for r in found if (card := books.cards.get(r.card)) is not None]
    if chosen:
        give_back(books, chosen, holder, now, origin, "release")
    return bool(chosen)
