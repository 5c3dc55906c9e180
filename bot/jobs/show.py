"""Bring the pinned board up to date."""

from __future__ import annotations

from bot.services.lab import Lab


async def show(lab: Lab) -> None:
    await lab.live_board.show()
