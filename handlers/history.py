"""/history: one's bookings that are over; an admin may ask for everybody's."""

from __future__ import annotations

from bot.context import JunziContext
from bot.views.looks import history_message
from handlers.whom import whom


async def history(context: JunziContext) -> None:
    """`/history`, or for admins `/history all` and `/history zhangsan`."""
    whose = await whom(context)
    if whose is not None:
        rows, cards = await context.lab.looks.history(None if whose == "everybody" else whose)
        await context.answer(history_message(rows, cards))
