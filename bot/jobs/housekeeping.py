"""Forget what can't matter any more."""

from __future__ import annotations

from datetime import timedelta

from bot.services.lab import Lab

UPDATES_KEPT = timedelta(days=3)  # Telegram delivers an update again for 24 hours at most


async def housekeeping(lab: Lab) -> None:
    before = lab.clock.now() - UPDATES_KEPT
    await lab.store.write(lambda books: books.inbox.forget_before(before))
