"""Forget what can't matter any more."""

from __future__ import annotations

from datetime import timedelta

from bot.books import Books
from bot.domain.policy import RunPolicy
from bot.services.lab import Lab
from bot.services.recording import forget_usage

CASES_KEPT = timedelta(days=30)  # a button under an older message says that the matter is over
DRAFTS_KEPT = timedelta(days=30)  # a button under an older message says that it is outdated
NOTICES_KEPT = timedelta(days=90)  # a story that goes on is told by an edit for so long
UPDATES_KEPT = timedelta(days=3)  # Telegram delivers an update again for 24 hours at most


async def housekeeping(lab: Lab) -> None:
    now = lab.clock.now()

    def forget(books: Books) -> None:
        books.inbox.forget_before(now - UPDATES_KEPT)
        forget_usage(books, now)
        books.cases.forget_before(now - CASES_KEPT)
        books.drafts.forget_before(now - DRAFTS_KEPT)
        books.outbox.forget_before(now - NOTICES_KEPT)
        books.runs.forget_before(now - RunPolicy().kept)

    await lab.store.write(forget)
