"""/adopt: containers that are there already move in, as they are."""

from __future__ import annotations

from bot.context import JunziContext
from bot.domain.adoption import Adopted, AdoptionWish, NotAdopted, fingerprint, read_adoption
from bot.domain.saying import Saying
from bot.domain.table import as_csv
from bot.views import adopting as views

MOST_LINKS_IN_A_MESSAGE = 20


async def adopt(context: JunziContext) -> None:
    """`/adopt liren [@telegram or unix name] [port]`, `/adopt all`."""
    if context.words.strip().lower() in ("all", "全部"):
        found = await context.lab.adopting.found()
        await context.answer(found if isinstance(found, Saying) else views.found_all(found))
        return
    wish = read_adoption(context.words)
    if wish is None:
        await context.answer(Saying("adopt.usage"))
        return
    outcome = await context.lab.adopting.adopt(context.member, wish, context.origin)
    if isinstance(outcome, Adopted):
        await context.answer(views.adopted(outcome, context.lab.bot_name, wish.telegram))
    else:
        await context.answer(views.not_adopted(outcome))


async def pressed(context: JunziContext, arguments: list[str]) -> None:
    """`adopt:all:SHOWN`: just what was shown; if that has changed, it is shown again."""
    action, shown = arguments
    await context.pop_up()
    if action != "all":
        await context.change_pressed(Saying("operation.dropped"))
        return
    found = await context.lab.adopting.found()
    if isinstance(found, Saying):
        await context.answer(found)
    elif fingerprint(found) != shown:
        await context.change_pressed(views.found_all(found))
    else:
        await context.change_pressed(Saying("adopt.at_it"))
        await _adopt_all(context, [one.name for one in found if one.refusal is None])


async def _adopt_all(context: JunziContext, names: list[str]) -> None:
    done: list[Adopted] = []
    failed: list[NotAdopted] = []
    for name in names:
        outcome = await context.lab.adopting.adopt(context.member, AdoptionWish(name), f"{context.origin}:{name}")
        if isinstance(outcome, Adopted):
            done.append(outcome)
        else:
            failed.append(outcome)
    bot_name = context.lab.bot_name
    if len(done) > MOST_LINKS_IN_A_MESSAGE:
        rows = [(one.member.unix_name, one.found.name, views.link_of(one, bot_name)) for one in done]
        content = as_csv(("member", "container", "link"), rows)
        context.in_private = True
        await context.answer_document("claim-links.csv", content, Saying("adopt.links_file"))
        await context.change_pressed(views.adopted_all((), failed, bot_name))
    else:
        await context.change_pressed(views.adopted_all(done, failed, bot_name))
