"""/mycontainer and its buttons, /password. Only one's own container; an admin may press for anybody's."""

from __future__ import annotations

import logging

from bot.context import JunziContext
from bot.domain.container import ContainerView, InstanceRecord, NoContainer
from bot.domain.errors import InstanceError
from bot.domain.sample import InInstance
from bot.domain.saying import Message, Saying
from bot.domain.upkeep import NotDone
from bot.services.workshop import By
from bot.views.containers import access_message, confirm, container_message, failed

logger = logging.getLogger("junzi.containers")


async def mycontainer(context: JunziContext) -> None:
    """At once; where LXD can't say how full the disk is, that is counted and the message changed."""
    record = await context.lab.containers.of(context.member)
    view = await context.lab.containers.view(record) if record else None
    if record is None or view is None or isinstance(view, NoContainer):
        await context.answer(view.why if isinstance(view, NoContainer) else Saying("container.none"))
        return
    counting = _is_to_count(context, view)
    message_id = await context.answer(await _message(context, view, counting=counting))
    if counting:
        await context.change(message_id, await _message(context, await _counted(context, view)))


async def password(context: JunziContext) -> None:
    """A new password, shown once, to its owner, in private."""
    record = await context.lab.containers.of(context.member)
    if record is None:
        await context.answer(Saying("container.none"))
        return
    access = await context.lab.containers.access(record, context.member, context.origin)
    await context.answer(access_message(access, of_ones_own=bool(context.words.strip())))


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
    return await _message(context, view)


async def _message(context: JunziContext, view: ContainerView, *, counting: bool = False) -> Message:
    counted = context.lab.configuration.disk_counts.remembered(view.record.name)
    set_aside = await context.lab.configuration.assignments.set_aside(view.record)
    cards = await context.lab.reservations.cards()
    return container_message(view.with_disk(counted), cards, set_aside=set_aside, counting=counting)


def _is_to_count(context: JunziContext, view: ContainerView) -> bool:
    known = view.usage is None or view.usage.disk_bytes is not None
    remembered = context.lab.configuration.disk_counts.remembered(view.record.name)
    return view.instance.is_running and not known and remembered is None


async def _counted(context: JunziContext, view: ContainerView) -> ContainerView:
    try:
        return view.with_disk(await context.lab.configuration.disk_counts.used(view.instance))
    except InstanceError as error:
        logger.warning("the disk of %s: %s", view.record.name, error)
        return view


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
