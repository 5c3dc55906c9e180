"""/history: one's bookings that are over; an admin may ask for everybody's."""

from __future__ import annotations

from bot.context import JunziContext
from bot.domain.saying import Saying
from bot.views.looks import history_message


async def history(context: JunziContext) -> None:
    """`/history`, or for admins `/history all` and `/history zhangsan`."""
    word = context.words.strip()
    member = context.member
    whose = member
    if word and member.is_admin:
        found = None if word == "all" else await context.lab.members.by_name(word)
        if word != "all" and found is None:
            await context.answer(Saying("looks.no_member", {"name": word}))
            return
        rows, cards = await context.lab.looks.history(found)
    else:
        rows, cards = await context.lab.looks.history(whose)
    await context.answer(history_message(rows, cards))
