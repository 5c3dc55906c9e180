"""Forget what can't matter any more."""

from __future__ import annotations

from datetime import timedelta

from bot.books import Books
from bot.services.lab import Lab
from bot.services.recording import forget_usage

UPDATES_KEPT = timedelta(days=3)  # Telegram delivers an update again for 24 hours at most


async def housekeeping(lab: Lab) -> None:
    now = lab.clock.now()

    def forget(books: Books) -> None:
        books.inbox.forget_before(now - UPDATES_KEPT)
        forget_usage(books, now)

    await lab.store.write(forget)
