"""Remind people of what is about to begin or end."""

from __future__ import annotations

from bot.services.lab import Lab


async def remind(lab: Lab) -> None:
    await lab.reminders.remind()
