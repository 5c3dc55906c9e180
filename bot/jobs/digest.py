"""The week's digest, when its cron line says so."""

from __future__ import annotations

from bot.jobs.due import last_due
from bot.services.lab import Lab


async def digest(lab: Lab) -> None:
    if lab.digest_cron:
        await lab.digest.post(lambda after, until: last_due(lab.digest_cron, lab.zone, after, until))
