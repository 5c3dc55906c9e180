"""/release: give cards back before their time."""

from __future__ import annotations

from bot.context import JunziContext
from bot.domain.outcome import NotChanged, Released
from bot.domain.phrase import PhraseError
from bot.domain.saying import Message, Saying
from bot.services.changes import Chooser
from bot.views import bookings
from handlers.buttons import number
from handlers.which import by_cards, everything, of_booking, one, read


async def release(context: JunziContext) -> None:
    """`/release gpu0`, `/release all`, or alone: then the one booking there is, or buttons to choose from."""
    words = context.words.strip()
    standing = await context.lab.reservations.mine(context.member)
    if not words and len(standing) > 1:
        await context.answer(bookings.mine(standing, context.lab.clock.now()))
        return
    which: Chooser = everything
    if words:
        phrase = read(context)
        if isinstance(phrase, PhraseError):
            await context.answer(Saying(phrase.key, phrase.values))
            return
        which = by_cards(phrase)
    outcome = await context.lab.changes.release(context.member, which, context.origin)
    await context.answer(await _message(context, outcome))


async def release_booking(context: JunziContext, arguments: list[str]) -> None:
    """Only one's own: the service looks among the presser's reservations and nowhere else."""
    await _release_pressed(context, of_booking(number(arguments[0])))


async def release_one(context: JunziContext, arguments: list[str]) -> None:
    """One card of a booking of several."""
    await _release_pressed(context, one(number(arguments[0])))


async def _release_pressed(context: JunziContext, which: Chooser) -> None:
    outcome = await context.lab.changes.release(context.member, which, context.origin)
    if isinstance(outcome, NotChanged):
        await context.pop_up(Saying("refused.not_yours_or_over"), alert=True)
        return
    await context.pop_up(Saying("booking.popup_released"))
    await context.change_pressed(await _message(context, outcome))


async def _message(context: JunziContext, outcome: Released | NotChanged) -> Message:
    if isinstance(outcome, NotChanged):
        return bookings.not_changed(outcome)
    record = await context.lab.containers.of(context.member)
    own = frozenset() if record is None else context.lab.observed.own_cards(record.name)
    return bookings.released(outcome, context.member, own)
