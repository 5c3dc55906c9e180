"""Look at the cards."""

from __future__ import annotations

from bot.services.lab import Lab


async def poll(lab: Lab) -> None:
    await lab.watch.poll()
