"""/template: which there are, which is the default, a new one of somebody's container or of the script."""

from __future__ import annotations

import logging

from bot.context import JunziContext
from bot.domain.errors import Undelivered
from bot.domain.saying import Code, Message, Saying
from bot.domain.upkeep import NotDone
from bot.views import templates as views
from handlers.whose import by, named, not_done, unknown

logger = logging.getLogger("junzi.templates")

DEFAULT = frozenset({"default", "默认"})
PUBLISH = frozenset({"publish", "发布"})
BUILD = frozenset({"build", "构建"})


async def template(context: JunziContext) -> None:
    """`/template`, `/template default NAME`, `/template publish zhangsan [NAME]`, `/template build BASE [NAME]`."""
    words = context.words.split()
    verb = words[0].lower() if words else ""
    if not words:
        await context.answer(await _listed(context))
    elif verb in DEFAULT and len(words) == 2:
        await context.answer(await _chosen(context, words[1]))
    elif verb in PUBLISH | BUILD and len(words) in (2, 3):
        await _make(context, words[1], words[2] if len(words) == 3 else "", build=verb in BUILD)
    else:
        await context.answer(Saying("template.usage"))


async def template_pressed(context: JunziContext, arguments: list[str]) -> None:
    await context.pop_up()
    await context.change_pressed(await _chosen(context, arguments[0]))


async def _listed(context: JunziContext) -> Message:
    seen = await context.lab.configuration.templates.seen()
    return not_done(seen) if isinstance(seen, NotDone) else views.listed(seen)


async def _chosen(context: JunziContext, name: str) -> Message:
    refused = await context.lab.configuration.templates.set_default(name, by(context))
    return not_done(refused) if refused is not None else Message(Saying("template.chosen", {"name": Code(name)}))


async def _make(context: JunziContext, source: str, name: str, *, build: bool) -> None:
    record = await named(context, source)
    if record is None and not build:
        await unknown(context, source)
        return
    templates = context.lab.configuration.templates
    message_id = await context.answer(Saying("template.at_it", {"step": Saying("template.step_copy")}))

    async def on_step(step: str) -> None:
        try:
            await context.change(message_id, Saying("template.at_it", {"step": Saying(f"template.step_{step}")}))
        except Undelivered as exc:
            logger.info("progress of a template was not shown: %s", exc)

    if build or record is None:
        outcome = await templates.build(source, name, by(context), on_step)
    else:
        outcome = await templates.publish(record, name, by(context), on_step)
    await context.change(message_id, not_done(outcome) if isinstance(outcome, NotDone) else views.made(outcome))
