"""Finds out what the Bot API server knows and the bot may, harmlessly: nothing is sent.

A method that the server knows refuses a call without parameters with 400; one that it does not know answers 404.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable
from typing import Any

from telegram import Bot, ChatMember, ChatMemberAdministrator
from telegram.error import BadRequest, EndPointNotFound, Forbidden, InvalidToken, TelegramError

from bot.domain.ability import Abilities

logger = logging.getLogger("junzi.abilities")


async def find_out(bot: Bot, group: int | None) -> Abilities:
    """Every doubt counts as "no". A method that came with a feature stands for it."""
    known = {
        "date_times": await _knows(bot.set_chat_member_tag(0, 0)),  # Bot API 9.5
        "rich": await _knows(bot.do_api_request("sendRichMessage", api_kwargs={})),  # 10.1
        "whispers": await _knows(bot.do_api_request("deleteEphemeralMessage", api_kwargs={})),  # 10.2
    }
    rights = await _rights(bot, group) if group is not None else {}
    return Abilities(**{**known, **rights})


async def _knows(call: Awaitable[object]) -> bool:
    """python-telegram-bot reads a 404 as a wrong token where it knows the method; the token was accepted before."""
    try:
        await call
    except (EndPointNotFound, InvalidToken):
        return False
    except (BadRequest, Forbidden):
        return True
    except TelegramError as exc:
        logger.info("a feature of the server could not be tried (%s); it counts as missing", exc)
        return False
    return True


async def _rights(bot: Bot, group: int) -> dict[str, bool]:
    try:
        member: ChatMember = await bot.get_chat_member(group, bot.id)
    except TelegramError as exc:
        logger.warning("the bot's rights in the group can't be read: %s", exc)
        return {}
    admin = member if isinstance(member, ChatMemberAdministrator) else None
    extra: dict[str, Any] = dict(admin.api_kwargs) if admin else {}
    return {
        "is_admin": admin is not None,
        "may_pin": bool(admin and admin.can_pin_messages),
        "may_tag": bool(admin and (getattr(admin, "can_manage_tags", None) or extra.get("can_manage_tags"))),
    }
