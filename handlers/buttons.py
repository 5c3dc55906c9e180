"""Every button's press: who may, then which handler. A press of an unknown or broken button is answered too."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from telegram import Update

from bot.context import JunziContext
from bot.domain.saying import Saying
from handlers.access import Callback, Right, guarded

PressHandler: TypeAlias = Callable[[JunziContext, list[str]], Awaitable[None]]


@dataclass(frozen=True)
class Press:
    """`arguments`: how many there are behind the verb in "verb:argument:argument"."""

    handler: PressHandler
    right: Right
    arguments: int = 0


def router(presses: Mapping[str, Press]) -> Callback:
    """One python-telegram-bot callback for all buttons."""

    async def callback(update: Update, context: JunziContext) -> None:
        query = update.callback_query
        verb, *arguments = (query.data or "").split(":") if query is not None else [""]
        press = presses.get(verb)
        if press is None or len(arguments) != press.arguments:
            await guarded(_outdated, Right.EVERYONE)(update, context)
            return

        async def handle(context: JunziContext) -> None:
            await press.handler(context, arguments)

        await guarded(handle, press.right)(update, context)

    return callback


async def _outdated(context: JunziContext) -> None:
    """A button of an older version of junzi, or one that somebody made up."""
    await context.pop_up(Saying("access.outdated_button"), alert=True)
