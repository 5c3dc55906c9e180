"""/extend: a later end, or an earlier one."""

from __future__ import annotations

from datetime import timedelta

from bot.context import JunziContext
from bot.domain.outcome import Extended, NotChanged
from bot.domain.phrase import PhraseError
from bot.domain.saying import Message, Saying
from bot.views import bookings
from handlers.buttons import MOST_MINUTES, number
from handlers.reserve import outcome_message
from handlers.which import by_cards, of_booking, read

AS_FAR_AS = timedelta(days=1)  # "up to the next booking", when the next one is within a day


async def extend(context: JunziContext) -> None:
    """`/extend 6h`, `/extend gpu0 6h`, `/extend until fri 18:00`; an earlier end shortens."""
    phrase = read(context)
    if isinstance(phrase, PhraseError):
        unread = phrase.key == "phrase.not_understood"
        await context.answer(Saying("refused.extend_how_long") if unread else Saying(phrase.key, phrase.values))
        return
    if phrase.duration is None and phrase.end is None:
        await context.answer(Saying("refused.extend_how_long"))
        return
    standing = await context.lab.reservations.mine(context.member)
    if phrase.cards is None and len(standing) > 1:
        longer = phrase.duration or bookings.USUAL_EXTENSION
        await context.answer(bookings.mine(standing, context.lab.clock.now(), longer=longer))
        return
    outcome = await context.lab.changes.extend(
        context.member, by_cards(phrase), by=phrase.duration, until=phrase.end, origin=context.origin
    )
    booking = standing[0].booking if len(standing) == 1 else None
    await context.answer(_message(context, outcome, booking))


async def extend_pressed(context: JunziContext, arguments: list[str]) -> None:
    """`extend:BOOKING:MINUTES` (negative shortens), or `extend:BOOKING:max` for as far as there is room."""
    booking, minutes = number(arguments[0]), arguments[1]
    as_far = minutes == "max"
    outcome = await context.lab.changes.extend(
        context.member,
        of_booking(booking),
        by=AS_FAR_AS if as_far else timedelta(minutes=number(minutes, MOST_MINUTES, -MOST_MINUTES)),
        as_far_as_possible=as_far,
        origin=context.origin,
    )
    if isinstance(outcome, NotChanged) and outcome.reason == "nothing_to_extend":
        await context.pop_up(Saying("refused.not_yours_or_over"), alert=True)
        return
    if isinstance(outcome, NotChanged):
        await context.pop_up()
        await context.answer(_message(context, outcome, booking))
        return
    await context.pop_up(Saying("booking.popup_extended"))
    standing = await context.lab.reservations.mine(context.member)
    shown = next((b for b in standing if b.booking == booking), None)
    await context.change_pressed(
        _message(context, outcome, booking) if shown is None else await outcome_message(context, shown)
    )


def _message(context: JunziContext, outcome: Extended | NotChanged, booking: int | None) -> Message:
    if isinstance(outcome, Extended):
        return bookings.extended(outcome, context.member)
    return bookings.not_changed(outcome, booking=booking)
