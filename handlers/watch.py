"""The buttons under the watch's messages: it's fine, I'm stopping it, I'll move (my run, or my booking), book it, keep
it, release it."""

from __future__ import annotations

from datetime import timedelta

from bot.context import JunziContext
from bot.domain.case import Case
from bot.domain.outcome import Booked, Outcome
from bot.domain.saying import Listing, Message, Person, Saying
from bot.services.answers import NotFreeAnyMore, NotYours
from bot.views import offers
from bot.views.letters import names, until
from handlers.buttons import MOST_MINUTES, number
from handlers.reserve import outcome_message


async def watch_pressed(context: JunziContext, arguments: list[str]) -> None:
    """`watch:CASE:WHAT:VALUE`. What the message becomes is owed by the service, to everybody who has it."""
    case_id, what, value = number(arguments[0]), arguments[1], arguments[2]
    answers = context.lab.answers
    if what == "book" and value.isdecimal():
        length = timedelta(minutes=number(value, MOST_MINUTES, least=1))
        await _booked(context, await answers.book(context.member, case_id, length, context.origin))
    elif what == "move" and value.replace(".", "0").isdecimal():
        indices = [number(index) for index in value.split(".") if index]
        await _moved(context, await answers.move(context.member, case_id, indices, context.origin))
    elif what == "shift" and value.replace(".", "0").isdecimal():
        indices = [number(index) for index in value.split(".") if index]
        await _shifted(context, await answers.shift(context.member, case_id, indices, context.origin))
    elif what == "fine":
        await _allowed(context, await answers.allow(context.member, case_id))
    elif what == "mind":
        await _said(context, await answers.mind(context.member, case_id), Saying("warning.popup_mind"))
    elif what == "stopping":
        await _said(context, await answers.stopping(context.member, case_id), Saying("warning.popup_stopping"))
    elif what == "keep":
        await _kept(context, await answers.keep(context.member, case_id))
    elif what == "release":
        await _released(context, await answers.release(context.member, case_id, context.origin))
    else:
        await context.pop_up(Saying("access.outdated_button"), alert=True)


async def _allowed(context: JunziContext, outcome: Case | NotYours) -> None:
    if isinstance(outcome, NotYours):
        await _refuse(context, outcome)
        return
    await context.pop_up(Saying("warning.popup_fine", {"until": until(outcome)}))


async def _said(context: JunziContext, outcome: Case | NotYours, saying: Saying) -> None:
    if isinstance(outcome, NotYours):
        await _refuse(context, outcome)
        return
    await context.pop_up(saying)


async def _booked(context: JunziContext, outcome: Outcome | NotYours) -> None:
    """The offer becomes the promise, with its CUDA line; if it is not to be had, the offer stays."""
    if isinstance(outcome, NotYours):
        await _refuse(context, outcome)
        return
    message = await outcome_message(context, outcome)
    if not isinstance(outcome, Booked):
        await context.pop_up()
        await context.answer(message)
        return
    await context.pop_up(Saying("booking.popup_booked"))
    await context.change_pressed(message)


async def _moved(context: JunziContext, outcome: Outcome | NotYours) -> None:
    """The promise in private, wherever it was pressed: the group reads in the warning where the run goes."""
    if isinstance(outcome, NotYours):
        await _refuse(context, outcome)
        return
    done = Saying("warning.popup_moved") if isinstance(outcome, Booked) else Saying("warning.popup_not_moved")
    await context.pop_up(done)
    context.in_private = True
    await context.answer(await outcome_message(context, outcome))


async def _shifted(context: JunziContext, outcome: Booked | NotFreeAnyMore | NotYours) -> None:
    """The promise on its new card, below; the pressed message shows how the matter ends."""
    if isinstance(outcome, NotYours):
        await _refuse(context, outcome)
        return
    if isinstance(outcome, NotFreeAnyMore):
        await context.pop_up(Saying("warning.popup_not_shifted"), alert=True)
        return
    await context.pop_up(Saying("warning.popup_shifted"))
    context.in_private = True
    await context.answer(await outcome_message(context, outcome))


async def _kept(context: JunziContext, outcome: Case | NotYours) -> None:
    if isinstance(outcome, NotYours):
        await _refuse(context, outcome)
        return
    await context.pop_up()
    await context.change_pressed(offers.kept(await context.lab.answers.scene(outcome)))


async def _released(context: JunziContext, outcome: Case | NotYours) -> None:
    if isinstance(outcome, NotYours):
        await _refuse(context, outcome)
        return
    await context.pop_up(Saying("booking.popup_released"))
    await context.change_pressed(Message(Saying("offer.released", {"cards": names(outcome.cards)})))


async def _refuse(context: JunziContext, outcome: NotYours) -> None:
    if not outcome.whose:
        await context.pop_up(Saying("warning.popup_over"), alert=True)
        return
    whose = Listing(tuple(Person(member.display_name) for member in outcome.whose), in_a_row=True)
    await context.pop_up(Saying("warning.popup_not_yours", {"whose": whose}), alert=True)
