"""Telegram in small: the state of the demo and what every method and every person shares."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.demo.server import hearing, shapes
from bot.demo.server.arguments import Arguments
from bot.demo.server.chats import Chat, Json, Post, World
from bot.demo.server.errors import bad_request, forbidden, too_many_requests
from bot.demo.server.files import Files
from bot.demo.server.limits import FloodLimits
from bot.demo.server.live import Live
from bot.demo.server.updates import Updates

# A demo may run for days; older calls are forgotten.
MOST_CALLS = 20_000
# The id that the group had as a small group; whoever still uses it is told the new one.
FORMER_GROUP_ID = -4200042
# What came with which version of the Bot API; an older server ignores parameters it doesn't know.
SINCE = {"rich": (10, 1), "ephemeral": (10, 2), "rich_buttons": (10, 3)}


@dataclass(frozen=True)
class Call:
    """One Bot API call, kept so that tests can say what was public."""

    method: str
    parameters: Json
    at: datetime
    result: Any = None
    error: str | None = None


@dataclass
class Query:
    """A pressed button that waits for its answer."""

    query_id: str
    person_id: int
    post: Post
    at: datetime
    answer: Json | None = None


@dataclass
class Core:
    """Everything behind the Bot API and the page."""

    token: str
    world: World
    now: Callable[[], datetime]
    speed: float = 1.0
    flood_limits: bool = True
    bot_api: str = "10.3"
    files: Files = field(default_factory=Files)
    updates: Updates = field(init=False)
    limits: FloodLimits = field(default_factory=FloodLimits)
    live: Live = field(default_factory=Live)
    calls: deque[Call] = field(default_factory=lambda: deque(maxlen=MOST_CALLS))
    queries: dict[str, Query] = field(default_factory=dict)
    commands: dict[tuple[str, str], list[Json]] = field(default_factory=dict)
    webhook_url: str = ""
    descriptions: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Tie the queue to the news."""
        self.updates = Updates(self.live.changed)

    def knows(self, feature: str) -> bool:
        """Tell whether the played version of the Bot API has a feature."""
        major, _, minor = self.bot_api.partition(".")
        return (int(major), int(minor or 0)) >= SINCE[feature]

    def seconds_since(self, moment: datetime) -> float:
        """Return the seconds that passed for the bot, whose patience doesn't run faster with the demo's clock."""
        return (self.now() - moment).total_seconds() / self.speed

    def target(self, args: Arguments, name: str = "chat_id") -> Chat:
        """Return the chat a call means, if the bot may act there."""
        chat = self.known_chat(args, name)
        if chat.is_group:
            if self.world.bot_status == "kicked":
                raise forbidden("bot was kicked from the supergroup chat")
            if self.world.bot_status == "left":
                raise forbidden("bot is not a member of the supergroup chat")
        elif chat.blocked:
            raise forbidden("bot was blocked by the user")
        elif not chat.started:
            raise forbidden("bot can't initiate conversation with a user")
        return chat

    def known_chat(self, args: Arguments, name: str = "chat_id") -> Chat:
        """Return the chat a call names, whatever the bot may do there."""
        value = args.text(name)
        if not value:
            raise bad_request("chat_id is empty")
        if value == str(FORMER_GROUP_ID):
            new_id = self.world.group.chat_id
            raise bad_request("group chat was upgraded to a supergroup chat", migrate_to_chat_id=new_id)
        try:
            return self.world.chats[int(value)]
        except (ValueError, KeyError):
            raise bad_request("chat not found") from None

    def may(self, right: str) -> bool:
        """Tell whether the bot is an administrator of the group with this right."""
        return self.world.bot_status == "administrator" and right in self.world.bot_rights

    def count(self, chat: Chat, messages: int = 1) -> None:
        """Count messages against the flood limits, or answer 429."""
        if not self.flood_limits:
            return
        wait = self.limits.take(chat.chat_id, self.now(), messages)
        if wait > 0:
            raise too_many_requests(max(1, math.ceil(wait / self.speed)))

    def place(self, post: Post) -> Post:
        """Put a new message into its chat and show it."""
        self.world.place(post)
        self.show(post, "post")
        return post

    def show(self, post: Post, kind: str) -> None:
        """Tell the pages about a new or changed message."""
        self.live.publish({"kind": kind, "chat": post.chat_id, "message": shapes.page_message(self.world, post)})

    def remove(self, post: Post) -> None:
        """Delete a message everywhere."""
        self.world.remove(post)
        self.live.publish({"kind": "gone", "chat": post.chat_id, "key": post.key})
        self.show_pins(self.world.chats[post.chat_id])

    def show_pins(self, chat: Chat) -> None:
        """Tell the pages what is pinned."""
        self.live.publish({"kind": "pins", "chat": chat.chat_id, "keys": [str(number) for number in chat.pinned]})

    def show_topics(self, chat: Chat) -> None:
        """Tell the pages which topics there are."""
        self.live.publish({"kind": "topics", "chat": chat.chat_id, **shapes.page_topics(chat)})

    def hear(self, post: Post) -> None:
        """Queue a message for the bot, unless it is its own or privacy mode hides it."""
        if post.sender_id != self.world.bot_id and hearing.hears(self.world, post):
            self.update("message", shapes.message(self.world, post))

    def update(self, kind: str, value: Json) -> None:
        """Queue an update for the bot."""
        self.updates.put(kind, value, self.now())
