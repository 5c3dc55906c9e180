"""/port for one's own container, /ports for an admin: what leads in beside SSH."""

from __future__ import annotations

from bot.context import JunziContext
from bot.domain.container import InstanceRecord
from bot.domain.extra_port import SSH, read_port
from bot.domain.saying import Message, Saying
from bot.domain.upkeep import NotDone
from bot.views import ports as views
from handlers.whose import by, named, not_done, own_or_named, pressable, unknown

CLOSE = frozenset({"close", "关", "关闭"})


async def port(context: JunziContext) -> None:
    """`/port 8888` asks and opens, `/port` lists, `/port close 8888`."""
    record, words = await own_or_named(context, context.words.split())
    if record is None:
        await context.answer(Saying("container.none"))
        return
    closing = len(words) == 2 and words[0].lower() in CLOSE
    target = read_port(words[-1]) if len(words) == 1 or closing else None
    if not words:
        await context.answer(await _listed(context, record))
    elif target is None:
        await context.answer(Saying("port.usage"))
    elif closing:
        await context.answer(await _closed(context, record, target))
    elif target == SSH:
        await context.answer(Saying("port.ssh", {"port": str(record.ssh_port or "")}))
    else:
        seen = await context.lab.configuration.ports.seen(record)
        await context.answer(not_done(seen) if isinstance(seen, NotDone) else views.ask(seen, target))


async def ports(context: JunziContext) -> None:
    """Everybody's, or those of one container."""
    name = context.words.strip()
    if name:
        record = await named(context, name)
        if record is None:
            await unknown(context, name)
        else:
            await context.answer(await _listed(context, record))
        return
    instances = await context.lab.configuration.ports.everybodys()
    if isinstance(instances, NotDone):
        await context.answer(not_done(instances))
    else:
        await context.answer(views.everybodys(await context.lab.configuration.workshop.ready(), instances))


async def open_pressed(context: JunziContext, arguments: list[str]) -> None:
    record, target = await pressable(context, arguments[0]), read_port(arguments[1])
    if record is None or target is None:
        return
    await context.pop_up()
    outcome = await context.lab.configuration.ports.open(record, target, by(context))
    await context.change_pressed(not_done(outcome) if isinstance(outcome, NotDone) else views.opened(outcome))


async def close_pressed(context: JunziContext, arguments: list[str]) -> None:
    record, target = await pressable(context, arguments[0]), read_port(arguments[1])
    if record is None or target is None:
        return
    await context.pop_up()
    await context.change_pressed(await _closed(context, record, target))


async def ports_pressed(context: JunziContext, arguments: list[str]) -> None:
    record = await pressable(context, arguments[0])
    if record is not None:
        await context.pop_up()
        await context.change_pressed(await _listed(context, record))


async def _listed(context: JunziContext, record: InstanceRecord) -> Message:
    seen = await context.lab.configuration.ports.seen(record)
    return not_done(seen) if isinstance(seen, NotDone) else views.listed(seen)


async def _closed(context: JunziContext, record: InstanceRecord, target: int) -> Message:
    outcome = await context.lab.configuration.ports.close(record, target, by(context))
    return not_done(outcome) if isinstance(outcome, NotDone) else views.listed(outcome, closed=target)
