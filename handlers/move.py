"""/move: another start for a booking that has not begun."""

from __future__ import annotations

from bot.context import JunziContext
from bot.domain.outcome import Moved
from bot.domain.phrase import PhraseError
from bot.domain.saying import Saying
from bot.domain.window import elapsed
from bot.views import bookings
from handlers.which import by_cards, read


async def move(context: JunziContext) -> None:
    """`/move tomorrow 9:00`, `/move gpu0 fri 20:00 for 4h`."""
    phrase = read(context)
    if isinstance(phrase, PhraseError):
        await context.answer(Saying(phrase.key, phrase.values))
        return
    if phrase.start is None:
        await context.answer(Saying("refused.move_when"))
        return
    duration = phrase.duration if phrase.end is None else elapsed(phrase.start, phrase.end)
    outcome = await context.lab.changes.move(context.member, by_cards(phrase), phrase.start, duration, context.origin)
    await context.answer(
        bookings.moved(outcome, context.member) if isinstance(outcome, Moved) else bookings.not_changed(outcome)
    )
