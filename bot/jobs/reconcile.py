"""Settle what an earlier process left half-done in LXD."""

from __future__ import annotations

from bot.services.lab import Lab


async def reconcile(lab: Lab) -> None:
    await lab.operations.reconcile()
