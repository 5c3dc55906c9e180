"""/assign zhangsan all|gpu0,gpu2|none: which cards a container sees, at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from bot.context import JunziContext
from bot.domain.assignment import UnknownCards, read_assignment
from bot.domain.card import Card
from bot.domain.container import InstanceRecord
from bot.domain.saying import Listing, Saying
from bot.domain.upkeep import Batch, NotDone
from bot.views import assignment as views
from handlers.whose import by, named, not_done, unknown


async def assign(context: JunziContext) -> None:
    name, _, text = context.words.strip().partition(" ")
    if not text.strip():
        await context.answer(Saying("assign.usage"))
        return
    cards = await context.lab.reservations.cards()
    wanted = read_assignment(text, cards)
    if isinstance(wanted, UnknownCards):
        await context.answer(_no_such_cards(wanted, cards))
        return
    record = await named(context, name)
    if record is not None:
        await _one(context, record, wanted, cards)
    elif name.lower() in ("all", "全部"):
        await _everybody(context, wanted)
    else:
        await unknown(context, name)


def _no_such_cards(wanted: UnknownCards, cards: Sequence[Card]) -> Saying:
    known = Listing(tuple(cards), in_a_row=True) if cards else Saying("common.unknown")
    words = Listing(wanted.words, in_a_row=True) if wanted.words else Saying("common.unknown")
    return Saying("assign.unknown_cards", {"words": words, "known": known})


async def _one(
    context: JunziContext,
    record: InstanceRecord,
    wanted: Literal["all"] | tuple[Card, ...],
    cards: Sequence[Card],
) -> None:
    outcome = await context.lab.configuration.assignments.assign(record, wanted, by(context))
    await context.answer(not_done(outcome) if isinstance(outcome, NotDone) else views.assigned(outcome, cards))


async def honour_pressed(context: JunziContext, arguments: list[str]) -> None:
    """`honour:give|undo`: the cards of before the bookings were enforced, and the way back."""
    if context.lab.configuration.assignments.enforced:
        await context.pop_up(Saying("assign.enforced"), alert=True)
        return
    await context.pop_up()
    honouring = context.lab.configuration.honouring
    if arguments[0] == "undo":
        await context.change_pressed(views.given_back_undone(await honouring.undo(by(context))))
    else:
        await context.change_pressed(views.given_back(await honouring.give_back(by(context))))


async def _everybody(context: JunziContext, wanted: Literal["all"] | tuple[Card, ...]) -> None:
    """`/assign all all`: back to the agreement, for everybody."""
    done, failed = [], {}
    for record in await context.lab.configuration.workshop.ready():
        outcome = await context.lab.configuration.assignments.assign(record, wanted, by(context))
        if isinstance(outcome, NotDone):
            failed[record.name] = outcome.why
        else:
            done.append(record.name)
    said = Saying("assign.done_many", {"count": len(done)})
    await context.answer(views.batch(Batch(tuple(done), failed), said))
