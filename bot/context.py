"""What a handler has at hand: the lab, who speaks, in which language, and the ways to answer."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, TypeAlias

from telegram import Chat, Update
from telegram.error import BadRequest
from telegram.ext import Application, CallbackContext, ExtBot

from bot.domain.ability import Occasion
from bot.domain.asked import Asked
from bot.domain.errors import Never, Undelivered
from bot.domain.member import Member
from bot.domain.saying import Message, Saying
from bot.ports import Voice
from bot.services.lab import Lab
from bot.services.members import Account
from bot.services.owing import owe_group
from bot.views.audience import Audience, audience_of

logger = logging.getLogger("junzi.context")

PTBApplication: TypeAlias = (
    "Application[ExtBot[Any], JunziContext, dict[Any, Any], dict[Any, Any], dict[Any, Any], Any]"
)
# Longer than that nobody waits in a group whose limit is used up: the answer comes in private.
CROWDED_SECONDS = 5.0
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

    async def answer(self, message: Message | Saying, *, in_place: bool = False) -> int:
        """Answer where it was asked, or in private; the new message's id (negative for a whisper).

        In a group, what concerns the asker alone is shown to the asker alone where that can be done, else as a short
        threaded reply; of what everybody must know, everybody gets the one line. `in_place`: the same in another form,
        so a whisper stands, for the one who pressed, where the pressed message stood.
        """
        message = _message(message)
        if self._is_crowded:
            number = await self._apart(lambda chat_id: self.lab.messenger.send(chat_id, message, self.voice))
            if number is not None:
                if audience_of(message) is Audience.PUBLIC:
                    await self._owe_everybody(message.public or message.saying)
                return number
        chat_id, asked = self._where()
        if chat_id == self.lab.group and (audience_of(message) is Audience.PERSONAL or message.public is not None):
            whispered = await self._whisper(message, in_place=in_place)
            if whispered is not None:
                if message.public is not None:
                    await self._tell_everybody(message.public, asked)
                return -whispered
        return await self.lab.messenger.send(chat_id, message, self.voice, asked=asked)

    async def _whisper(self, message: Message, png: bytes | None = None, *, in_place: bool = False) -> int | None:
        """The new whisper's id, None if it could not be one. A pressed whisper that it stands for is taken back: the
        server puts a whisper in the place of a message for all only."""
        receiver, pressed = self.account.telegram_id, self._pressed_whisper
        occasion = replace(self._occasion, in_place=in_place and pressed is None)
        whispered = await self.lab.messenger.whisper(self.chat.id, receiver, message, self.voice, occasion, png)
        if whispered is not None and in_place and pressed is not None:
            await self.lab.messenger.take_back_whisper(self.chat.id, receiver, pressed)
        return whispered

    async def point(self, saying: Saying) -> None:
        """Say to who typed something that it was answered elsewhere: to them alone where that can be done, else by a
        sign under their words, which costs the group nothing, else in a short reply."""
        message = Message(saying, silent=True)
        if not self._is_crowded and await self._whisper(message) is not None:
            return
        if not await self._mark():
            await self.lab.messenger.send(self.chat.id, message, self.voice, asked=self._where()[1])

    async def _mark(self) -> bool:
        """A sign under what was typed in the group: seen. False if there is nothing to put it under."""
        typed = self.incoming.message
        if typed is None or not typed.message_id:
            return False
        return await self.lab.messenger.react(self.chat.id, typed.message_id, "👀")

    @property
    def _is_crowded(self) -> bool:
        """Would an answer in the group come late, because Telegram's limit for it is used up?"""
        group = self._where()[0]
        return group == self.lab.group and self.lab.messenger.wait_seconds(group) > CROWDED_SECONDS

    async def _apart(self, send: Callable[[int], Awaitable[int]]) -> int | None:
        """Answer in the speaker's private chat, where nobody else is in the way; None if they never opened it."""
        if self.speaker is None:
            return None
        try:
            number = await send(self.account.telegram_id)
        except Undelivered as exc:
            logger.info("no private answer while the group is crowded: %s", exc)
            return None
        self.in_private = True
        await self._mark()
        return number

    async def _owe_everybody(self, saying: Saying) -> None:
        """The group hears of it when there is room, together with what else happened meanwhile."""
        now, line = self.lab.clock.now(), Message(saying, silent=True)
        await self.lab.store.write(lambda books: owe_group(books, line, now))

    async def _tell_everybody(self, saying: Saying, asked: Asked | None) -> None:
        # Behind what waits already: the group must not read that a card was given back before it was taken.
        others_wait = await self.lab.store.read(lambda books: books.outbox.owes_group_lines())
        if others_wait or self.lab.messenger.wait_seconds(self.chat.id) > 0:
            await self._owe_everybody(saying)
            return
        voice = self.lab.voices.for_group()
        await self.lab.messenger.send(self.chat.id, Message(saying, silent=True), voice, asked=asked)

    @property
    def _occasion(self) -> Occasion:
        """What a whisper would answer."""
        query, said = self.incoming.callback_query, self.incoming.message
        return Occasion(
            None if query is None else query.id,
            None if said is None else dict(said.api_kwargs).get("ephemeral_message_id"),
            topic=self._topic,
        )

    @property
    def _topic(self) -> int | None:
        """Of a forum group. A thread outside of topics, such as a chain of replies in General, is none."""
        message = self.incoming.effective_message
        return message.message_thread_id if message is not None and message.is_topic_message else None

    @property
    def _pressed_whisper(self) -> int | None:
        """The ephemeral id of the message whose button was pressed; None if everybody sees that message."""
        pressed = None if self.incoming.callback_query is None else self.incoming.callback_query.message
        return None if pressed is None else dict(pressed.api_kwargs).get("ephemeral_message_id")

    @property
    def pressed_alone(self) -> bool:
        """Is the message whose button was pressed seen by the presser alone?"""
        return self._pressed_whisper is not None

    @property
    def pressed_own(self) -> bool:
        """Is the message whose button was pressed an answer to the presser and to nobody else? What answers nobody in a
        topic says that it answers the beginning of the topic."""
        if self.is_private or self.pressed_alone:
            return True
        pressed = self.incoming.effective_message
        asked = None if pressed is None else pressed.reply_to_message
        asker = None if asked is None or asked.forum_topic_created is not None else asked.from_user
        return asker is not None and asker.id == self.account.telegram_id

    async def answer_photo(self, png: bytes, message: Message | Saying, *, in_place: bool = False) -> int:
        """Answer with a picture and the words under it, as `answer` does."""
        message = _message(message)
        if self._is_crowded:
            number = await self._apart(lambda chat_id: self.lab.messenger.send_photo(chat_id, png, message, self.voice))
            if number is not None:
                return number
        chat_id, asked = self._where()
        if chat_id == self.lab.group and audience_of(message) is Audience.PERSONAL:
            whispered = await self._whisper(message, png, in_place=in_place)
            if whispered is not None:
                return -whispered
        return await self.lab.messenger.send_photo(chat_id, png, message, self.voice, asked=asked)

    async def answer_document(self, name: str, content: bytes, message: Message | Saying) -> int:
        """Answer with a file and the words under it; the new message's id."""
        chat_id, asked = self._where()
        return await self.lab.messenger.send_document(
            chat_id, name, content, _message(message), self.voice, asked=asked
        )

    async def change(self, message_id: int, message: Message | Saying) -> None:
        """Edit an answer that was given with `answer`."""
        await self.lab.messenger.edit(self._where()[0], message_id, _message(message), self.voice)

    async def change_pressed(self, message: Message | Saying, *, announce: bool = True) -> None:
        """Edit the message whose button was pressed. Where only the presser sees it, everybody gets the one line of
        what everybody must know; `announce=False` if they learn of it in another way.

        A message that is gone, or that somebody else's press has turned into a picture, can't be edited: the answer
        is a new one.
        """
        message = _message(message)
        try:
            await self._edit_pressed(message, announce=announce)
        except Never as exc:
            logger.info("the pressed message can't be edited: %s", exc)
            await self.answer(message, in_place=True)

    async def _edit_pressed(self, message: Message, *, announce: bool) -> None:
        whisper = self._pressed_whisper
        if whisper is not None:
            receiver = self.account.telegram_id
            await self.lab.messenger.edit_whisper(self.chat.id, receiver, whisper, message, self.voice)
            if announce and audience_of(message) is Audience.PUBLIC:
                await self._tell_everybody(message.public or message.saying, Asked(topic=self._topic))
            return
        pressed = self.incoming.effective_message
        if pressed is not None:
            await self.lab.messenger.edit(self.chat.id, pressed.message_id, message, self.voice)

    async def change_pressed_photo(self, png: bytes, message: Message | Saying) -> None:
        """Put another picture into the message whose button was pressed; where that can't be, answer anew."""
        message = _message(message)
        try:
            await self._edit_pressed_photo(png, message)
        except Never as exc:
            logger.info("the pressed message can't become another picture: %s", exc)
            await self.answer_photo(png, message, in_place=True)

    async def _edit_pressed_photo(self, png: bytes, message: Message) -> None:
        pressed, whisper = self.incoming.effective_message, self._pressed_whisper
        if whisper is not None:
            receiver = self.account.telegram_id
            await self.lab.messenger.edit_whispered_photo(self.chat.id, receiver, whisper, png, message, self.voice)
        elif pressed is not None:
            await self.lab.messenger.edit_photo(self.chat.id, pressed.message_id, png, message, self.voice)

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

    def _where(self) -> tuple[int, Asked | None]:
        if self.in_private or self.is_private:
            return (self.account.telegram_id if self.in_private else self.chat.id), None
        message = self.incoming.effective_message
        return self.chat.id, Asked((message.message_id or None) if message is not None else None, self._topic)


def _message(message: Message | Saying) -> Message:
    return Message(message) if isinstance(message, Saying) else message
