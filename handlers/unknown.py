"""A command that does not exist, sent in private: most often one letter is wrong, or the slash is a wide one (／)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from telegram import Message as TelegramMessage
from telegram.ext import filters

from bot.context import JunziContext
from bot.domain.grammar.spelling import one_spelling
from bot.domain.saying import Code, Saying
from handlers.access import Handler, Right

_LIKE = 0.7  # of difflib's measure from 0 to 1: "rserve", "gpu" and "containe" are like a command, "foo" is not
_COMMAND = re.compile(r"/([a-z0-9_]*)(?:@\S+)?\s*(.*)", re.DOTALL)


class _WideSlash(filters.MessageFilter):
    """What an input method in Chinese makes of a command; to Telegram it is none. A lone slash too."""

    def filter(self, message: TelegramMessage) -> bool:
        text = message.text or ""
        return text.startswith("／") or text.strip() == "/"


WIDE_SLASH = _WideSlash()


def unknown_command(names: Mapping[Right, Sequence[str]]) -> Handler:
    """The handler. `names`: the commands there are, by who may."""

    async def unknown(context: JunziContext) -> None:
        message = context.incoming.effective_message
        await context.answer(_about(message.text if message else None, _allowed(context, names)))

    return unknown


def _allowed(context: JunziContext, names: Mapping[Right, Sequence[str]]) -> list[str]:
    member = context.speaker
    rights = {Right.EVERYONE} if member is None else set(Right) - (set() if member.is_admin else {Right.ADMIN})
    return [name for right in Right if right in rights for name in names[right]]


def _about(text: str | None, commands: Sequence[str]) -> Saying:
    """With the command that was meant, and its words, if one is like it."""
    typed = _COMMAND.fullmatch(one_spelling(text or ""))
    meant = get_close_matches(typed[1], commands, n=1, cutoff=_LIKE) if typed else []
    if not typed or not meant:
        return Saying("access.unknown_command")
    words = {"words": Code(typed[2][:100])}
    rest = Saying("access.mistyped_words", words) if typed[2] else Saying("common.nothing")
    return Saying("access.mistyped_command", {"command": meant[0], "rest": rest})
