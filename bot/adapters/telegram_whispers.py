"""Whispers: messages in a group that one member alone sees (ephemeral messages, Bot API 10.2 and 10.3)."""

from __future__ import annotations

import logging
from typing import Any

from telegram import InputFile, InputMediaPhoto
from telegram import Message as TelegramMessage
from telegram.constants import ParseMode
from telegram.error import BadRequest

from bot.adapters.telegram_calls import NO_PREVIEW, PICTURE, TelegramCalls
from bot.adapters.telegram_errors import telegram_troubles, unchanged_is_fine
from bot.adapters.telegram_forms import as_parameters, keyboard, whispering
from bot.adapters.telegram_forms import rich as rich_form
from bot.domain.ability import Occasion
from bot.domain.errors import Never
from bot.domain.saying import Message
from bot.ports import Voice

logger = logging.getLogger("junzi.telegram")


class TelegramWhispers(TelegramCalls):
    """`able` says whether the server and the bot's rights allow any."""

    async def whisper(
        self,
        chat_id: int,
        receiver: int,
        message: Message,
        voice: Voice,
        occasion: Occasion,
        png: bytes | None = None,
    ) -> int | None:
        """A message in the group that `receiver` alone sees; its ephemeral id, None if it could not be one.

        A server that does not know the feature ignores it and shows the message to everybody: then it is deleted at
        once, and the feature counts as missing.
        """
        if not (self._able.now.whispers and (self._able.now.is_admin or occasion.allows)):
            return None
        try:
            with telegram_troubles():
                sent = await self._send_whisper(chat_id, message, voice, png, whispering(receiver, occasion))
        except (BadRequest, Never) as exc:
            logger.warning("a personal answer could not be shown to one person alone: %s", exc)
            return None
        ephemeral = dict(sent.api_kwargs).get("ephemeral_message_id")
        if ephemeral is None:
            logger.error("the server showed to everybody what was for one person; deleted, and not tried again")
            self._able.lost("whispers")
            await self._bot.delete_message(chat_id, sent.message_id)
            return None
        return int(ephemeral)

    async def _send_whisper(
        self, chat_id: int, message: Message, voice: Voice, png: bytes | None, whispering: dict[str, Any]
    ) -> TelegramMessage:
        text, markup = voice.say(message.saying), keyboard(message, voice)
        if png is not None:
            return await self._bot.send_photo(
                chat_id,
                InputFile(png, PICTURE),
                caption=text,
                parse_mode=ParseMode.HTML,
                reply_markup=markup,
                api_kwargs=whispering,
            )

        async def rich() -> TelegramMessage:
            return await self._send_rich(chat_id, message, voice, {"reply_markup": markup, **whispering})

        async def plain() -> TelegramMessage:
            return await self._bot.send_message(
                chat_id,
                text,
                parse_mode=ParseMode.HTML,
                reply_markup=markup,
                link_preview_options=NO_PREVIEW,
                api_kwargs=whispering,
            )

        return await self._in_the_best_form(message, rich, plain)

    async def edit_whisper(
        self, chat_id: int, receiver: int, ephemeral_id: int, message: Message, voice: Voice
    ) -> None:
        where = self._whispered(chat_id, receiver, ephemeral_id, message, voice)

        async def put(form: dict[str, Any]) -> None:
            await self._bot.do_api_request("editEphemeralMessageText", api_kwargs={**where, **form})

        async def rich() -> None:
            await put({"rich_message": rich_form(message, voice)})

        async def plain() -> None:
            await put({"text": voice.say(message.saying), "parse_mode": ParseMode.HTML})

        with unchanged_is_fine(), telegram_troubles():
            await self._in_the_best_form(message, rich, plain)

    async def edit_whispered_photo(
        self, chat_id: int, receiver: int, ephemeral_id: int, png: bytes, message: Message, voice: Voice
    ) -> None:
        media = InputMediaPhoto(png, voice.say(message.saying), ParseMode.HTML, filename=PICTURE)
        where = self._whispered(chat_id, receiver, ephemeral_id, message, voice)
        with unchanged_is_fine(), telegram_troubles():
            await self._bot.do_api_request("editEphemeralMessageMedia", api_kwargs={**where, "media": media})

    async def take_back_whisper(self, chat_id: int, receiver: int, ephemeral_id: int) -> None:
        """One that is gone already, by itself or by its reader's hand, is fine."""
        where = {"chat_id": chat_id, "receiver_user_id": receiver, "ephemeral_message_id": ephemeral_id}
        try:
            with telegram_troubles():
                await self._bot.do_api_request("deleteEphemeralMessage", api_kwargs=where)
        except (BadRequest, Never) as exc:
            logger.info("a whisper could not be taken back: %s", exc)

    def _whispered(
        self, chat_id: int, receiver: int, ephemeral_id: int, message: Message, voice: Voice
    ) -> dict[str, Any]:
        """Which whisper an edit means, and its new buttons."""
        where = {
            "chat_id": chat_id,
            "receiver_user_id": receiver,
            "ephemeral_message_id": ephemeral_id,
            "reply_markup": keyboard(message, voice),
        }
        return as_parameters(where)
