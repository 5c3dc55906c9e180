"""Which container is meant: an admin may name anybody's, a student means their own."""

from __future__ import annotations

from bot.context import JunziContext
from bot.domain.container import InstanceRecord, InstanceState
from bot.domain.saying import Code, Message, Saying
from bot.domain.upkeep import NotDone
from bot.services.workshop import By


def by(context: JunziContext) -> By:
    return By(context.member, context.origin)


async def named(context: JunziContext, name: str) -> InstanceRecord | None:
    """The member's container of that name; one that is being made is none yet."""
    record = await context.lab.containers.record(name)
    return record if record is not None and record.state is InstanceState.READY else None


async def own_or_named(context: JunziContext, words: list[str]) -> tuple[InstanceRecord | None, list[str]]:
    """A student's own container and all words; an admin may begin with the name of anybody's."""
    if words and context.member.is_admin:
        record = await named(context, words[0])
        if record is not None:
            return record, words[1:]
    return await context.lab.containers.of(context.member), words


async def pressable(context: JunziContext, name: str) -> InstanceRecord | None:
    """Who may press a button about this container: its owner and admins; others are told."""
    record = await named(context, name)
    if record is None or not (context.member.is_admin or record.member_id == context.member.id):
        await context.pop_up(Saying("refused.not_yours"), alert=True)
        return None
    return record


async def unknown(context: JunziContext, name: str) -> None:
    await context.answer(Saying("upkeep.no_container", {"name": Code(name)}))


def not_done(outcome: NotDone) -> Message:
    return Message(Saying("upkeep.not_done", {"why": outcome.why}))
