"""/limit zhangsan cpu=4 memory=32GiB disk=200GiB; the name alone shows what holds."""

from __future__ import annotations

import asyncio

from bot.context import JunziContext
from bot.domain.limits import read_limits
from bot.domain.saying import Saying
from bot.domain.upkeep import NotDone
from bot.domain.user_options import OptionFault
from bot.views.limits import limits
from handlers.whose import by, named, not_done, unknown

SOON_SECONDS = 1.0


async def limit(context: JunziContext) -> None:
    words = context.words.split()
    if not words:
        await context.answer(Saying("limit.usage"))
        return
    record = await named(context, words[0])
    if record is None:
        await unknown(context, words[0])
        return
    try:
        wish = read_limits(words[1:])
    except OptionFault as wrong:
        await context.answer(Saying(f"option.{wrong.key}", wrong.values))
        return
    service = context.lab.configuration.limits
    work = asyncio.ensure_future(service.limit(record, wish, by(context)) if words[1:] else service.seen(record))
    await asyncio.wait({work}, timeout=SOON_SECONDS)
    # Where LXD has no figure for the disk, it is counted.
    message_id = None if work.done() else await context.answer(Saying("limit.at_it"))
    outcome = await work
    said = not_done(outcome) if isinstance(outcome, NotDone) else limits(outcome, changed=bool(words[1:]))
    await (context.answer(said) if message_id is None else context.change(message_id, said))
