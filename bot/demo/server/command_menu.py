"""The "/" menu: which commands a person sees where, by scope and language, in Telegram's order of search."""

from __future__ import annotations

from collections.abc import Iterator

from bot.demo.server.chats import Chat, Json
from bot.demo.server.core import Core
from bot.demo.server.personas import Persona


def scopes(chat: Chat, persona: Persona) -> Iterator[str]:
    """Yield the scopes that fit, the narrowest first."""
    if not chat.is_group:
        yield f"chat:{chat.chat_id}"
        yield "all_private_chats"
        yield "default"
        return
    yield f"chat_member:{chat.chat_id}:{persona.telegram_id}"
    if persona.group_admin:
        yield f"chat_administrators:{chat.chat_id}"
    yield f"chat:{chat.chat_id}"
    if persona.group_admin:
        yield "all_chat_administrators"
    yield "all_group_chats"
    yield "default"


def effective(core: Core, chat: Chat, persona: Persona) -> list[Json]:
    """Return the commands of the first scope that has some, in the person's language before any."""
    language = (persona.language_code or "")[:2]
    for scope in scopes(chat, persona):
        for code in dict.fromkeys((language, "")):
            found = core.commands.get((scope, code))
            if found:
                return found
    return []
