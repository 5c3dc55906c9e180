"""Messages in the forms that Telegram takes: keyboards, and what python-telegram-bot 22.8 does not know yet.

A later python-telegram-bot replaces `rich` and `whispering` by parameters of its own (Bot API 10.1 and 10.3).
"""

from __future__ import annotations

from typing import Any

from telegram import CopyTextButton, InlineKeyboardButton, InlineKeyboardMarkup, TelegramObject

from bot.domain.ability import Occasion
from bot.domain.saying import Button, Message, Style
from bot.ports import Voice

# How a rich message names the one picture in it, which is uploaded beside it under that name.
THE_PICTURE: dict[str, Any] = {"id": "picture", "media": {"type": "photo", "media": "attach://picture"}}


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


def rich(message: Message, voice: Voice) -> dict[str, Any]:
    """Spaces and line breaks of its source are one space in a rich message, so a break that is meant is a tag."""
    assert message.rich is not None  # noqa: S101 - asked by the callers
    return {"html": voice.say(message.rich).strip().replace("\n", "<br>")}


def whispering(receiver: int, occasion: Occasion) -> dict[str, Any]:
    """Bot API 10.3's parameters, which python-telegram-bot 22.8 does not know yet."""
    parameters: dict[str, Any] = {"receiver_user_id": receiver}
    if occasion.callback_query_id is not None:
        parameters["callback_query_id"] = occasion.callback_query_id
        if occasion.in_place:
            parameters["replace_callback_query_message"] = True
    extra: dict[str, Any] = {"ephemeral_message_parameters": parameters}
    if occasion.topic is not None:
        extra["message_thread_id"] = occasion.topic
    if occasion.ephemeral_command is not None:
        extra["reply_parameters"] = {"ephemeral_message_id": occasion.ephemeral_command}
    return extra


def as_parameters(values: dict[str, Any]) -> dict[str, Any]:
    """For a call that python-telegram-bot 22.8 knows by name only: what is not given is left out, objects are plain."""
    given = {name: value for name, value in values.items() if value is not None}
    return {name: v.to_dict() if isinstance(v, TelegramObject) else v for name, v in given.items()}
