"""/ics: bookings as a file that the calendar of a phone or a mail program opens."""

from __future__ import annotations

from bot.context import JunziContext
from bot.domain.errors import Never
from bot.domain.icalendar import calendar_file
from bot.domain.member import Member
from bot.domain.saying import Saying
from bot.views.ics import events

LAB_WORDS = frozenset({"lab", "all", "全部", "实验室"})


async def ics(context: JunziContext) -> None:
    """`/ics`: one's own bookings that are not over; `/ics lab`: everybody's."""
    await _send(context, None if LAB_WORDS & set(context.words.lower().split()) else context.member)


async def ics_pressed(context: JunziContext, _arguments: list[str]) -> None:
    """The button under a calendar. A file in the group would be in everybody's way: it goes to the private chat."""
    context.in_private = True
    try:
        await _send(context, context.member)
    except Never:
        await context.pop_up(Saying("ics.press_start"), alert=True)
    else:
        await context.pop_up(None if context.is_private else Saying("access.sent_in_private"))


async def _send(context: JunziContext, whose: Member | None) -> None:
    agenda = await context.lab.looks.agenda()
    found = events(agenda, whose, context.lab.name, context.voice.plain)
    if not found:
        await context.answer(Saying("ics.none"))
        return
    name = context.voice.plain("calendar.file_name")
    content = calendar_file(found, f"{context.lab.name}: {name}", agenda.now)
    await context.answer_document(f"{name}.ics", content, Saying("calendar.file_caption"))
