"""Messages in Telegram's form: HTML, inline keyboards, and what Telegram's errors mean.

junzi         Telegram
NotYet        NetworkError, TimedOut, RetryAfter, 5xx
Never         Forbidden (blocked, kicked, never started), chat not found, message gone
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from telegram import (
    Bot,
    CopyTextButton,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    ReplyParameters,
)
from telegram.constants import ParseMode
from telegram.error import BadRequest, Forbidden, NetworkError, RetryAfter, TelegramError

from bot.domain.errors import Never, NotYet
from bot.domain.saying import Button, Message, Style
from bot.ports import Voice

NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
UNCHANGED = "message is not modified"


def keyboard(message: Message, voice: Voice) -> InlineKeyboardMarkup | None:
    """The buttons under a message; None if there are none."""
    rows = [[_button(button, voice) for button in row] for row in message.buttons if row]
    return InlineKeyboardMarkup(rows) if rows else None


def _button(button: Button, voice: Voice) -> InlineKeyboardButton:
    return InlineKeyboardButton(
        voice.plain(button.label),
        callback_data=button.data or None,
        url=button.url or None,
        copy_text=CopyTextButton(button.copies) if button.copies else None,
        style=button.style.value if button.style is not Style.PLAIN else None,
    )


@contextmanager
def telegram_troubles() -> Iterator[None]:
    """Telegram's errors in junzi's words. What is a fault of ours (a broken tag, say) is raised as it is."""
    try:
        yield
    except RetryAfter as exc:
        raise NotYet(str(exc), _seconds(exc)) from exc
    except Forbidden as exc:
        raise Never(str(exc)) from exc
    except BadRequest as exc:  # a NetworkError by inheritance, but trying again won't help
        if any(text in str(exc).lower() for text in ("chat not found", "message to edit not found", "can't be edited")):
            raise Never(str(exc)) from exc
        raise
    except NetworkError as exc:
        raise NotYet(str(exc)) from exc


def _seconds(exc: RetryAfter) -> float:
    value = exc.retry_after
    return value if isinstance(value, (int, float)) else value.total_seconds()


class TelegramMessenger:
    """`bot.ports.Messenger` on python-telegram-bot; posts of its own in the group go to `topic`, if there is one."""

    def __init__(self, bot: Bot, *, group: int | None = None, topic: int | None = None) -> None:
        self._bot = bot
        self._group = group
        self._topic = topic

    async def send(self, chat_id: int, message: Message, voice: Voice, *, reply_to: int | None = None) -> int:
        with telegram_troubles():
            sent = await self._bot.send_message(
                chat_id,
                voice.say(message.saying),
                parse_mode=ParseMode.HTML,
                reply_markup=keyboard(message, voice),
                disable_notification=message.silent,
                link_preview_options=NO_PREVIEW,
                message_thread_id=self._topic if chat_id == self._group and reply_to is None else None,
                reply_parameters=(
                    None if reply_to is None else ReplyParameters(reply_to, allow_sending_without_reply=True)
                ),
            )
        return sent.message_id

    async def edit(self, chat_id: int, message_id: int, message: Message, voice: Voice) -> None:
        try:
            with telegram_troubles():
                await self._bot.edit_message_text(
                    voice.say(message.saying),
                    chat_id=chat_id,
                    message_id=message_id,
                    parse_mode=ParseMode.HTML,
                    reply_markup=keyboard(message, voice),
                    link_preview_options=NO_PREVIEW,
                )
        except TelegramError as exc:
            if UNCHANGED not in str(exc).lower():
                raise
