"""Calls to Telegram in the best form that its server takes: rich or plain, with date-time entities or without.

A form that turns out to be missing in the middle of the day counts as missing from then on.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from telegram import Bot, InputFile, LinkPreviewOptions
from telegram import Message as TelegramMessage
from telegram.error import BadRequest, EndPointNotFound

from bot.adapters.telegram_errors import is_hopeless, is_unchanged
from bot.adapters.telegram_forms import THE_PICTURE, as_parameters
from bot.adapters.telegram_forms import rich as rich_form
from bot.domain.ability import Able
from bot.domain.saying import Message
from bot.ports import Voice

logger = logging.getLogger("junzi.telegram")
T = TypeVar("T")

NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
PICTURE = "junzi.png"  # Telegram shows no name for a photo; it wants one all the same


class TelegramCalls:
    """What sending to everybody and to one person alone have in common."""

    def __init__(self, bot: Bot, able: Able) -> None:
        self._bot = bot
        self._able = able

    async def _send_rich(
        self, chat_id: int, message: Message, voice: Voice, posting: dict[str, Any], png: bytes | None = None
    ) -> TelegramMessage:
        """Bot API 10.1; python-telegram-bot 22.8 knows the call by name only. `png` is the picture that it names."""
        parameters = {"chat_id": chat_id, "rich_message": rich_form(message, voice), **posting}
        parameters.pop("parse_mode", None)
        if png is not None:
            parameters["rich_message"]["media"] = [THE_PICTURE]
            parameters[THE_PICTURE["id"]] = InputFile(png, PICTURE)
        sent = await self._bot.do_api_request(
            "sendRichMessage", api_kwargs=as_parameters(parameters), return_type=TelegramMessage
        )
        assert isinstance(sent, TelegramMessage)  # noqa: S101 - what `return_type` asks for
        return sent

    async def _in_the_best_form(
        self, message: Message, rich: Callable[[], Awaitable[T]], plain: Callable[[], Awaitable[T]]
    ) -> T:
        """Where the plain form is taken and the rich one was not, the server knows the call no more, or not what was in
        it: then plain it is from now on. Where both are refused, the form is not at fault (but a topic, say)."""
        if message.rich is None or not self._able.now.rich:
            return await plain()
        try:
            return await rich()
        except (BadRequest, EndPointNotFound) as exc:
            if is_unchanged(exc) or is_hopeless(exc):
                raise
            refused = exc
        done = await plain()
        self._no_more_tables(refused)
        return done

    def _no_more_tables(self, exc: BadRequest | EndPointNotFound) -> None:
        logger.warning("the server takes no rich message of ours: %s", exc)
        self._able.lost("rich")

    async def _in_a_form_it_takes(self, call: Callable[[Voice], Awaitable[T]], voice: Voice) -> T:
        """A server that turns out not to know date-time entities gets the text without them, from now on."""
        try:
            return await call(voice)
        except BadRequest as exc:
            if "tg-time" not in str(exc).lower():
                raise
            logger.warning("the server knows no date-time entities: %s", exc)
            self._able.lost("date_times")
            return await call(voice.simple())
