"""/policy: the limits, and an admin's changes to them."""

from __future__ import annotations

from datetime import timedelta

from bot.context import JunziContext
from bot.domain.phrase import PhraseError, read_duration
from bot.domain.policy import FIELDS
from bot.domain.saying import Saying
from bot.views.policy import policy_message

NO_LIMIT = frozenset({"none", "off", "unlimited", "不限", "无"})
BACK = frozenset({"default", "reset", "默认"})
EVERYBODY = {
    "all": "all",
    "students": "role:student",
    "student": "role:student",
    "学生": "role:student",
    "所有人": "all",
}


async def policy(context: JunziContext) -> None:
    """Alone: shows the limits. For admins: `/policy longest 3d`, `/policy zhangsan cards 2`, `... default`."""
    words = context.words.split()
    if not words:
        await _show(context)
        return
    if not context.member.is_admin:
        await context.answer(Saying("access.admins_only"))
        return
    scope = await _scope(context, words[0]) if words[0] not in FIELDS else "all"
    rest = words if words[0] in FIELDS else words[1:]
    if scope is None:
        await context.answer(Saying("looks.no_member", {"name": words[0]}))
    elif len(rest) != 2 or rest[0] not in FIELDS:
        await context.answer(Saying("policy.usage"))
    else:
        await _change(context, scope, rest[0], rest[1])


async def _scope(context: JunziContext, word: str) -> str | None:
    if word in EVERYBODY:
        return EVERYBODY[word]
    member = await context.lab.members.by_name(word)
    return None if member is None else f"member:{member.unix_name}"


async def _change(context: JunziContext, scope: str, name: str, word: str) -> None:
    if word.lower() in BACK:
        await context.lab.policies.reset(context.member, scope, name, context.origin)
        await _show(context)
        return
    value = _value(name, word)
    if isinstance(value, Saying):
        await context.answer(value)
        return
    await context.lab.policies.change(context.member, scope, name, value, context.origin)
    await _show(context)


def _value(name: str, word: str) -> timedelta | int | float | Saying | None:
    """A length for `longest` and `ahead`, a number for `cards` and `hours`; the sentence that says what is wrong."""
    if name in ("longest", "ahead"):
        length = read_duration(word)
        return Saying(length.key, length.values) if isinstance(length, PhraseError) else length
    if word.lower() in NO_LIMIT:
        return None
    if not word.isdecimal() or int(word) < 1:
        return Saying("policy.bad_number", {"text": word})
    return int(word) if name == "cards" else float(word)


async def _show(context: JunziContext) -> None:
    general, overrides = await context.lab.policies.show()
    await context.answer(policy_message(general, overrides, is_admin=context.member.is_admin))
