"""/snapshot, /snapshots, /restore: one's own container; an admin may put anybody's name first."""

from __future__ import annotations

from bot.context import JunziContext
from bot.domain.container import InstanceRecord
from bot.domain.saying import Message, Saying
from bot.domain.upkeep import NotDone
from bot.views import snapshots as views
from handlers.whose import by, not_done, own_or_named, pressable


async def snapshot(context: JunziContext) -> None:
    """Named by what was typed, else by the time."""
    record, words = await own_or_named(context, context.words.split())
    if record is None:
        await context.answer(Saying("container.none"))
        return
    await context.answer(await _taken(context, record, "-".join(words) or _by_the_time(context)))


async def snapshots(context: JunziContext) -> None:
    record, _ = await own_or_named(context, context.words.split())
    await context.answer(Saying("container.none") if record is None else await _listed(context, record))


async def restore(context: JunziContext) -> None:
    """Says what will be lost, and asks."""
    record, words = await own_or_named(context, context.words.split())
    if record is None:
        await context.answer(Saying("container.none"))
    elif len(words) != 1:
        await context.answer(await _listed(context, record))
    else:
        await context.answer(await _asked(context, record, words[0]))


async def snapshot_pressed(context: JunziContext, arguments: list[str]) -> None:
    record = await pressable(context, arguments[0])
    if record is not None:
        await context.pop_up()
        await context.change_pressed(await _taken(context, record, _by_the_time(context)))


async def snapshots_pressed(context: JunziContext, arguments: list[str]) -> None:
    record = await pressable(context, arguments[0])
    if record is not None:
        await context.pop_up()
        await context.change_pressed(await _listed(context, record))


async def back_pressed(context: JunziContext, arguments: list[str]) -> None:
    record = await pressable(context, arguments[0])
    if record is not None:
        await context.pop_up()
        await context.change_pressed(await _asked(context, record, arguments[1]))


async def back_confirmed(context: JunziContext, arguments: list[str]) -> None:
    record = await pressable(context, arguments[0])
    if record is None:
        return
    await context.pop_up()
    await context.change_pressed(Saying("container.at_it", {"what": Saying("container.doing_restore")}))
    outcome = await context.lab.configuration.snapshots.restore(record, arguments[1], by(context))
    await context.change_pressed(not_done(outcome) if isinstance(outcome, NotDone) else views.restored(outcome))


async def drop_pressed(context: JunziContext, arguments: list[str]) -> None:
    record = await pressable(context, arguments[0])
    if record is not None:
        await context.pop_up()
        await context.change_pressed(views.ask_delete(record, arguments[1]))


async def drop_confirmed(context: JunziContext, arguments: list[str]) -> None:
    record = await pressable(context, arguments[0])
    if record is None:
        return
    await context.pop_up()
    outcome = await context.lab.configuration.snapshots.delete(record, arguments[1], by(context))
    await context.change_pressed(not_done(outcome) if outcome is not None else await _listed(context, record))


async def _taken(context: JunziContext, record: InstanceRecord, name: str) -> Message:
    outcome = await context.lab.configuration.snapshots.take(record, name, by(context))
    return not_done(outcome) if isinstance(outcome, NotDone) else views.taken(outcome)


async def _listed(context: JunziContext, record: InstanceRecord) -> Message:
    found = await context.lab.configuration.snapshots.all(record)
    return not_done(found) if isinstance(found, NotDone) else views.listed(record, found)


async def _asked(context: JunziContext, record: InstanceRecord, name: str) -> Message:
    way = await context.lab.configuration.snapshots.way_back(record, name)
    if isinstance(way, NotDone):
        return not_done(way)
    known = context.lab.observed.instances or {}
    running = known[record.name].is_running if record.name in known else None
    return views.ask_back(record, way, running)


def _by_the_time(context: JunziContext) -> str:
    return f"{context.lab.clock.now().astimezone(context.lab.zone):%m%d-%H%M}"
