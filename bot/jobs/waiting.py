"""Offer what came free to whoever waits for it, and end the offers that nobody answered."""

from __future__ import annotations

from bot.services.lab import Lab


async def waiting(lab: Lab) -> None:
    await lab.waiting.settle()
