"""/archive, /restoreuser, /deluser: somebody leaves, comes back, or is gone for good."""

from __future__ import annotations

import logging
from datetime import timedelta

from bot.context import JunziContext
from bot.domain.archive import Archived, Deleted, NotDone, Restored
from bot.domain.errors import Undelivered
from bot.domain.saying import Message, Saying
from bot.services.deletion import CODE_LASTS
from bot.services.operations import OnStep
from bot.views import archives as views
from bot.views.operations import not_done_saying, operation_progress
from handlers.mycontainer import runs_in

logger = logging.getLogger("junzi.archives")

STEPS = {
    "archive": ("stop", "snapshot", "rename", "protect"),
    "restoreuser": ("rename", "unprotect", "start", "ssh", "tidy"),
    "deluser": ("unprotect", "delete"),
}
LONGEST_DAYS = 3650


async def archive(context: JunziContext) -> None:
    """`/archive zhangsan [days]` asks; `/archive` lists what is kept."""
    words = context.words.split()
    if not words:
        await context.answer(views.archives(await context.lab.archives.all()))
        return
    days = words[1] if len(words) == 2 else str(context.lab.archives.keep.days)
    if len(words) > 2 or not days.isdecimal() or not 1 <= int(days) <= LONGEST_DAYS:
        await context.answer(Saying("archive.usage"))
        return
    await context.answer(await _ask_archive(context, words[0], int(days)))


async def _ask_archive(context: JunziContext, name: str, days: int) -> Message:
    farewell = await context.lab.archives.farewell(name)
    if isinstance(farewell, NotDone):
        return Message(farewell.why)
    if farewell.archive is not None:
        return Message(Saying("archive.already", {"name": name}))
    if not farewell.is_there:
        return Message(Saying("archive.no_container", {"name": name}))
    return views.ask_archive(farewell, timedelta(days=days), runs_in(context, name))


async def archive_pressed(context: JunziContext, arguments: list[str]) -> None:
    """`archive:ACTION:NAME:DAYS`; of an archive, its number instead of a name."""
    action, name, text = arguments
    days = int(text) if text.isdecimal() and int(text) > 0 else context.lab.archives.keep.days
    await context.pop_up()
    if action in ("go", "force"):
        await context.change_pressed(await _archive(context, name, days, force=action == "force"))
    elif action == "ask":
        await context.change_pressed(await _ask_archive(context, name, days))
    elif action == "delete":
        await _delete_offered(context, name)
    elif action == "keep":
        kept = await context.lab.archives.keep_longer(context.member, int(name), context.origin)
        await context.change_pressed(Saying("archive.gone") if kept is None else views.kept_longer(kept))
    else:
        await context.change_pressed(Saying("operation.dropped"))


async def _archive(context: JunziContext, name: str, days: int, *, force: bool) -> Message:
    on_step = _progress(context, "archive", name)
    keep = timedelta(days=days)
    outcome = await context.lab.archives.archive(context.member, name, on_step, context.origin, keep=keep, force=force)
    return views.archived(outcome) if isinstance(outcome, Archived) else views.not_done(name, outcome, days)


async def _delete_offered(context: JunziContext, number: str) -> None:
    kept = {str(archive.id): archive for archive, _ in await context.lab.archives.all()}
    if number not in kept:
        await context.change_pressed(Saying("archive.gone"))
        return
    farewell = await context.lab.archives.farewell(kept[number].name)
    await context.change_pressed(Message(farewell.why) if isinstance(farewell, NotDone) else views.ask_delete(farewell))


async def restoreuser(context: JunziContext) -> None:
    """`/restoreuser zhangsan`; without a name it lists what is kept."""
    words = context.words.split()
    if len(words) != 1:
        await context.answer(views.archives(await context.lab.archives.all()))
        return
    name = words[0]
    steps = STEPS["restoreuser"]
    message_id = await context.answer(operation_progress("restoreuser", name, steps, steps[0]))

    async def on_step(step: str) -> None:
        await _show(context, message_id, operation_progress("restoreuser", name, steps, step))

    outcome = await context.lab.returning.restore(context.member, name, on_step, context.origin)
    if isinstance(outcome, Restored):
        await context.change(message_id, views.restored(outcome, context.lab.bot_name))
    else:
        await context.change(message_id, Message(not_done_saying(name, outcome)))


async def deluser(context: JunziContext) -> None:
    """`/deluser zhangsan` asks; `/deluser zhangsan 4821`, with the code that was shown, does it."""
    words = context.words.split()
    if len(words) not in (1, 2):
        await context.answer(Saying("deluser.usage"))
        return
    if len(words) == 2:
        await _delete(context, words[0], words[1])
        return
    farewell = await context.lab.archives.farewell(words[0])
    await context.answer(Message(farewell.why) if isinstance(farewell, NotDone) else views.ask_delete(farewell))


async def deluser_pressed(context: JunziContext, arguments: list[str]) -> None:
    """`deluser:ask:NAME`: the first question is answered; the second is asked."""
    _, name = arguments
    await context.pop_up()
    code = await context.lab.deletion.ask(context.member, name)
    await context.change_pressed(views.ask_for_code(name, code, CODE_LASTS))


async def _delete(context: JunziContext, name: str, code: str) -> None:
    steps = STEPS["deluser"]
    message_id = await context.answer(operation_progress("deluser", name, steps, steps[0]))

    async def on_step(step: str) -> None:
        await _show(context, message_id, operation_progress("deluser", name, steps, step))

    outcome = await context.lab.deletion.delete(context.member, name, code, on_step, context.origin)
    if isinstance(outcome, Deleted):
        await context.change(message_id, views.deleted(outcome))
    else:
        await context.change(message_id, Message(not_done_saying(name, outcome)))


def _progress(context: JunziContext, kind: str, name: str) -> OnStep:
    async def on_step(step: str) -> None:
        try:
            await context.change_pressed(operation_progress(kind, name, STEPS[kind], step))
        except Undelivered as exc:  # the work matters more than its progress bar
            logger.info("progress of %s was not shown: %s", name, exc)

    return on_step


async def _show(context: JunziContext, message_id: int, message: Message) -> None:
    try:
        await context.change(message_id, message)
    except Undelivered as exc:
        logger.info("progress was not shown: %s", exc)
