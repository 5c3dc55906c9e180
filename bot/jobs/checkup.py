"""The daily check-up, in the morning."""

from __future__ import annotations

from datetime import timedelta

from bot.jobs.due import is_due
from bot.services.lab import Lab

EVERY_MORNING = "0 8 * * *"
LATEST = timedelta(hours=12)
FACT = "checkup.considered_until"


async def checkup(lab: Lab) -> None:
    now = lab.clock.now()
    if await lab.store.write(lambda books: is_due(books, FACT, EVERY_MORNING, lab.zone, now, LATEST)):
        await lab.configuration.health.tell_changes()
