"""/mount, /unmount for admins; /datasets for everybody: host folders in containers."""

from __future__ import annotations

from bot.context import JunziContext
from bot.domain.mount import read_mount
from bot.domain.saying import Message, Saying
from bot.domain.upkeep import NotDone
from bot.views import datasets as views
from handlers.whose import by, named, not_done, unknown

EVERYBODY = frozenset({"all", "全部", "所有"})
TEMPLATE = frozenset({"template", "模板"})


async def mount(context: JunziContext) -> None:
    """`/mount zhangsan|all|template /srv/imagenet /mnt/imagenet [rw]`."""
    words = context.words.split()
    dataset = read_mount(words[1:])
    if dataset is None:
        await context.answer(Saying("mount.usage"))
        return
    names = await _meant(context, words[0])
    if names is None:
        await unknown(context, words[0])
        return
    outcome = await context.lab.configuration.datasets.mount(names, dataset, by(context))
    await context.answer(not_done(outcome) if isinstance(outcome, NotDone) else views.mounted(outcome, dataset))


async def unmount(context: JunziContext) -> None:
    """`/unmount zhangsan|all|template /mnt/imagenet`."""
    words = context.words.split()
    if len(words) != 2:
        await context.answer(Saying("mount.usage_unmount"))
        return
    names = await _meant(context, words[0])
    if names is None:
        await unknown(context, words[0])
        return
    path = words[1].rstrip("/") or "/"
    outcome = await context.lab.configuration.datasets.unmount(names, path, by(context))
    await context.answer(not_done(outcome) if isinstance(outcome, NotDone) else views.unmounted(outcome, path))


async def _meant(context: JunziContext, word: str) -> tuple[str, ...] | None:
    """A member's container by its name, every one and the template, or the template alone."""
    record = await named(context, word)
    if record is not None:
        return (record.name,)
    datasets = context.lab.configuration.datasets
    if word.lower() in EVERYBODY:
        return await datasets.everybody()
    template = await datasets.template()
    return (template,) if word.lower() in TEMPLATE or word == template else None


async def datasets(context: JunziContext) -> None:
    """What one's own container sees; an admin without one reads who sees what."""
    service = context.lab.configuration.datasets
    record = await context.lab.containers.of(context.member)
    answer: Message | Saying
    if context.member.is_admin:
        everything = await service.seen_anywhere()
        answer = not_done(everything) if isinstance(everything, NotDone) else views.for_an_admin(everything)
    elif record is None:
        answer = Saying("container.none")
    else:
        seen = await service.seen_in(record)
        answer = not_done(seen) if isinstance(seen, NotDone) else views.for_a_member(seen)
    await context.answer(answer)
