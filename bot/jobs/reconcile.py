"""Settle what an earlier process left half-done in LXD, and ask about archives whose time is over."""

from __future__ import annotations

from bot.services.lab import Lab


async def reconcile(lab: Lab) -> None:
    await lab.operations.reconcile()
    await lab.noticing.look()
    await lab.archives.offer()
