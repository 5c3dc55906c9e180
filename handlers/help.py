"""/help, /help TOPIC and the topics' buttons: how everything is done, with the reader's own host, port and name."""

from __future__ import annotations

from bot.context import JunziContext
from bot.domain.errors import Never
from bot.domain.saying import Message, Saying
from bot.domain.topic import BY_NAME, find_topic
from bot.views import help as views


async def help_(context: JunziContext) -> None:
    """Alone: what to type, by role. With a word: that topic."""
    if context.speaker is None:
        await context.answer(Saying("start.stranger", {"lab": context.lab.name}))
        return
    words = context.words.strip()
    await context.answer(await _about(context, words) if words else views.overview(admin=context.member.is_admin))


async def help_pressed(context: JunziContext, arguments: list[str]) -> None:
    """`help:TOPIC`; `help:all`, `help:student` and `help:admin` are the pages with the topics."""
    if context.speaker is None:
        await context.pop_up(Saying("start.stranger", {"lab": context.lab.name}), alert=True)
        return
    name, admin = arguments[0], context.member.is_admin
    if name in ("all", "student", "admin"):
        message = views.overview(admin=admin, as_student=name == "student")
    elif name in BY_NAME and (admin or not BY_NAME[name].for_admins):
        message = await topic_page(context, name)
    else:
        await context.pop_up(Saying("access.outdated_button"), alert=True)
        return
    if context.is_private or context.pressed_alone:
        await context.pop_up()
        await context.change_pressed(message)
        return
    # Under a message that everybody sees: what is somebody's own is not put in its place.
    try:
        context.in_private = True
        await context.answer(message)
    except Never:
        await context.pop_up(Saying("access.press_start"), alert=True)
    else:
        await context.pop_up(Saying("access.sent_in_private"))


async def how_pressed(context: JunziContext, arguments: list[str]) -> None:
    """`how:TOPIC`: the topic in a message of its own, under one that must stay as it is (a password, a warning)."""
    name = arguments[0]
    if name not in BY_NAME or BY_NAME[name].for_admins:
        await context.pop_up(Saying("access.outdated_button"), alert=True)
        return
    await context.pop_up()
    await context.answer(await topic_page(context, name))


async def _about(context: JunziContext, words: str) -> Message:
    topic = find_topic(words, admin=context.member.is_admin)
    if topic is None:
        return views.unknown(words, admin=context.member.is_admin)
    return await topic_page(context, topic.name)


async def topic_page(context: JunziContext, name: str) -> Message:
    """One topic, filled in for who asks."""
    reader = await context.lab.containers.reader(context.member, context.lab.name)
    return views.page(BY_NAME[name], reader)
