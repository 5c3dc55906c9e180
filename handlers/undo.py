"""/undo: take back one's own last change, while it still can be."""

from __future__ import annotations

from bot.context import JunziContext
from bot.domain.outcome import Undone
from bot.views import bookings


async def undo(context: JunziContext) -> None:
    outcome = await context.lab.changes.undo(context.member, context.origin)
    await context.answer(
        bookings.undone(outcome, context.member) if isinstance(outcome, Undone) else bookings.not_changed(outcome)
    )
