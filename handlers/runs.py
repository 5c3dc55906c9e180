"""/runs: what one ran lately; an admin may ask for anybody's. And the buttons under "your run has ended"."""

from __future__ import annotations

from bot.context import JunziContext
from bot.domain.outcome import NotChanged
from bot.domain.saying import Saying
from bot.views import runs as views
from handlers.buttons import number
from handlers.whom import whom


async def runs(context: JunziContext) -> None:
    """`/runs`, or for admins `/runs all` and `/runs zhangsan`."""
    whose = await whom(context)
    if whose is not None:
        everybody = whose == "everybody"
        records, members = await context.lab.runs.latest(None if whose == "everybody" else whose)
        await context.answer(views.latest(records, members, context.lab.clock.now(), everybody=everybody))


async def run_pressed(context: JunziContext, arguments: list[str]) -> None:
    """`run:ID:release` or `run:ID:keep`: only one's own."""
    run_id, what = number(arguments[0]), arguments[1]
    record = await context.lab.runs.get(context.member, run_id)
    if record is None:
        await context.pop_up(Saying("refused.not_yours"), alert=True)
        return
    if what == "keep":
        await context.pop_up()
        await context.change_pressed(views.answered(record, record.cards, kept=True))
        return
    outcome = await context.lab.runs.give_back(context.member, run_id, context.origin)
    if isinstance(outcome, NotChanged):
        await context.pop_up(Saying("refused.not_yours_or_over"), alert=True)
        return
    await context.pop_up(Saying("booking.popup_released"))
    await context.change_pressed(views.answered(record, outcome.cards, kept=False))
