"""/limit zhangsan cpu=4 memory=32GiB disk=200GiB; the name alone shows what holds."""

from __future__ import annotations

from bot.context import JunziContext
from bot.domain.limits import read_limits
from bot.domain.saying import Saying
from bot.domain.upkeep import NotDone
from bot.domain.user_options import OptionFault
from bot.views.limits import limits
from handlers.whose import by, named, not_done, unknown


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
    outcome = await (service.limit(record, wish, by(context)) if words[1:] else service.seen(record))
    if isinstance(outcome, NotDone):
        await context.answer(not_done(outcome))
    else:
        await context.answer(limits(outcome, changed=bool(words[1:])))
