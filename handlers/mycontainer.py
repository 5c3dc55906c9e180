"""/mycontainer and its buttons, /password. Only one's own container; an admin may press for anybody's."""

from __future__ import annotations

from bot.context import JunziContext
from bot.domain.container import InstanceRecord, NoContainer
from bot.domain.sample import InInstance
from bot.domain.saying import Message, Saying
from bot.domain.upkeep import NotDone
from bot.services.workshop import By
from bot.views.containers import access_message, confirm, container_message, failed


async def mycontainer(context: JunziContext) -> None:
    record = await context.lab.containers.of(context.member)
    await context.answer(await view_of(context, record) if record else Saying("container.none"))


async def password(context: JunziContext) -> None:
    """A new password, shown once, to its owner, in private."""
    record = await context.lab.containers.of(context.member)
    if record is None:
        await context.answer(Saying("container.none"))
        return
    access = await context.lab.containers.access(record, context.member, context.origin)
    await context.answer(access_message(access))


async def show(context: JunziContext, _arguments: list[str]) -> None:
    """The "My container" button: always a message of its own, in the presser's private chat."""
    await context.pop_up()
    context.in_private = True
    await mycontainer(context)


async def pressed(context: JunziContext, arguments: list[str]) -> None:
    """`container:ACTION:NAME`. `ACTION?` asks first, `ACTION!` is by force."""
    action, name = arguments
    record = await context.lab.containers.record(name)
    if record is None or not (context.member.is_admin or record.member_id == context.member.id):
        await context.pop_up(Saying("refused.not_yours"), alert=True)
        return
    if action == "password":
        await _new_password(context, record)
        return
    if action in ("stop?", "restart?"):
        await context.pop_up()
        await context.change_pressed(confirm(action.rstrip("?"), name, runs_in(context, name)))
        return
    await context.pop_up()
    if action in ("start", "stop", "restart", "stop!", "restart!", "nocards"):
        doing = "start" if action == "nocards" else action.rstrip("!")
        await context.change_pressed(Saying("container.at_it", {"what": Saying(f"container.doing_{doing}")}))
    await context.change_pressed(await done(context, action, record))


async def _new_password(context: JunziContext, record: InstanceRecord) -> None:
    """For its owner alone: an admin who pressed it would lock the student out and read their password."""
    if record.member_id != context.member.id:
        await context.pop_up(Saying("refused.not_yours"), alert=True)
        return
    await context.pop_up()
    context.in_private = True
    await context.answer(access_message(await context.lab.containers.access(record, context.member, context.origin)))


async def done(context: JunziContext, action: str, record: InstanceRecord) -> Message:
    """Do it, and show the container or what went wrong."""
    by_member, origin, containers = context.member, context.origin, context.lab.containers
    assignments = context.lab.configuration.assignments
    why: Saying | None = None
    plain, force = action.rstrip("!"), action.endswith("!")
    if plain == "start":
        why = await containers.start(record, by_member, origin)
    elif plain == "stop":
        why = await containers.stop(record, by_member, origin, force=force)
    elif plain == "restart":
        why = await containers.restart(record, by_member, origin, force=force)
    elif plain in ("nocards", "giveback"):
        act = assignments.start_without_cards if plain == "nocards" else assignments.give_back
        outcome = await act(record, By(by_member, origin))
        why = outcome.why if isinstance(outcome, NotDone) else None
    if why is None:
        return await view_of(context, record)
    last_words = await context.lab.configuration.workshop.last_words(record) if why.key == "fault.other" else ""
    return failed(plain, record.name, why, last_words)


async def view_of(context: JunziContext, record: InstanceRecord) -> Message:
    view = await context.lab.containers.view(record)
    if isinstance(view, NoContainer):
        return Message(view.why)
    set_aside = await context.lab.configuration.assignments.set_aside(record)
    return container_message(view, await context.lab.reservations.cards(), set_aside=set_aside)


def runs_in(context: JunziContext, name: str) -> int | None:
    """Processes of that container on any card by the last poll; None if a card could not be read."""
    sample = context.lab.observed.sample
    if sample is None or sample.trouble is not None:
        return None
    pids: set[int] = set()
    for reading in sample.cards:
        if not isinstance(reading.processes, tuple):
            return None
        pids |= {p.pid for p in reading.processes if isinstance(p.origin, InInstance) and p.origin.instance == name}
    return len(pids)
