"""The daily check-up, in the morning; what was due while junzi was off is done when it is back, once."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.books import Books
from bot.jobs.post import last_due
from bot.services.lab import Lab

EVERY_MORNING = "0 8 * * *"
LATEST = timedelta(hours=12)
FACT = "checkup.considered_until"


async def checkup(lab: Lab) -> None:
    now = lab.clock.now()
    if await lab.store.write(lambda books: _is_due(books, lab, now)):
        await lab.configuration.health.tell_changes()


def _is_due(books: Books, lab: Lab, now: datetime) -> bool:
    """Noted before it is done: a check-up that kills junzi is not begun again for ever."""
    considered = books.facts.get(FACT)
    after = max(considered, now - LATEST) if isinstance(considered, datetime) else now
    books.facts.put(FACT, now)
    return last_due(EVERY_MORNING, lab.zone, after, now) is not None
