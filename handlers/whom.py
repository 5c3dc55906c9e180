"""Whose records are meant: an admin may ask for anybody's or for everybody's, anybody else reads their own."""

from __future__ import annotations

from typing import Literal

from bot.context import JunziContext
from bot.domain.member import Member
from bot.domain.saying import Saying

Everybody = Literal["everybody"]


async def whom(context: JunziContext) -> Member | Everybody | None:
    """`all`, or a member by name; None if there is no such member, which the asker has been told."""
    word = context.words.strip()
    if not word or not context.member.is_admin:
        return context.member
    if word == "all":
        return "everybody"
    found = await context.lab.members.by_name(word)
    if found is None:
        await context.answer(Saying("looks.no_member", {"name": word}))
    return found
