"""/gpus: what every card is doing, who holds it, who is really on it."""

from __future__ import annotations

from bot.context import JunziContext
from bot.views.board import board_message


async def gpus(context: JunziContext) -> None:
    await context.answer(board_message(await context.lab.board.board()))


async def refresh(context: JunziContext, _arguments: list[str]) -> None:
    """The button under a board: the same message, as things stand now."""
    await context.pop_up()
    await context.change_pressed(board_message(await context.lab.board.board()))
