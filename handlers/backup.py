"""/backup zhangsan, /autosnapshot zhangsan daily 7d."""

from __future__ import annotations

import logging

from bot.context import JunziContext
from bot.domain.errors import Undelivered
from bot.domain.saying import Saying
from bot.domain.schedule import read_schedule
from bot.domain.upkeep import Batch, NotDone
from bot.views import backups as views
from handlers.whose import by, named, not_done, unknown

logger = logging.getLogger("junzi.backups")

EVERYBODY = frozenset({"all", "全部", "所有"})


async def backup(context: JunziContext) -> None:
    """One message tells how far it is, and in the end where the file is."""
    words = context.words.split()
    if len(words) not in (1, 2):
        await context.answer(Saying("backup.usage", {"folder": context.lab.configuration.backups.folder}))
        return
    record = await named(context, words[0])
    if record is None:
        await unknown(context, words[0])
        return
    message_id = await context.answer(views.exporting(record.name, 0))
    shown = [0]

    async def on_bytes(written: int) -> None:
        if written == shown[0]:
            return
        shown[0] = written
        try:
            await context.change(message_id, views.exporting(record.name, written))
        except Undelivered as exc:
            logger.info("progress of the export of %s was not shown: %s", record.name, exc)

    folder = words[1] if len(words) == 2 else ""
    outcome = await context.lab.configuration.backups.export(record, folder, on_bytes, by(context))
    await context.change(message_id, not_done(outcome) if isinstance(outcome, NotDone) else views.exported(outcome))


async def autosnapshot(context: JunziContext) -> None:
    """`/autosnapshot zhangsan|all hourly|daily|weekly|off [7d]`: LXD's own schedule and expiry."""
    words = context.words.split()
    schedule = read_schedule(words[1:])
    if schedule is None:
        await context.answer(Saying("backup.usage_schedule"))
        return
    record = await named(context, words[0])
    records = [record] if record is not None else []
    if not records and words[0].lower() in EVERYBODY:
        records = list(await context.lab.configuration.workshop.ready())
    if not records:
        await unknown(context, words[0])
        return
    done, failed = [], {}
    for one in records:
        outcome = await context.lab.configuration.backups.schedule(one, schedule, by(context))
        if outcome is None:
            done.append(one.name)
        else:
            failed[one.name] = outcome.why
    await context.answer(views.scheduled(Batch(tuple(done), failed), schedule))
