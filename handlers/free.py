"""/free: what is free now and in the coming week, and the earliest slots for so many cards and hours."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from bot.context import JunziContext
from bot.domain.draft import Draft
from bot.domain.outcome import NotBooked
from bot.domain.phrase import Phrase, PhraseError
from bot.domain.saying import Message, Saying
from bot.domain.window import Window
from bot.domain.wish import without_cards
from bot.views.bookings import not_booked
from bot.views.looks import free_message, slots_message
from handlers.buttons import number
from handlers.which import read

GIB = 1 << 30
MOST_DAYS = 366


async def free(context: JunziContext) -> None:
    """Alone: a grid of today with a button for each day of the week ahead. `/free 2x 12h`: the earliest slots."""
    phrase = read(context)
    if isinstance(phrase, PhraseError):
        await context.answer(Saying(phrase.key, phrase.values))
    elif phrase.duration is None:
        await context.answer(await day(context, 0))
    else:
        await context.answer(await _slots(context, phrase))


async def free_day(context: JunziContext, arguments: list[str]) -> None:
    """`free:N`: the same message, N days from today."""
    days = number(arguments[0], MOST_DAYS)
    await context.pop_up()
    await context.change_pressed(await day(context, days))


async def day(context: JunziContext, days: int) -> Message:
    """What is free on the day so many days from today."""
    now, zone = context.lab.clock.now(), context.lab.zone
    date = now.astimezone(zone).date() + timedelta(days=days)
    midnight = datetime.combine(date, time(), zone)
    end = datetime.combine(date + timedelta(days=1), time(), zone)
    window = Window(max(midnight, now) if days == 0 else midnight, end)
    rows = await context.lab.looks.free(window)
    if not rows:
        return not_booked(NotBooked(without_cards(context.lab.observed.sample), {}))
    week = tuple(datetime.combine(now.astimezone(zone).date() + timedelta(days=n), time(12), zone) for n in range(8))
    return free_message(rows, window, days, week)


async def _slots(context: JunziContext, phrase: Phrase) -> Message:
    """Each slot is a draft, so that a button books it."""
    assert phrase.duration is not None  # noqa: S101 - the caller asked
    wish = phrase.cards
    memory = None if phrase.memory_gib is None else round(phrase.memory_gib * GIB)
    count = (wish.count or max(1, len(wish.indices))) if wish is not None else 1
    found = await context.lab.looks.slots(count, phrase.duration, wish.model if wish else None, memory)
    now = context.lab.clock.now()
    offers = []
    for slot in found:
        start = None if slot.window.start <= now else slot.window.start
        ids = tuple(card.id for card in slot.cards)
        draft = Draft(context.member.id, ids, start, slot.window.duration, memory)
        offers.append((slot.cards, slot.window, await context.lab.reservations.add_draft(draft)))
    return slots_message(offers, count, phrase.duration, now)
