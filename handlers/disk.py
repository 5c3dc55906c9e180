"""/disk: what fills one's disk."""

from __future__ import annotations

from bot.context import JunziContext
from bot.domain.saying import Saying
from bot.domain.upkeep import NotDone
from bot.views import backups as views
from handlers.whose import not_done, own_or_named


async def disk(context: JunziContext) -> None:
    record, _ = await own_or_named(context, context.words.split())
    if record is None:
        await context.answer(Saying("container.none"))
        return
    message_id = await context.answer(Saying("disk.counting"))
    seen = await context.lab.configuration.backups.disk(record)
    await context.change(message_id, not_done(seen) if isinstance(seen, NotDone) else views.disk(seen))
