"""/mine: one's standing bookings, and the menu of changes under each."""

from __future__ import annotations

from bot.context import JunziContext
from bot.domain.saying import Saying
from bot.views import bookings
from bot.views.mine_table import with_table
from handlers.buttons import number
from handlers.reserve import line_for


async def mine(context: JunziContext) -> None:
    standing, now = await context.lab.reservations.mine(context.member), context.lab.clock.now()
    held = [card for booking in standing if booking.window.contains(now) for card in booking.cards]
    message = bookings.mine(standing, now, await line_for(context, held) if held else None)
    await context.answer(with_table(message, standing, now))


async def change(context: JunziContext, arguments: list[str]) -> None:
    """The "Change…" button under a booking: everything that can be done with it."""
    booking = number(arguments[0])
    standing = await context.lab.reservations.mine(context.member)
    chosen = next((b for b in standing if b.booking == booking), None)
    if chosen is None:
        await context.pop_up(Saying("refused.not_yours_or_over"), alert=True)
        return
    await context.pop_up()
    await context.change_pressed(bookings.change_menu(chosen, context.lab.clock.now()))
