"""Booking by thumb: one message, edited in place, until cards and a length are chosen."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta

from bot.context import JunziContext
from bot.domain.draft import Draft, pressable
from bot.domain.outcome import NotBooked
from bot.domain.reservation import Refused
from bot.domain.saying import Message, Saying
from bot.domain.window import elapsed
from bot.domain.wish import without_cards
from bot.views.bookings import not_booked
from bot.views.dialogue import dialogue
from handlers.buttons import MOST_MINUTES, number

TONIGHT = time(20)
MORNING = time(9)
MOST_DAYS = 366


async def ask(context: JunziContext, draft_id: int, draft: Draft) -> Message:
    """The dialogue as the draft stands now."""
    cards = await context.lab.reservations.cards()
    free = {card.id for card in await context.lab.reservations.free_now()}
    week = [_at(context, MORNING, days=number) for number in range(2, 8)]
    not_idle = context.lab.observed.not_idle()
    return dialogue(draft_id, draft, cards, free, not_idle, week, context.lab.clock.now())


async def new(context: JunziContext, _arguments: list[str]) -> None:
    """The "Book" button under a board or a calendar, which one goes on looking at: a dialogue of one's own, below."""
    await context.pop_up()
    await context.answer(await _begin(context))


async def new_here(context: JunziContext, _arguments: list[str]) -> None:
    """The "Book" button under an answer that is done with, such as "you have no bookings": it becomes the dialogue.
    Under somebody else's answer it is a dialogue below."""
    await context.pop_up()
    message = await _begin(context)
    if context.pressed_own:
        await context.change_pressed(message)
    else:
        await context.answer(message)


async def _begin(context: JunziContext) -> Message:
    if not await context.lab.reservations.cards():
        return not_booked(NotBooked(without_cards(context.lab.observed.sample), {}))
    draft = Draft(context.member.id)
    return await ask(context, await context.lab.reservations.add_draft(draft), draft)


async def choose(context: JunziContext, arguments: list[str]) -> None:
    """`draft:ID:WHAT:VALUE`: tick a card, choose a length or a start. Only the one who began it may."""
    draft_id, what, value = number(arguments[0]), arguments[1], arguments[2]
    draft = await own_draft(context, draft_id)
    if draft is None:
        return
    changed = await _changed(context, draft, what, value)
    await context.lab.reservations.change_draft(draft_id, changed)
    await context.pop_up()
    await context.change_pressed(await ask(context, draft_id, changed))


async def own_draft(context: JunziContext, draft_id: int) -> Draft | None:
    """The draft, if it is the presser's; else they have been told why not."""
    draft = pressable(await context.lab.reservations.get_draft(draft_id), context.member.id)
    if isinstance(draft, Refused):
        await context.pop_up(Saying(f"refused.{draft.reason}"), alert=True)
        return None
    return draft


async def _changed(context: JunziContext, draft: Draft, what: str, value: str) -> Draft:
    if what == "card":
        return await _ticked(context, draft, value)
    if what == "for":
        return replace(draft, duration=timedelta(minutes=number(value, MOST_MINUTES, least=1)))
    now = context.lab.clock.now()
    if what == "until":
        end = _at(context, MORNING, days=number(value, MOST_DAYS, least=1))
        return replace(draft, duration=elapsed(draft.start or now, end))
    if value == "more":
        return replace(draft, more_days=not draft.more_days)
    starts = {"now": None, "tonight": _at(context, TONIGHT, days=0)}
    start = starts[value] if value in starts else _at(context, MORNING, days=number(value, MOST_DAYS))
    return replace(draft, start=start if start is None or start > now else None)


async def _ticked(context: JunziContext, draft: Draft, value: str) -> Draft:
    cards = await context.lab.reservations.cards()
    chosen = next((card.id for card in cards if card.id.uuid.endswith(value)), None)
    if chosen is None:
        return draft
    kept = tuple(card for card in draft.cards if card != chosen)
    return replace(draft, cards=kept if chosen in draft.cards else (*kept, chosen))


def _at(context: JunziContext, clock_time: time, *, days: int) -> datetime:
    """That time of day in the lab's zone, so many days from today."""
    day = context.lab.clock.now().astimezone(context.lab.zone).date() + timedelta(days=days)
    return datetime.combine(day, clock_time, context.lab.zone)
