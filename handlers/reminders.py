"""The buttons under a reminder: keep the card longer, or let the booking end."""

from __future__ import annotations

from datetime import datetime, timezone

from bot.context import JunziContext
from bot.domain.outcome import Extended
from bot.domain.saying import Saying
from bot.views import bookings
from bot.views import reminders as views
from handlers.buttons import LATEST, number


async def keep_pressed(context: JunziContext, arguments: list[str]) -> None:
    """`keep:BOOKING:UNTIL` (UTC seconds). The reminder's message becomes the new state."""
    booking, until = number(arguments[0]), datetime.fromtimestamp(number(arguments[1], LATEST), timezone.utc)
    outcome = await context.lab.reminders.keep(context.member, booking, until, context.origin)
    if isinstance(outcome, Extended):
        await context.pop_up()
        await context.change_pressed(views.kept(outcome))
    elif outcome.reason == "nothing_to_extend":
        await context.pop_up(Saying("refused.not_yours_or_over"), alert=True)
    else:
        await context.pop_up(bookings.not_changed(outcome, booking=booking).saying, alert=True)


async def let_end_pressed(context: JunziContext, arguments: list[str]) -> None:
    """`letend:BOOKING`: nothing changes but the message."""
    state = await context.lab.reminders.state(context.member, number(arguments[0]))
    if state is None:
        await context.pop_up(Saying("refused.not_yours_or_over"), alert=True)
        return
    await context.pop_up()
    await context.change_pressed(views.let_end(state))
