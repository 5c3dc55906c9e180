"""Keep the holders' tags in the group true."""

from __future__ import annotations

from bot.services.lab import Lab


async def tags(lab: Lab) -> None:
    await lab.tags.converge()
