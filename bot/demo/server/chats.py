"""Chats, messages and members: everything the demo remembers, in memory, with no rules of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bot.demo.server.personas import Persona

Json = dict[str, Any]
SERVICE = ("pinned_message", "new_chat_members", "left_chat_member", "forum_topic_created", "forum_topic_closed",
           "forum_topic_reopened")  # fmt: skip


@dataclass
class Post:
    """One message. ``content`` holds its text, picture or file in the Bot API's own fields."""

    chat_id: int
    message_id: int  # 0 for an ephemeral one
    sender_id: int
    date: datetime
    content: Json
    order: int = 0
    topic_id: int | None = None  # of a forum; None is General
    reply_to: Post | None = None
    quote: str | None = None
    markup: Json | None = None
    edited: datetime | None = None
    media_group_id: str | None = None
    silent: bool = False
    reactions: dict[int, list[str]] = field(default_factory=dict)
    receiver_id: int | None = None  # an ephemeral message is seen by this person alone
    ephemeral_id: int | None = None
    replaces: str | None = None  # the key of the message this one covers, for its receiver
    deleted: bool = False

    @property
    def key(self) -> str:
        """Return the name of the message on the page."""
        return f"e{self.ephemeral_id}" if self.ephemeral_id is not None else str(self.message_id)

    @property
    def is_service(self) -> bool:
        """Tell whether the message is a note by Telegram, like "pinned a message"."""
        return any(key in self.content for key in SERVICE)


@dataclass
class Topic:
    """A topic of a forum group."""

    topic_id: int
    name: str
    colour: int
    closed: bool = False


@dataclass
class Chat:
    """A private chat with the bot, or the lab's group."""

    chat_id: int
    title: str
    person_id: int | None = None  # None in the group
    posts: dict[int, Post] = field(default_factory=dict)
    ephemeral: dict[int, Post] = field(default_factory=dict)
    pinned: list[int] = field(default_factory=list)
    started: bool = False  # in private: Start was pressed
    blocked: bool = False  # in private: the person blocked the bot
    is_forum: bool = False  # the group has topics
    topics: dict[int, Topic] = field(default_factory=dict)
    general_closed: bool = False

    @property
    def is_group(self) -> bool:
        """Tell whether this is the group."""
        return self.person_id is None

    def history(self) -> list[Post]:
        """Return everything that is still there, in the order it came."""
        return sorted([*self.posts.values(), *self.ephemeral.values()], key=lambda post: post.order)


class World:
    """All chats and people."""

    def __init__(self, bot: Json, personas: Sequence[Persona], group_id: int, group_title: str) -> None:
        """Open one private chat for each person and the group with all of them."""
        self.bot = bot
        self.personas = {persona.telegram_id: persona for persona in personas}
        if len(self.personas) != len(personas):
            raise ValueError("two personas share a Telegram id")
        self.group = Chat(group_id, group_title)
        self.chats: dict[int, Chat] = {group_id: self.group}
        for persona in personas:
            self.chats[persona.telegram_id] = Chat(persona.telegram_id, persona.name, persona.telegram_id)
        self.tags: dict[int, str] = {}
        self.bot_status = "administrator"  # in the group: administrator, member, left or kicked
        self.bot_rights: set[str] = set()
        self.reads_everything = True
        self._last_order = 0
        self._last_ephemeral = 0
        self._last_id = {"group": 0, "private": 0}

    @property
    def bot_id(self) -> int:
        """Return the bot's Telegram id."""
        return int(self.bot["id"])

    def open_forum(self) -> None:
        """Give the group topics. The number 1 is General's, so no message of a forum has it."""
        self.group.is_forum = True
        self._last_id["group"] = max(self._last_id["group"], 1)

    def place(self, post: Post) -> Post:
        """Give the message its numbers and put it into its chat."""
        chat = self.chats[post.chat_id]
        self._last_order += 1
        post.order = self._last_order
        if post.receiver_id is not None and chat.is_group:
            self._last_ephemeral += 1
            post.ephemeral_id = self._last_ephemeral
            chat.ephemeral[post.ephemeral_id] = post
            return post
        # A supergroup counts its own messages, all private chats of the bot share one count.
        kind = "group" if chat.is_group else "private"
        self._last_id[kind] += 1
        post.message_id = self._last_id[kind]
        chat.posts[post.message_id] = post
        return post

    def remove(self, post: Post) -> None:
        """Take the message out of its chat."""
        chat = self.chats[post.chat_id]
        post.deleted = True
        if post.ephemeral_id is not None:
            chat.ephemeral.pop(post.ephemeral_id, None)
            return
        chat.posts.pop(post.message_id, None)
        if post.message_id in chat.pinned:
            chat.pinned.remove(post.message_id)

    def change_language(self, person_id: int, language_code: str | None) -> Persona:
        """Let a person use Telegram in another language."""
        self.personas[person_id] = replace(self.personas[person_id], language_code=language_code)
        return self.personas[person_id]

    def admins(self) -> Iterator[Persona]:
        """Yield the human administrators of the group."""
        return (persona for persona in self.personas.values() if persona.group_admin)

    def seen_by(self, posts: Iterable[Post], viewer: int | None) -> list[Post]:
        """Return what a person sees; with no person, what everybody in the chat sees."""
        posts = list(posts)
        mine = [post for post in posts if post.receiver_id is None or post.receiver_id == viewer]
        covered = {post.replaces for post in mine if post.replaces}
        return [post for post in mine if post.key not in covered]
