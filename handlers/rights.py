"""The bot's own rights in the group changed: what it can do there is found out again."""

from __future__ import annotations

from telegram import Update

from bot.context import JunziContext


async def rights_changed(update: Update, context: JunziContext) -> None:
    if update.effective_chat is not None and update.effective_chat.id == context.lab.group:
        await context.lab.abilities.refresh()
