"""Asks Telegram what it knows of the bot and its group, for `junzi init` and `junzi doctor`.

The running bot is not disturbed: nothing is sent, and updates are only looked at, never confirmed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Sequence
from types import TracebackType
from typing import TypeVar

from telegram import Bot, Chat, ChatFullInfo, ChatMember, ChatMemberAdministrator, Message
from telegram.error import BadRequest, ChatMigrated, Conflict, Forbidden, InvalidToken, NetworkError, TelegramError
from telegram.request import HTTPXRequest

from bot.adapters.hops import is_loopback
from bot.adapters.telegram_abilities import find_out
from bot.domain.ability import Abilities
from bot.domain.health import BotAccount, GroupView, TelegramTrouble

T = TypeVar("T")
SECONDS = 10.0


class TelegramProbe:
    """Every call may raise `TelegramTrouble`, nothing else."""

    def __init__(self, token: str, api_url: str, proxy: str = "") -> None:
        self._token = token
        self._request = HTTPXRequest(
            proxy=proxy or None,
            connect_timeout=SECONDS,
            read_timeout=SECONDS,
            httpx_kwargs={"trust_env": not is_loopback(api_url)},
        )
        # A token with a space or a line break in it is refused before anything is sent.
        self._bot = Bot(token, base_url=f"{api_url}/bot", request=self._request, get_updates_request=self._request)

    async def __aenter__(self) -> TelegramProbe:
        await self._request.initialize()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._request.shutdown()

    async def me(self) -> BotAccount:
        user = await self._ask(self._bot.get_me())
        return BotAccount(user.id, user.username or "", bool(user.can_read_all_group_messages))

    async def group(self, chat_id: int, bot_id: int) -> GroupView:
        chat: ChatFullInfo = await self._ask(self._bot.get_chat(chat_id))
        member = await self._ask(self._bot.get_chat_member(chat_id, bot_id))
        if member.status in (ChatMember.LEFT, ChatMember.BANNED):
            raise TelegramTrouble("no_chat", f"the bot was removed from {chat.title or chat_id}")
        return _view(chat, member)

    async def abilities(self, chat_id: int) -> Abilities:
        return await find_out(self._bot, chat_id)

    async def groups_seen(self) -> Sequence[GroupView]:
        """Groups that somebody wrote in, or added the bot to, and that no bot has picked up yet."""
        updates = await self._ask(self._bot.get_updates(timeout=0))
        chats = [update.effective_chat for update in updates]
        groups = {chat.id: chat for chat in chats if chat and chat.type in (Chat.GROUP, Chat.SUPERGROUP)}
        messages = [update.effective_message for update in updates if update.effective_message is not None]
        return [
            GroupView(chat.id, chat.title or "", is_forum=bool(chat.is_forum), topics=_topics(chat.id, messages))
            for chat in groups.values()
        ]

    async def _ask(self, call: Awaitable[T]) -> T:
        try:
            return await call
        except TelegramError as error:
            raise self._trouble(error) from error

    def _trouble(self, error: TelegramError) -> TelegramTrouble:
        words = str(error).replace(self._token, "TOKEN")
        if isinstance(error.__cause__, TelegramError):  # the answer was no Bot API server's, whatever its status says
            return TelegramTrouble("other", words.partition(". Parsing")[0])
        if isinstance(error, InvalidToken):
            return TelegramTrouble("token", words)
        if isinstance(error, ChatMigrated):
            return TelegramTrouble("migrated", words, error.new_chat_id)
        if isinstance(error, Conflict):
            return TelegramTrouble("busy", words)
        if isinstance(error, (BadRequest, Forbidden)):  # BadRequest is a NetworkError to python-telegram-bot
            return TelegramTrouble("no_chat", words)
        return TelegramTrouble("network" if isinstance(error, NetworkError) else "other", words)


def _topics(chat_id: int, messages: Iterable[Message]) -> dict[int, str]:
    """The topics of a group that these messages lie in. What answers nothing else answers the message that began its
    topic, and that one knows the name."""
    topics: dict[int, str] = {}
    for message in messages:
        if message.chat.id == chat_id and message.is_topic_message and message.message_thread_id is not None:
            begun = message.forum_topic_created or getattr(message.reply_to_message, "forum_topic_created", None)
            topics[message.message_thread_id] = begun.name if begun else topics.get(message.message_thread_id, "")
    return topics


def _view(chat: ChatFullInfo, member: ChatMember) -> GroupView:
    admin = member if isinstance(member, ChatMemberAdministrator) else None
    return GroupView(
        chat.id,
        chat.title or "",
        is_admin=member.status in (ChatMember.ADMINISTRATOR, ChatMember.OWNER),
        may_pin=bool(admin and admin.can_pin_messages),
        may_tag=bool(admin and (getattr(admin, "can_manage_tags", None) or admin.api_kwargs.get("can_manage_tags"))),
        is_forum=bool(chat.is_forum),
    )
