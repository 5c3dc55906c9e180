"""Under `policy.mode = "enforce"` a card is shown to its holder alone, for the time of the booking."""

from __future__ import annotations

from bot.services.lab import Lab


async def enforce(lab: Lab) -> None:
    await lab.configuration.assignments.enforce()
    await lab.configuration.honouring.offer()
