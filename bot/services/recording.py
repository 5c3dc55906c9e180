"""Every poll's part of the history: added to the buckets, in the transaction of the poll."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from bot.books import Books
from bot.domain.bucket import WIDTHS, card_uses, member_uses, span_of
from bot.domain.reservation import Reservation
from bot.domain.sample import Sample

FACT = "usage.recorded_until"


def record_usage(
    books: Books, sample: Sample, owners: Mapping[str, int], standing: Sequence[Reservation], longest_gap: timedelta
) -> None:
    """Add what the sample says of the time since the one before it. The same sample again adds nothing."""
    before = books.facts.get(FACT)
    before = before if isinstance(before, datetime) else None
    if before is None or sample.taken_at > before:
        books.facts.put(FACT, sample.taken_at)
    span = span_of(sample, before, longest_gap)
    if span is None:
        return
    cards = [card.id for card in books.cards.all() if card.id.host == sample.host]
    for width in WIDTHS:
        books.usage.add(
            card_uses(sample, cards, span, width.length), member_uses(sample, owners, standing, span, width.length)
        )


def forget_usage(books: Books, now: datetime) -> None:
    """Each kind of bucket is kept for as long as it says."""
    for width in WIDTHS:
        books.usage.forget_before(now - width.kept, width.length)
