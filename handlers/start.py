"""/start: the greeting by role, and the claim link that makes an account a member, opened or pasted."""

from __future__ import annotations

from telegram import Message as TelegramMessage
from telegram.ext import filters

from bot.context import JunziContext
from bot.domain.claim_link import PLAIN_START, pasted_code
from bot.domain.saying import Button, Message, Saying, Style
from bot.services.members import Claimed
from bot.views.containers import access_message


class HasClaimLink(filters.MessageFilter):
    def filter(self, message: TelegramMessage) -> bool:
        return _code_of(message) is not None


async def start(context: JunziContext) -> None:
    """`/start CODE` comes from a claim link; plain `/start` greets. A code typed in a group is not taken."""
    code = context.words.strip()
    if code and code != PLAIN_START and context.is_private:
        await _claim(context, code)
    elif context.speaker is None:
        await context.answer(Saying("start.stranger", {"lab": context.lab.name}))
    else:
        await context.answer(greeting(context))


async def pasted_link(context: JunziContext) -> None:
    """A link that a browser could not open, sent as it is."""
    said = context.incoming.message
    code = None if said is None else _code_of(said)
    if code is not None:
        await _claim(context, code)


def _code_of(message: TelegramMessage) -> str | None:
    return None if message.text is None else pasted_code(message.text)


def greeting(context: JunziContext) -> Message:
    """Three things to start with, by role."""
    member = context.member
    key = "start.admin" if member.is_admin else "start.student"
    rows: list[tuple[Button, ...]] = [
        (Button(Saying("start.button_gpus"), "gpus"), Button(Saying("start.button_book"), "new", style=Style.GREEN)),
    ]
    if not member.is_admin:
        rows.append((Button(Saying("start.button_container"), "mycontainer"),))
    rows.append((Button(Saying("start.button_help"), "help:adduser" if member.is_admin else "help:first"),))
    return Message(Saying(key, {"name": member.display_name, "lab": context.lab.name}), tuple(rows))


async def _claim(context: JunziContext, code: str) -> None:
    outcome = await context.lab.members.claim(code, context.account)
    if not isinstance(outcome, Claimed):
        await context.answer(Saying(f"claim.{outcome.reason}", {"username": outcome.username}))
        return
    context.speaker = outcome.member
    record = await context.lab.containers.of(outcome.member)
    if record is None:
        await context.answer(greeting(context))
        return
    waiting = await context.answer(Saying("claim.welcome", {"name": outcome.member.display_name}))
    access = await context.lab.containers.first_access(record, outcome.member, context.origin)
    await context.change(waiting, access_message(access, first=True))
