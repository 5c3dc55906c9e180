"""The one error handler: log first, then tell the person one sentence."""

from __future__ import annotations

import logging
from sqlite3 import OperationalError

from telegram import Update
from telegram.error import NetworkError, TelegramError

from bot.context import JunziContext
from bot.domain.errors import NotYet, Undelivered
from bot.domain.saying import Saying

logger = logging.getLogger("junzi.errors")


async def on_error(update: object, context: JunziContext) -> None:
    """Log before anything else, so that it is seen even if something breaks here."""
    error = context.error
    if update is None and isinstance(error, NetworkError):
        logger.warning("Telegram can't be reached: %s", error)  # polling goes on by itself
        return
    logger.error("an update could not be handled", exc_info=error)
    if not isinstance(update, Update) or update.effective_user is None or isinstance(error, NotYet):
        return
    try:
        await _apologise(update, context)
    except (TelegramError, Undelivered) as exc:
        logger.warning("and the person could not be told: %s", exc)


async def _apologise(update: Update, context: JunziContext) -> None:
    context.incoming = update
    context.voice = context.lab.voices.for_language(
        update.effective_user.language_code if update.effective_user else None
    )
    # What SQLite says of a disk that is full or read-only.
    why = Saying("access.not_written" if isinstance(context.error, OperationalError) else "access.internal_error")
    if update.callback_query is not None:
        await context.pop_up(why, alert=True)
    elif update.effective_message is not None:
        await context.answer(why)
