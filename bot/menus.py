"""The command menu: each kind of person and chat has one of its own, in both languages, made from the one table."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from typing import Any

from telegram import Bot, BotCommand, BotCommandScopeAllGroupChats, BotCommandScopeAllPrivateChats, BotCommandScopeChat
from telegram.error import BadRequest

from bot.services.lab import Lab
from bot.texts import LANGUAGES, Voice
from handlers import COMMANDS
from handlers.access import Place, Right

logger = logging.getLogger("junzi.menus")


async def set_menus(bot: Bot, lab: Lab, named_admins: Iterable[int]) -> None:
    """Each kind of person and chat has a menu of its own, in both languages."""
    scopes: list[tuple[Any, Sequence[Right]]] = [
        (BotCommandScopeAllPrivateChats(), (Right.EVERYONE, Right.LAB, Right.MEMBER)),
        (BotCommandScopeAllGroupChats(), (Right.LAB, Right.MEMBER)),
    ]
    admins = await lab.store.read(lambda books: [m.telegram_id for m in books.members.all() if m.is_admin])
    chats = {*named_admins, *(chat for chat in admins if chat is not None)}
    scopes += [(BotCommandScopeChat(chat), tuple(Right)) for chat in sorted(chats)]
    for scope, rights in scopes:
        is_group = isinstance(scope, BotCommandScopeAllGroupChats)
        for language in LANGUAGES:
            commands = _menu(
                Voice(language, lab.zone), rights, group=is_group, whispers=lab.abilities.able.now.whispers
            )
            try:
                await bot.set_my_commands(commands, scope=scope, language_code=None if language == "en" else language)
            except BadRequest as exc:  # a chat that never wrote to the bot has no menu yet
                logger.info("no menu for %s: %s", scope.to_dict(), exc)


def _menu(voice: Voice, rights: Sequence[Right], *, group: bool, whispers: bool) -> list[BotCommand]:
    """In a group, a command that concerns only who types it is seen by the bot alone, where the server can do that."""
    shown = (c for c in COMMANDS if c.right in rights and not (group and c.place is Place.PRIVATE))
    return [
        BotCommand(
            command.name,
            voice.plain(f"menu.{command.name}"),
            api_kwargs={"is_ephemeral": True} if group and whispers and command.personal else None,
        )
        for command in shown
    ]
