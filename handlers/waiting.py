"""/waiting, and the buttons of the waiting list: queue, take what is offered, leave."""

from __future__ import annotations

from bot.context import JunziContext
from bot.domain.outcome import Booked
from bot.domain.queueing import InLine, NotJoined
from bot.domain.saying import Saying
from bot.domain.waiting import IN_LINE
from bot.views import waiting as views
from handlers.buttons import number
from handlers.reserve import outcome_message


async def waiting(context: JunziContext) -> None:
    """One's places in line."""
    await context.answer(views.mine(await context.lab.waiting.mine(context.member)))


async def wait_pressed(context: JunziContext, arguments: list[str]) -> None:
    """`wait:DRAFT`, under a refusal."""
    await _joined(context, await context.lab.waiting.join(context.member, number(arguments[0]), context.origin))


async def again_pressed(context: JunziContext, arguments: list[str]) -> None:
    """`again:TICKET`: the same wish, at the end of the line."""
    await _joined(context, await context.lab.waiting.join_again(context.member, number(arguments[0]), context.origin))


async def take_pressed(context: JunziContext, arguments: list[str]) -> None:
    """`take:TICKET`. Pressed too late, it says so and offers to queue again."""
    outcome = await context.lab.waiting.take(context.member, number(arguments[0]), context.origin)
    if isinstance(outcome, Booked):
        await context.pop_up(Saying("waiting.popup_taken"))
        await context.change_pressed(await outcome_message(context, outcome))
        return
    await context.pop_up(views.why_not_taken(outcome), alert=True)
    changed = views.not_taken(outcome)
    if changed is not None:
        await context.change_pressed(changed)


async def leave_pressed(context: JunziContext, arguments: list[str]) -> None:
    """`leave:TICKET`: out of the line, or "no, thanks" to an offer."""
    before = await context.lab.waiting.leave(context.member, number(arguments[0]), context.origin)
    if before is None:
        await context.pop_up(Saying("refused.not_yours"), alert=True)
        return
    await context.pop_up(Saying("waiting.popup_left") if before.ticket.state in IN_LINE else None)
    await context.change_pressed(views.left(before))


async def _joined(context: JunziContext, outcome: InLine | NotJoined) -> None:
    if isinstance(outcome, NotJoined):
        await context.pop_up(views.not_joined(outcome), alert=True)
        return
    await context.pop_up()
    await context.change_pressed(views.joined(outcome))
