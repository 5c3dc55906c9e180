"""A CSV file dropped into an admin's private chat: many new users at once."""

from __future__ import annotations

import logging

from telegram.ext import filters

from bot.context import JunziContext
from bot.domain.batch import MOST_BYTES, BatchState, Planned
from bot.domain.claim_link import claim_link
from bot.domain.errors import Undelivered
from bot.domain.saying import Saying
from bot.domain.table import as_csv
from bot.views import batch as views

logger = logging.getLogger("junzi.batch")

TABLES = (
    filters.Document.FileExtension("csv")
    | filters.Document.FileExtension("xlsx")
    | filters.Document.FileExtension("xls")
    | filters.Document.FileExtension("ods")
)


async def table(context: JunziContext) -> None:
    """Checked whole; says what it will do, and asks."""
    message = context.incoming.effective_message
    document = message.document if message is not None else None
    if document is None or not (document.file_name or "").lower().endswith(".csv"):
        await context.answer(Saying("batch.not_csv"))
        return
    if (document.file_size or 0) > MOST_BYTES:
        await context.answer(Saying("batch.too_big"))
        return
    file = await context.bot.get_file(document.file_id)
    plan = await context.lab.batches.plan(context.member, bytes(await file.download_as_bytearray()))
    await context.answer(views.planned(plan) if isinstance(plan, Planned) else views.faulty(plan))


async def pressed(context: JunziContext, arguments: list[str]) -> None:
    """`batch:go:TOKEN`: make them all, and tell in this message how far it is."""
    action, token = arguments
    await context.pop_up()
    if action != "go":
        await context.change_pressed(Saying("operation.dropped"))
        return

    async def on_change(state: BatchState) -> None:
        try:
            await context.change_pressed(views.progress(state))
        except Undelivered as exc:  # the containers matter more than their progress bar
            logger.info("progress of a batch was not shown: %s", exc)

    state = await context.lab.batches.run(context.member, token, on_change, context.origin)
    if state is None:
        await context.change_pressed(Saying("batch.outdated"))
        return
    links_below = len(state.done) > views.MOST_LINKS
    await context.change_pressed(views.summary(state, context.lab.bot_name, links_below=links_below))
    if links_below:
        await _send_links(context, state)


async def _send_links(context: JunziContext, state: BatchState) -> None:
    rows = [
        (name, str(added.record.ssh_port), claim_link(context.lab.bot_name, added.claim_code))
        for name, added in state.done.items()
    ]
    context.in_private = True
    await context.answer_document("claim-links.csv", as_csv(("name", "port", "link"), rows), Saying("adopt.links_file"))
