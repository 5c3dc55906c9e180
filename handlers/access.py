"""Who may. Every command and every button passes here first; in doubt the answer is no.

A command does not prove who speaks when it is forwarded, edited, sent by a channel or by an anonymous admin.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Coroutine
from enum import Enum
from functools import wraps
from typing import Any, TypeAlias

from telegram import Update, User

from bot.context import JunziContext
from bot.domain.claim_link import PLAIN_START, claim_link
from bot.domain.errors import Never
from bot.domain.saying import Button, Message, Saying, Style

logger = logging.getLogger("junzi.access")

Handler: TypeAlias = Callable[[JunziContext], Awaitable[None]]
Callback: TypeAlias = Callable[[Update, JunziContext], Coroutine[Any, Any, None]]


class Right(Enum):
    """EVERYONE: strangers too. LAB: members anywhere, and whoever is in the lab's group. MEMBER, ADMIN: by role."""

    EVERYONE = "everyone"
    LAB = "lab"
    MEMBER = "member"
    ADMIN = "admin"


class Place(Enum):
    """PRIVATE: typed in a group, it is answered in the speaker's private chat with a one-line pointer."""

    ANYWHERE = "anywhere"
    PRIVATE = "private"


def guarded(handler: Handler, right: Right, place: Place = Place.ANYWHERE) -> Callback:
    """The python-telegram-bot callback for a handler, behind its right."""

    @wraps(handler)
    async def callback(update: Update, context: JunziContext) -> None:
        if not await _enter(update, context):
            return
        refusal = _refusal(context, right)
        if refusal is not None:
            await _refuse(context, refusal)
        elif place is Place.PRIVATE and not context.is_private:
            await _in_private(context, handler)
        else:
            await handler(context)

    return callback


def overheard(handler: Handler) -> Callback:
    """For what was not addressed to the bot: whoever can't be made out is passed over in silence."""

    @wraps(handler)
    async def callback(update: Update, context: JunziContext) -> None:
        user = update.effective_user
        if user is None or update.effective_chat is None or _is_somebody_else(update, user):
            return
        if await _enter(update, context):
            await handler(context)

    return callback


async def _enter(update: Update, context: JunziContext) -> bool:
    """Find out who speaks. False: nobody that can be answered."""
    user = update.effective_user
    if user is None or update.effective_chat is None:
        return False
    context.incoming = update
    context.voice = context.lab.voices.for_language(user.language_code)
    if _is_somebody_else(update, user):
        await context.answer(Saying("access.not_in_person"))
        return False
    context.speaker = await context.lab.members.who(context.account)
    if context.speaker is not None and context.speaker.language is not None:
        context.voice = context.lab.voices.for_member(context.speaker)
    return True


def _is_somebody_else(update: Update, user: User) -> bool:
    """A bot, a channel or an anonymous admin, or somebody else's words that were forwarded."""
    message = update.message
    return user.is_bot or (
        message is not None and (message.sender_chat is not None or message.forward_origin is not None)
    )


def _refusal(context: JunziContext, right: Right) -> Saying | None:
    if right is Right.EVERYONE or (right is Right.LAB and context.chat.id == context.lab.group):
        return None
    if context.speaker is None:
        logger.info("refused a stranger, telegram id %d", context.account.telegram_id)
        return Saying("access.stranger")
    if right is Right.ADMIN and not context.speaker.is_admin:
        logger.info("refused %s, who is no admin", context.speaker.unix_name)
        return Saying("access.admins_only")
    return None


async def _refuse(context: JunziContext, refusal: Saying) -> None:
    if context.incoming.callback_query is not None:
        await context.pop_up(refusal, alert=True)
    else:
        await context.answer(refusal)


async def _in_private(context: JunziContext, handler: Handler) -> None:
    """Private matters go to the private chat; who asked is pointed there."""
    context.in_private = True
    try:
        await handler(context)
    except Never:
        context.in_private = False
        link = Button(Saying("access.open_chat"), url=claim_link(context.lab.bot_name, PLAIN_START), style=Style.BLUE)
        await context.answer(Message(Saying("access.press_start"), ((link,),)))
        return
    context.in_private = False
    await context.point(Saying("access.sent_in_private"))
