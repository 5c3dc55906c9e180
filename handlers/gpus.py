"""/gpus: what every card is doing, who holds it, who is really on it; one card in detail; all of it as a picture."""

from __future__ import annotations

from datetime import timedelta

from bot.context import JunziContext
from bot.domain.board import CardRow
from bot.domain.bucket import FINE
from bot.domain.draft import Draft
from bot.domain.saying import Saying
from bot.domain.window import Window
from bot.views.board import board_message
from bot.views.board_table import with_table
from bot.views.card import card_message
from bot.views.live import peek
from bot.views.status import status_caption
from handlers.buttons import MOST_MINUTES, number
from handlers.dialogue import ask
from handlers.reserve import book_one_draft, outcome_message

PICTURE_WORDS = frozenset({"picture", "pic", "图", "图片"})
DAY = timedelta(hours=24)


async def gpus(context: JunziContext) -> None:
    """`/gpus`, `/gpus picture`."""
    if PICTURE_WORDS & set(context.words.lower().split()):
        await context.answer_photo(await context.lab.drawing.status(context.voice), status_caption())
        return
    board = await context.lab.board.board()
    await context.answer(with_table(board_message(board), board))


async def refresh(context: JunziContext, _arguments: list[str]) -> None:
    """The button under a board: the same message, as things stand now. A picture can't become text: that is new."""
    await context.pop_up()
    board = await context.lab.board.board()
    message = with_table(board_message(board), board)
    if context.pressed_a_picture:
        await context.answer(message, in_place=True)
    else:
        await context.change_pressed(message)


async def picture(context: JunziContext, _arguments: list[str]) -> None:
    """The same message as a picture, as things stand now."""
    await context.pop_up()
    await context.change_pressed_photo(await context.lab.drawing.status(context.voice), status_caption())


async def details(context: JunziContext, arguments: list[str]) -> None:
    """`card:TAIL`: one card in place of the board, with a way back."""
    row = await _row(context, arguments[0])
    if row is None:
        await context.pop_up(Saying("board.gone"), alert=True)
        return
    await context.pop_up()
    now = context.lab.clock.now()
    # To the end of what stands, so that the bookings to come are in it; buckets lie in the past anyway.
    past = await context.lab.history.look(Window(now - DAY, now + timedelta(days=366)), FINE)
    await context.change_pressed(card_message(row, past))


async def peek_pressed(context: JunziContext, arguments: list[str]) -> None:
    """`peek:TAIL`: one card in a pop-up, for whoever pressed and nobody else."""
    row = await _row(context, arguments[0])
    await context.pop_up(Saying("board.gone") if row is None else peek(row, context.lab.clock.now()), alert=True)


async def book_card(context: JunziContext, arguments: list[str]) -> None:
    """`bookcard:TAIL`: the booking dialogue with that card ticked."""
    row = await _row(context, arguments[0])
    if row is None:
        await context.pop_up(Saying("board.gone"), alert=True)
        return
    await context.pop_up()
    draft = Draft(context.member.id, (row.card.id,))
    draft_id = await context.lab.reservations.add_draft(draft)
    await context.answer(await ask(context, draft_id, draft))


async def book_now(context: JunziContext, arguments: list[str]) -> None:
    """`booknow:TAIL:MINUTES`: that card from now on, by one tap on the board, which stays what it is."""
    minutes = number(arguments[1], MOST_MINUTES, least=1)
    row = await _row(context, arguments[0])
    if row is None:
        await context.pop_up(Saying("board.gone"), alert=True)
        return
    draft = Draft(context.member.id, (row.card.id,), duration=timedelta(minutes=minutes))
    outcome = await book_one_draft(context, await context.lab.reservations.add_draft(draft))
    if outcome is not None:
        await context.answer(await outcome_message(context, outcome))


async def _row(context: JunziContext, tail: str) -> CardRow | None:
    board = await context.lab.board.board()
    return next((row for row in board.rows if row.card.id.uuid.endswith(tail)), None)
