"""Every button's press: who may, then which handler. A press of an unknown or broken button is answered too."""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from telegram import Update

from bot.context import JunziContext
from bot.domain.saying import Saying
from handlers.access import Callback, Right, guarded

logger = logging.getLogger("junzi.buttons")

MOST = 10**12  # of any number in a button; SQLite counts further
MOST_MINUTES = 60 * 24 * 366 * 10
LATEST = 10**11  # seconds since 1970, as Python's calendar has them

PressHandler: TypeAlias = Callable[[JunziContext, list[str]], Awaitable[None]]


@dataclass(frozen=True)
class Press:
    """`arguments`: how many there are behind the verb in "verb:argument:argument"."""

    handler: PressHandler
    right: Right
    arguments: int = 0


class BrokenButton(Exception):
    """What stands behind the verb is nothing that junzi ever put there."""


def number(argument: str, most: int = MOST, least: int = 0) -> int:
    """An argument that is a number; BrokenButton if it is none, or not in `[least, most]`: whoever presses a button
    may send whatever they like with it."""
    found = int(argument) if re.fullmatch(r"-?[0-9]{1,15}", argument) else None
    if found is None or not least <= found <= most:
        raise BrokenButton(repr(argument))
    return found


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
            try:
                await press.handler(context, arguments)
            except BrokenButton as exc:
                logger.info("a broken button: %s", exc)
                await _outdated(context)

        await guarded(handle, press.right)(update, context)

    return callback


async def _outdated(context: JunziContext) -> None:
    """A button of an older version of junzi, or one that somebody made up."""
    await context.pop_up(Saying("access.outdated_button"), alert=True)
