"""The bot's own place in the group changed: what it may do there is found out anew; the admins hear if it is out."""

from __future__ import annotations

from telegram import ChatMember, ChatMemberUpdated, Update

from bot.context import JunziContext

OUTSIDE = (ChatMember.LEFT, ChatMember.BANNED)


async def rights_changed(update: Update, context: JunziContext) -> None:
    if update.effective_chat is None or update.effective_chat.id != context.lab.group:
        return
    await context.lab.abilities.refresh()
    if update.my_chat_member is not None and _came_or_went(update.my_chat_member):
        await context.lab.configuration.health.tell_changes()


async def group_moved(update: Update, context: JunziContext) -> None:
    """A group that becomes a supergroup has another id from then on. Telegram says so in the old one and in the new."""
    message = update.effective_message
    if message is None:
        return
    former = message.migrate_from_chat_id or (message.chat.id if message.migrate_to_chat_id else None)
    if former is not None and former == context.lab.group:
        await context.lab.configuration.health.tell_changes()


def _came_or_went(change: ChatMemberUpdated) -> bool:
    return (change.old_chat_member.status in OUTSIDE) is not (change.new_chat_member.status in OUTSIDE)
