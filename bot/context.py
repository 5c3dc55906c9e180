"""What a handler has at hand: the lab, who speaks, in which language, and the ways to answer."""

from __future__ import annotations

import logging
from typing import Any, TypeAlias

from telegram import Chat, Update
from telegram.error import BadRequest
from telegram.ext import Application, CallbackContext, ExtBot

from bot.domain.member import Member
from bot.domain.saying import Message, Saying
from bot.ports import Voice
from bot.services.lab import Lab
from bot.services.members import Account

logger = logging.getLogger("junzi.context")

PTBApplication: TypeAlias = (
    "Application[ExtBot[Any], JunziContext, dict[Any, Any], dict[Any, Any], dict[Any, Any], Any]"
)
POP_UP_LIMIT = 200  # characters that Telegram shows in a button's answer


class JunziContext(CallbackContext["ExtBot[Any]", "dict[Any, Any]", "dict[Any, Any]", "dict[Any, Any]"]):
    """`incoming`, `voice` and `speaker` are set by the doorway (`handlers.access`) before any handler runs."""

    incoming: Update
    voice: Voice
    speaker: Member | None = None
    in_private: bool = False  # answer in the speaker's private chat, wherever the question was asked

    @property
    def lab(self) -> Lab:
        lab = self.application.bot_data["lab"]
        assert isinstance(lab, Lab)  # noqa: S101 - set once by bot.app
        return lab

    @property
    def member(self) -> Member:
        """Who speaks; the doorway lets nobody else through to a handler that asks this."""
        if self.speaker is None:
            raise LookupError("this handler is open to strangers: ask `speaker`")
        return self.speaker

    @property
    def account(self) -> Account:
        user = self.incoming.effective_user
        if user is None:
            raise LookupError("an update without a person behind it")
        return Account(user.id, user.full_name, user.username, user.language_code)

    @property
    def chat(self) -> Chat:
        chat = self.incoming.effective_chat
        if chat is None:
            raise LookupError("an update without a chat")
        return chat

    @property
    def is_private(self) -> bool:
        return self.chat.type == Chat.PRIVATE

    @property
    def words(self) -> str:
        """What was typed behind the command."""
        message = self.incoming.effective_message
        return "" if message is None or message.text is None else " ".join(message.text.split(maxsplit=1)[1:])

    @property
    def origin(self) -> str:
        """Names this message or press for ever: the same one, delivered twice, writes once."""
        return f"update:{self.incoming.update_id}"

    @property
    def pressed_a_picture(self) -> bool:
        """Is the button that was pressed under a picture? Such a message can't become text."""
        pressed = self.incoming.effective_message
        return pressed is not None and bool(pressed.photo)

    async def answer(self, message: Message | Saying) -> int:
        """Answer where it was asked (as a reply, in a group), or in private; the new message's id."""
        chat_id, reply_to = self._where()
        return await self.lab.messenger.send(chat_id, _message(message), self.voice, reply_to=reply_to)

    async def answer_photo(self, png: bytes, message: Message | Saying) -> int:
        """Answer with a picture and the words under it; the new message's id."""
        chat_id, reply_to = self._where()
        return await self.lab.messenger.send_photo(chat_id, png, _message(message), self.voice, reply_to=reply_to)

    async def answer_document(self, name: str, content: bytes, message: Message | Saying) -> int:
        """Answer with a file and the words under it; the new message's id."""
        chat_id, reply_to = self._where()
        return await self.lab.messenger.send_document(
            chat_id, name, content, _message(message), self.voice, reply_to=reply_to
        )

    async def change(self, message_id: int, message: Message | Saying) -> None:
        """Edit an answer that was given with `answer`."""
        await self.lab.messenger.edit(self._where()[0], message_id, _message(message), self.voice)

    async def change_pressed(self, message: Message | Saying) -> None:
        """Edit the message whose button was pressed."""
        pressed = self.incoming.effective_message
        if pressed is not None:
            await self.lab.messenger.edit(self.chat.id, pressed.message_id, _message(message), self.voice)

    async def change_pressed_photo(self, png: bytes, message: Message | Saying) -> None:
        """Put another picture into the message whose button was pressed."""
        pressed = self.incoming.effective_message
        if pressed is not None:
            await self.lab.messenger.edit_photo(self.chat.id, pressed.message_id, png, _message(message), self.voice)

    async def pop_up(self, saying: Saying | None = None, *, alert: bool = False) -> None:
        """Answer the press of a button: every press is answered once, else the person's app spins."""
        query = self.incoming.callback_query
        if query is None:
            return
        text = None if saying is None else self.voice.plain(saying)[:POP_UP_LIMIT]
        try:
            await query.answer(text, show_alert=alert)
        except BadRequest as exc:  # older than about a minute: there is nobody left to tell
            logger.info("a press could not be answered: %s", exc)

    def _where(self) -> tuple[int, int | None]:
        if self.in_private or self.is_private:
            return (self.account.telegram_id if self.in_private else self.chat.id), None
        message = self.incoming.effective_message
        return self.chat.id, None if message is None else message.message_id


def _message(message: Message | Saying) -> Message:
    return Message(message) if isinstance(message, Saying) else message
