"""How full the disks are of which LXD does not say: counted at night, when `du` is in nobody's way."""

from __future__ import annotations

from datetime import timedelta

from bot.jobs.due import is_due
from bot.services.lab import Lab

AT_NIGHT = "30 4 * * *"
LATEST = timedelta(hours=3)
FACT = "disks.considered_until"


async def count_disks(lab: Lab) -> None:
    now = lab.clock.now()
    if await lab.store.write(lambda books: is_due(books, FACT, AT_NIGHT, lab.zone, now, LATEST)):
        await lab.configuration.disk_counts.count_all()
