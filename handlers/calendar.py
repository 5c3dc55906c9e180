"""/calendar: who holds which card over the next days, as a picture with the same in words under it, or as text."""

from __future__ import annotations

from bot.context import JunziContext
from bot.domain.member import Member
from bot.domain.past import Past
from bot.domain.saying import Message
from bot.views.calendar import SPANS, calendar_caption, calendar_text
from bot.views.calendar_table import with_table

CAPTION_LIMIT = 1024  # UTF-16 units, after tags
TEXT_WORDS = frozenset({"text", "txt", "文字"})


async def calendar(context: JunziContext) -> None:
    """`/calendar`, `/calendar 7`, `/calendar text`."""
    words = context.words.lower().split()
    days = next((span for span in SPANS if str(span) in words), SPANS[0])
    if TEXT_WORDS & set(words):
        await context.answer(_text(context, await context.lab.drawing.agenda(days), days))
        return
    drawn = await context.lab.drawing.calendar(days, _viewer(context), context.voice)
    await context.answer_photo(drawn.png, _caption(context, drawn.past, days))


async def calendar_pressed(context: JunziContext, arguments: list[str]) -> None:
    """`calendar:picture:7`: the same message with another picture. A picture can't become text again: that is new."""
    form, days = arguments[0], int(arguments[1]) if arguments[1].isdecimal() else 0
    if days not in SPANS:
        days = SPANS[0]
    await context.pop_up()
    if form == "picture":
        drawn = await context.lab.drawing.calendar(days, _viewer(context), context.voice)
        await context.change_pressed_photo(drawn.png, _caption(context, drawn.past, days))
        return
    message = _text(context, await context.lab.drawing.agenda(days), days)
    if context.pressed_a_picture:
        await context.answer(message, in_place=True)
    else:
        await context.change_pressed(message)


def _viewer(context: JunziContext) -> Member | None:
    """A picture in the group is everybody's: nothing in it is "mine"."""
    return context.speaker if context.is_private else None


def _text(context: JunziContext, past: Past, days: int) -> Message:
    viewer = _viewer(context)
    words = calendar_text(past.cards, past.reservations, past.members, viewer, past.window, past.now, days)
    return with_table(words, past, viewer, days)


def _caption(context: JunziContext, past: Past, days: int) -> Message:
    """The same in words, for whoever can't see the picture; just the title if that is too long."""
    text, title = _text(context, past, days), calendar_caption(days, past.window)
    length = len(context.voice.plain(text.saying).encode("utf-16-le")) // 2
    return Message(text.saying, title.buttons, silent=True) if length <= CAPTION_LIMIT else title
