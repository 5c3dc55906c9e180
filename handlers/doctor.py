"""/doctor: what is wrong with the server, each with the way to mend it."""

from __future__ import annotations

from bot.context import JunziContext
from bot.domain.saying import Saying
from bot.views.health import report


async def doctor(context: JunziContext) -> None:
    message_id = await context.answer(Saying("doctor_chat.looking"))
    await context.change(message_id, report(await context.lab.configuration.health.examine()))


async def doctor_pressed(context: JunziContext, _arguments: list[str]) -> None:
    await context.pop_up()
    await context.change_pressed(Saying("doctor_chat.looking"))
    await context.change_pressed(report(await context.lab.configuration.health.examine()))
