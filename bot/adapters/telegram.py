"""The messenger: sends, edits, pins and reacts through python-telegram-bot.

What one person alone sees is in telegram_whispers.py; forms that a server may not know, in telegram_calls.py. Errors
are told in junzi's words (telegram_errors.py), messages put into Telegram's forms (telegram_forms.py).
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from telegram import Bot, ChatMember, InputFile, InputMediaPhoto, ReplyParameters
from telegram import Message as TelegramMessage
from telegram.constants import ParseMode
from telegram.error import BadRequest, EndPointNotFound

from bot.adapters.telegram_calls import NO_PREVIEW, PICTURE
from bot.adapters.telegram_errors import is_about_the_topic, telegram_troubles, unchanged_is_fine
from bot.adapters.telegram_forms import keyboard
from bot.adapters.telegram_forms import rich as rich_form
from bot.adapters.telegram_pace import PacedCalls
from bot.adapters.telegram_whispers import TelegramWhispers
from bot.domain.ability import Able
from bot.domain.asked import Asked
from bot.domain.errors import Never, Undelivered
from bot.domain.saying import Message
from bot.ports import TopicKeeper, Voice

logger = logging.getLogger("junzi.telegram")


class TelegramMessenger(TelegramWhispers):
    """`bot.ports.Messenger` on python-telegram-bot. `topic`: where posts of its own in the group go; None: General."""

    def __init__(
        self,
        bot: Bot,
        *,
        group: int | None = None,
        topic: TopicKeeper | None = None,
        able: Able | None = None,
        paced: PacedCalls | None = None,
    ) -> None:
        super().__init__(bot, able or Able())
        self._group = group
        self._topic = topic
        self._paced = paced

    async def send(self, chat_id: int, message: Message, voice: Voice, *, asked: Asked | None = None) -> int:
        async def send(voice: Voice, posting: dict[str, Any]) -> TelegramMessage:
            async def rich() -> TelegramMessage:
                return await self._send_rich(chat_id, message, voice, posting)

            async def plain() -> TelegramMessage:
                return await self._bot.send_message(
                    chat_id, voice.say(message.saying), link_preview_options=NO_PREVIEW, **posting
                )

            return await self._in_the_best_form(message, rich, plain)

        return await self._post(chat_id, message, voice, asked, send)

    async def tag_of(self, chat_id: int, telegram_id: int) -> str:
        with telegram_troubles():
            member = await self._bot.get_chat_member(chat_id, telegram_id)
        if member.status != ChatMember.MEMBER:
            raise Never(f"a {member.status} has no tag")
        return str(getattr(member, "tag", None) or dict(member.api_kwargs).get("tag") or "")

    async def set_tag(self, chat_id: int, telegram_id: int, tag: str) -> None:
        try:
            with telegram_troubles():
                await self._bot.set_chat_member_tag(chat_id, telegram_id, tag)
        except BadRequest as exc:
            raise Never(str(exc)) from exc

    async def react(self, chat_id: int, message_id: int, emoji: str) -> bool:
        """ "Seen", without a message. A message that is gone, or a chat without reactions, is passed over."""
        try:
            with telegram_troubles():
                await self._bot.set_message_reaction(chat_id, message_id, emoji)
        except (BadRequest, Undelivered) as exc:
            logger.info("no reaction could be set: %s", exc)
            return False
        return True

    async def send_photo(
        self, chat_id: int, png: bytes, message: Message, voice: Voice, *, asked: Asked | None = None
    ) -> int:
        async def send(voice: Voice, posting: dict[str, Any]) -> TelegramMessage:
            return await self._bot.send_photo(
                chat_id, InputFile(png, PICTURE), caption=voice.say(message.saying), **posting
            )

        return await self._post(chat_id, message, voice, asked, send)

    async def send_page(self, chat_id: int, png: bytes, message: Message, voice: Voice) -> int | None:
        if message.rich is None or not self._able.now.rich:
            return None

        async def send(voice: Voice, posting: dict[str, Any]) -> TelegramMessage:
            try:
                return await self._send_rich(chat_id, message, voice, posting, png)
            except EndPointNotFound as exc:
                raise BadRequest(str(exc)) from exc  # a form that it does not take, not a chat that it can't reach

        try:
            return await self._post(chat_id, message, voice, None, send)
        except BadRequest as exc:  # whatever it is, the plain form comes next and will tell
            logger.info("no message with a picture in it: %s", exc)
            return None

    async def send_document(
        self, chat_id: int, name: str, content: bytes, message: Message, voice: Voice, *, asked: Asked | None = None
    ) -> int:
        async def send(voice: Voice, posting: dict[str, Any]) -> TelegramMessage:
            return await self._bot.send_document(
                chat_id,
                InputFile(content, name),
                caption=voice.say(message.saying),
                disable_content_type_detection=True,
                **posting,
            )

        return await self._post(chat_id, message, voice, asked, send)

    async def _post(
        self,
        chat_id: int,
        message: Message,
        voice: Voice,
        asked: Asked | None,
        send: Callable[[Voice, dict[str, Any]], Awaitable[TelegramMessage]],
    ) -> int:
        """A new message, in the topic where it belongs; where that takes none, in General rather than nowhere."""
        keeper = self._topic if asked is None and chat_id == self._group else None
        topic = keeper.number if keeper is not None else asked.topic if asked is not None else None
        why = "it came out in General"  # Telegram may pass over a topic that is gone without a word

        async def post(voice: Voice) -> TelegramMessage:
            nonlocal why
            posting = _posting(message, voice, topic, asked)
            try:
                return await send(voice, posting)
            except BadRequest as exc:
                if topic is None or not is_about_the_topic(exc):
                    raise
                why = str(exc)
                return await send(voice, {**posting, "message_thread_id": None, "reply_parameters": None})

        with telegram_troubles():
            sent = await self._in_a_form_it_takes(post, voice)
        if keeper is not None and topic is not None:
            await (keeper.taken() if sent.message_thread_id == topic else keeper.refused(why))
        return sent.message_id

    async def edit(self, chat_id: int, message_id: int, message: Message, voice: Voice) -> None:
        async def edit(voice: Voice) -> None:
            async def rich() -> None:
                await self._edit(chat_id, message_id, message, voice, rich=True)

            async def plain() -> None:
                await self._edit(chat_id, message_id, message, voice, rich=False)

            await self._in_the_best_form(message, rich, plain)

        with unchanged_is_fine(), telegram_troubles():
            await self._in_a_form_it_takes(edit, voice)

    async def _edit(self, chat_id: int, message_id: int, message: Message, voice: Voice, *, rich: bool) -> None:
        await self._bot.edit_message_text(
            voice.say(message.saying),
            chat_id=chat_id,
            message_id=message_id,
            parse_mode=ParseMode.HTML,
            reply_markup=keyboard(message, voice),
            link_preview_options=NO_PREVIEW,
            api_kwargs={"rich_message": rich_form(message, voice)} if rich else None,
        )

    async def edit_photo(self, chat_id: int, message_id: int, png: bytes, message: Message, voice: Voice) -> None:
        async def edit(voice: Voice) -> None:
            media = InputMediaPhoto(png, voice.say(message.saying), ParseMode.HTML, filename=PICTURE)
            await self._bot.edit_message_media(
                media, chat_id=chat_id, message_id=message_id, reply_markup=keyboard(message, voice)
            )

        with unchanged_is_fine(), telegram_troubles():
            await self._in_a_form_it_takes(edit, voice)

    def wait_seconds(self, chat_id: int) -> float:
        return 0.0 if self._paced is None else self._paced.wait_seconds(chat_id)

    async def pin(self, chat_id: int, message_id: int) -> None:
        with telegram_troubles():
            await self._bot.pin_chat_message(chat_id, message_id, disable_notification=True)

    async def unpin(self, chat_id: int, message_id: int) -> None:
        with telegram_troubles():
            await self._bot.unpin_chat_message(chat_id, message_id)


def _posting(message: Message, voice: Voice, topic: int | None, asked: Asked | None) -> dict[str, Any]:
    """What every new message has in common: form, buttons, sound, topic, and what it answers."""
    answered = None if asked is None else asked.message_id
    return {
        "parse_mode": ParseMode.HTML,
        "reply_markup": keyboard(message, voice),
        "disable_notification": message.silent,
        "message_thread_id": topic,
        "reply_parameters": None if answered is None else ReplyParameters(answered, allow_sending_without_reply=True),
    }
