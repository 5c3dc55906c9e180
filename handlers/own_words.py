"""What was said to the bot alone, in nobody's grammar but the speaker's: a question, a greeting, a picture."""

from __future__ import annotations

from telegram.ext import filters

from bot.context import JunziContext
from bot.domain.question import asked_about, small_talk
from bot.domain.saying import Message, Saying
from bot.views import announcements as views
from bot.views import help as help_views
from handlers.help import topic_page
from handlers.start import greeting

# A voice message, a sticker, a photo, a file, a place: whatever has no text, but for what Telegram itself reports.
WORDLESS = filters.UpdateType.MESSAGE & ~filters.TEXT & ~filters.COMMAND & ~filters.StatusUpdate.ALL
_ALBUM = "album"


async def in_own_words(context: JunziContext, text: str) -> Message | Saying:
    """The topic that a question is about; a greeting for a greeting; else how to put it."""
    talk = small_talk(text)
    if talk == "help":
        return help_views.overview(admin=context.member.is_admin)
    if talk == "hello":
        return greeting(context)
    if talk is not None:
        return Saying(f"announcement.{talk}")
    topic = asked_about(text)
    return views.not_understood() if topic is None else await topic_page(context, topic.name)


async def changed_afterwards(context: JunziContext) -> None:
    """What it said before may have been booked by now, and Telegram lets people edit for two days."""
    await context.answer(Saying("announcement.changed_afterwards"))


async def wordless(context: JunziContext) -> None:
    """Said once for an album, whose pictures come as so many messages."""
    message = context.incoming.effective_message
    album = None if message is None else message.media_group_id
    if album is not None and context.user_data is not None:
        if context.user_data.get(_ALBUM) == album:
            return
        context.user_data[_ALBUM] = album
    await context.answer(views.wordless(has_file=message is not None and message.document is not None))
