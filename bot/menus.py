"""The command menu: each kind of person and chat has one of its own, in both languages, made from the one table."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence

from telegram import (
    Bot,
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
)
from telegram.error import BadRequest

from bot.services.lab import Lab
from bot.texts import LANGUAGES, Voice
from handlers import COMMANDS
from handlers.access import Place, Right

logger = logging.getLogger("junzi.menus")


ADMINS = "menus.admins"  # the chats that have the admins' menu; Telegram keeps it over our restarts


async def set_menus(bot: Bot, lab: Lab, named_admins: Iterable[int]) -> None:
    """Each kind of person and chat has a menu of its own, in both languages. At every start: a new version may have
    other commands."""
    await _set(bot, lab, BotCommandScopeAllPrivateChats(), (Right.EVERYONE, Right.LAB, Right.MEMBER))
    await _set(bot, lab, BotCommandScopeAllGroupChats(), (Right.LAB, Right.MEMBER))
    for chat in sorted({*named_admins, *await _admins(lab)}):
        await _set(bot, lab, BotCommandScopeChat(chat), tuple(Right))
    await refresh_admin_menus(bot, lab, is_start=True)


async def refresh_admin_menus(bot: Bot, lab: Lab, *, is_start: bool = False) -> None:
    """One tick: whoever has become an admin gets the admins' menu, whoever is none any more loses it. `is_start`: those
    who are admins have just been given it."""
    admins = await _admins(lab)
    had = frozenset(await lab.store.read(lambda books: books.facts.get(ADMINS)) or ())
    if admins == had:
        return
    for chat in () if is_start else sorted(admins - had):
        await _set(bot, lab, BotCommandScopeChat(chat), tuple(Right))
    for chat in sorted(had - admins):
        await _take(bot, chat)
    await lab.store.write(lambda books: books.facts.put(ADMINS, sorted(admins)))


async def _admins(lab: Lab) -> frozenset[int]:
    """The private chats of those who are admins now."""
    members = await lab.store.read(lambda books: books.members.all())
    return frozenset(m.telegram_id for m in members if m.is_admin and not m.has_left and m.telegram_id is not None)


async def _set(bot: Bot, lab: Lab, scope: BotCommandScope, rights: Sequence[Right]) -> None:
    is_group = isinstance(scope, BotCommandScopeAllGroupChats)
    for language in LANGUAGES:
        voice = Voice(language, lab.zone)
        commands = _menu(voice, rights, group=is_group, whispers=lab.abilities.able.now.whispers)
        try:
            await bot.set_my_commands(commands, scope=scope, language_code=_code(language))
        except BadRequest as exc:  # a chat that never wrote to the bot has no menu yet
            logger.info("no menu for %s: %s", scope.to_dict(), exc)


async def _take(bot: Bot, chat: int) -> None:
    """Back to the menu of everybody."""
    for language in LANGUAGES:
        try:
            await bot.delete_my_commands(scope=BotCommandScopeChat(chat), language_code=_code(language))
        except BadRequest as exc:  # they have deleted their account
            logger.info("no menu to take from %d: %s", chat, exc)


def _code(language: str) -> str | None:
    """English is what everybody gets whose language we don't speak."""
    return None if language == "en" else language


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
