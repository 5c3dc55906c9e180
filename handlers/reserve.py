"""/reserve: book what was typed, ask by buttons for what was left out."""

from __future__ import annotations

from collections.abc import Sequence

from bot.context import JunziContext
from bot.domain.card import Card
from bot.domain.container import ContainerView
from bot.domain.cuda import CudaLine, cuda_line
from bot.domain.outcome import Booked, NotBooked, Outcome
from bot.domain.phrase import PhraseError
from bot.domain.saying import Message, Saying
from bot.views import bookings
from handlers.buttons import number
from handlers.dialogue import ask, own_draft
from handlers.which import read


async def reserve(context: JunziContext) -> None:
    phrase = read(context)
    if isinstance(phrase, PhraseError):
        await context.answer(Saying(phrase.key, phrase.values))
        return
    outcome = await context.lab.reservations.reserve(context.member, phrase, context.origin)
    await context.answer(await outcome_message(context, outcome))


async def book(context: JunziContext, arguments: list[str]) -> None:
    """The button that books a draft: an alternative that was offered, or the dialogue's last tap."""
    outcome = await book_one_draft(context, number(arguments[0]))
    if outcome is not None:
        await context.change_pressed(await outcome_message(context, outcome))


async def book_said(context: JunziContext, arguments: list[str]) -> None:
    """`booksaid:DRAFT:MESSAGE`: the tap under an announcement. The sentence itself gets a 👌: to the others the
    agreement looks the way it always did, only kept."""
    outcome = await book_one_draft(context, number(arguments[0]))
    if outcome is None:
        return
    if isinstance(outcome, Booked):
        await context.lab.messenger.react(context.chat.id, number(arguments[1]), "👌")
    await context.change_pressed(await outcome_message(context, outcome), announce=False)


async def book_one_draft(context: JunziContext, draft_id: int) -> Outcome | None:
    """None: somebody else's draft, or an old one; they have been told."""
    if await own_draft(context, draft_id) is None:
        return None
    outcome = await context.lab.reservations.book_draft(context.member, draft_id)
    await context.pop_up(Saying("booking.popup_booked") if isinstance(outcome, Booked) else None)
    return outcome


async def line_for(context: JunziContext, cards: Sequence[Card]) -> CudaLine:
    """What puts a run on these cards in the speaker's own container."""
    record = await context.lab.containers.of(context.member)
    seen = None if record is None else context.lab.observed.cards_seen_by(record.name)
    if record is not None and seen is None:  # younger than the last poll: LXD is asked
        view = await context.lab.containers.view(record)
        seen = view.cards if isinstance(view, ContainerView) else None
    return cuda_line(cards, await context.lab.reservations.cards(), seen)


async def outcome_message(context: JunziContext, outcome: Outcome) -> Message:
    """What to say to a request for cards."""
    if isinstance(outcome, Booked):
        line = await line_for(context, outcome.cards)
        others = await context.lab.board.others_on(outcome.cards, context.member)
        return bookings.booked(outcome, line, others, context.lab.clock.now())
    if isinstance(outcome, NotBooked):
        return bookings.not_booked(outcome, context.lab.clock.now())
    return await ask(context, outcome.draft_id, outcome.draft)
