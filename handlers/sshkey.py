"""/sshkey: list, add and remove the keys that open one's container without a password."""

from __future__ import annotations

from bot.context import JunziContext
from bot.domain.saying import Saying
from bot.domain.upkeep import NotDone
from bot.views.ssh_keys import keys
from handlers.whose import by, not_done, own_or_named

REMOVE = frozenset({"remove", "delete", "rm", "删", "删除"})
ADD = frozenset({"add", "加", "添加"})


async def sshkey(context: JunziContext) -> None:
    """A pasted key may be broken over lines by the app: what was typed is taken as it is."""
    message = context.incoming.effective_message
    text = (message.text or "" if message is not None else "").partition(" ")[2].strip()
    record, words = await own_or_named(context, text.split())
    if record is None:
        await context.answer(Saying("container.none"))
        return
    service = context.lab.configuration.ssh_keys
    if words != text.split():
        text = text.partition(" ")[2].strip()
    first, _, rest = text.partition(" ")
    if not text:
        outcome = await service.all(record)
    elif first.lower() in REMOVE:
        outcome = await service.remove(record, rest.strip(), by(context))
    else:
        outcome = await service.add(record, rest if first.lower() in ADD else text, by(context))
    await context.answer(not_done(outcome) if isinstance(outcome, NotDone) else keys(outcome))


async def take_key(context: JunziContext, text: str) -> None:
    """A key that was sent without its command: the way /sshkey asks for it, but for the first word."""
    record = await context.lab.containers.of(context.member)
    if record is None:
        await context.answer(Saying("container.none"))
        return
    outcome = await context.lab.configuration.ssh_keys.add(record, text.strip(), by(context))
    await context.answer(not_done(outcome) if isinstance(outcome, NotDone) else keys(outcome))
