"""Whole conversations over HTTP: the real bot, the local Bot API server, a made-up lab on a fast clock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from bot.demo.cast import ADMIN, LISI, PERSONAS, WANGWU, ZHANGSAN
from bot.demo.lab import Demo
from bot.demo.server import LocalTelegram, shapes
from bot.demo.server.core import Query
from bot.demo.server.rich_walk import plain_blocks
from tests.stories.audit import audited

PATIENCE = 20.0  # seconds of real time before a test gives up
ADMIN_ID, LISI_ID, WANGWU_ID = ADMIN.telegram_id, LISI.telegram_id, WANGWU.telegram_id


class Conversation:
    """Types and presses as people do, and reads what they would read; `patience` is in seconds of real time.

    In a group with topics people type in `topic`, the last one; the bot's own posts go to another.
    """

    def __init__(self, telegram: LocalTelegram, patience: float = PATIENCE) -> None:
        self.telegram = telegram
        self.group = telegram.group_id
        self.topic = list(telegram.topics.values())[-1] if telegram.topics else None
        self.patience = patience

    async def say(self, who: int, text: str, chat: int | None = None) -> dict[str, Any]:
        """Type something (in the private chat, if no other is given) and return the bot's next answer there."""
        chat = who if chat is None else chat
        before = {key_of(m) for m in self.telegram.messages(chat, who)}
        typed = await self.type(who, text, chat)
        return await self.next_answer(who, chat, before | {key_of(typed)})

    async def type(self, who: int, text: str, chat: int) -> dict[str, Any]:
        """Without waiting for an answer."""
        return await self.telegram.say(who, chat, text, topic=self.topic if chat == self.group else None)

    async def begin(self, who: int, code: str = "") -> dict[str, Any]:
        before = {key_of(m) for m in self.telegram.messages(who, who)}
        typed = await self.telegram.begin(who, code)
        return await self.next_answer(who, who, before | {key_of(typed)})

    async def next_answer(self, who: int, chat: int, before: set[str]) -> dict[str, Any]:
        def found() -> dict[str, Any] | None:
            new = [m for m in self.telegram.messages(chat, who) if key_of(m) not in before and is_bots(m)]
            return read(new[-1]) if new else None

        answer: dict[str, Any] | None = await self.telegram.wait_for(found, self.patience)
        assert answer is not None
        return answer

    async def press(self, who: int, message: dict[str, Any], label: str, chat: int | None = None) -> Any:
        """Press a button by (a part of) its label or data, as soon as the message has it; the answer to the press."""
        chat = message["chat"]["id"] if chat is None else chat

        def found() -> str | None:
            now = [m for m in self.telegram.messages(chat, who) if key_of(m) == key_of(message)]
            pressable = [b for m in now for b in buttons(m) if "callback_data" in b]
            meant = [b["callback_data"] for b in pressable if label in b["text"] or label in b["callback_data"]]
            return meant[0] if meant else None

        data = await self.telegram.wait_for(found, self.patience)
        assert data is not None
        query = await self.telegram.press(who, chat, key_of(message), data)
        assert query is not None
        await self.telegram.wait_for(lambda: query.answer is not None, self.patience)
        return query.answer

    async def forge(self, who: int, message: dict[str, Any], data: str) -> Any:
        """Press what no button says: an app may send any data with a press; the answer to it."""
        chat = message["chat"]["id"]
        core = self.telegram.core
        post = next(post for post in core.world.chats[chat].history() if post.key == key_of(message))
        query = Query(f"forged-{len(core.queries)}", who, post, core.now())
        core.queries[query.query_id] = query
        person = shapes.user(core.world, who)
        content = {"id": query.query_id, "from": person, "message": message, "chat_instance": "1", "data": data}
        core.update("callback_query", content)
        await self.telegram.wait_for(lambda: query.answer is not None, self.patience)
        return query.answer

    async def becomes(self, chat: int, message: dict[str, Any], words: str) -> dict[str, Any]:
        """That very message, once it says these words."""

        def found() -> dict[str, Any] | None:
            return self.says(chat, message, words)

        changed: dict[str, Any] | None = await self.telegram.wait_for(found, self.patience)
        assert changed is not None
        return changed

    def says(self, chat: int, message: dict[str, Any], words: str) -> dict[str, Any] | None:
        """That very message, if it says these words now."""
        same = (m for m in self._seen(chat, None) if key_of(m) == key_of(message))
        return next((m for m in same if words in m.get("text", "")), None)

    async def until(self, chat: int, words: str, who: int | None = None) -> dict[str, Any]:
        """The message of that chat in which these words stand, as soon as they do (an edit counts).

        As `who` sees it; with nobody named, as anybody does who is there.
        """

        def found() -> dict[str, Any] | None:
            return next((m for m in self._seen(chat, who) if words in m.get("text", "")), None)

        message: dict[str, Any] | None = await self.telegram.wait_for(found, self.patience)
        assert message is not None
        return message

    async def when(self, chat: int, fits: Callable[[dict[str, Any]], bool], who: int | None = None) -> dict[str, Any]:
        """The message of that chat that fits, as soon as there is one (an edit counts), seen as in `until`."""

        def found() -> dict[str, Any] | None:
            return next((m for m in self._seen(chat, who) if fits(m)), None)

        message: dict[str, Any] | None = await self.telegram.wait_for(found, self.patience)
        assert message is not None
        return message

    def _seen(self, chat: int, who: int | None) -> list[dict[str, Any]]:
        if who is not None or chat != self.group:
            return [read(m) for m in self.telegram.messages(chat, who)]
        views = [self.telegram.messages(chat, persona.telegram_id) for persona in PERSONAS]
        return [read(m) for m in {key_of(m): m for view in views for m in view}.values()]

    async def can_not_press(self, who: int, message: dict[str, Any], label: str) -> None:
        """Somebody else's button: they don't see it, or are told that it is not theirs."""
        chat = message["chat"]["id"]
        if key_of(message) in {key_of(m) for m in self.telegram.messages(chat, who)}:
            answer = await self.press(who, message, label, chat)
            assert "不是你的" in answer["text"] or "没有你能改的" in answer["text"]

    async def say_and_read_last(self, who: int, text: str) -> str:
        """For a command whose first answer is edited: what stands there in the end."""
        message = await self.say(who, text)
        first = message["text"]

        def last() -> str | None:
            now = [read(m) for m in self.telegram.messages(who, who) if key_of(m) == key_of(message)]
            return now[0]["text"] if now and now[0]["text"] != first else None

        return str(await self.telegram.wait_for(last, self.patience))

    def texts(self, chat: int, who: int | None = None) -> list[str]:
        """What everybody sees there; with `who`, what they alone see too."""
        return [read(m).get("text", "") for m in self.telegram.messages(chat, who)]

    def check_topics(self) -> None:
        """In a group with topics nothing of the bot's lies in General, where nobody asks and it posts nothing."""
        if self.topic is not None:
            world = self.telegram.core.world
            posts = [post for post in world.group.history() if post.sender_id == world.bot_id]
            assert {post.topic_id for post in posts} <= {*self.telegram.topics.values()}


class Talk(Conversation):
    """A conversation in the demo's lab. One thing after another: an answer is read when the one before is finished."""

    def __init__(self, demo: Demo) -> None:
        super().__init__(demo.telegram)
        self.demo = demo

    async def say(self, who: int, text: str, chat: int | None = None) -> dict[str, Any]:
        await self.settled()
        return await super().say(who, text, chat)

    async def settled(self) -> None:
        """The bot has handled everything that was said and pressed."""
        assert self.demo.junzi is not None
        while await self.demo.junzi.database.write(lambda books: books.inbox.pending()):
            await asyncio.sleep(0.005)

    async def delivered(self) -> None:
        """The bot knows that what it owed has arrived; a moment before, the same may be in the chat already."""
        assert self.demo.junzi is not None
        while await self.demo.junzi.database.read(lambda books: books.outbox.due(self.demo.clock.now())):
            await asyncio.sleep(0.005)


def key_of(message: dict[str, Any]) -> str:
    """What tells a message from others: its number, or "e7" for one that a single person sees."""
    ephemeral = message.get("ephemeral_message_id")
    return str(message["message_id"]) if ephemeral is None else f"e{ephemeral}"


def read(message: dict[str, Any]) -> dict[str, Any]:
    """The words of a rich message as its text, a line a cell or paragraph."""
    rich = message.get("rich_message")
    return message if rich is None else {**message, "text": plain_blocks(rich["blocks"])}


def is_bots(message: dict[str, Any]) -> bool:
    return bool(message.get("from", {}).get("is_bot"))


def buttons(message: dict[str, Any]) -> list[dict[str, Any]]:
    return [b for row in message.get("reply_markup", {}).get("inline_keyboard", []) for b in row]


def labels(message: dict[str, Any]) -> list[str]:
    return [b["text"] for b in buttons(message)]


# The bot as an administrator of the group, as an ordinary member, on a server of yesterday, and in a group with topics.
WORLDS: dict[str, dict[str, Any]] = {
    "administrator": {},
    "ordinary member": {"bot_is_admin": False},
    "old server": {"bot_api": "10.0"},
    "forum group": {"topics": ("显卡", "闲聊")},
}
# For journeys in private chats alone: topics are the group's.
PRIVATE_WORLDS = tuple(world for world in WORLDS if world != "forum group")
in_private = pytest.mark.parametrize("talk", PRIVATE_WORLDS, indirect=True)


@pytest.fixture(params=WORLDS)
async def talk(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Talk]:
    """A lab twenty times as fast as life, so that half a minute of training passes while one looks."""
    quiet = request.node.get_closest_marker("quiet_lab") is not None
    rich = "off" if request.node.get_closest_marker("plain_form") is not None else "auto"
    demo = Demo(tmp_path, speed=20, quiet=quiet, rich=rich, flood_limits=False, **WORLDS[request.param])
    async with audited(demo):
        talk = Talk(demo)
        for persona in (ADMIN, LISI, WANGWU):
            await talk.until(persona.telegram_id, "👋")
        yield talk
        talk.check_topics()


__all__ = [
    "ADMIN",
    "ADMIN_ID",
    "LISI",
    "LISI_ID",
    "WANGWU",
    "WANGWU_ID",
    "ZHANGSAN",
    "Conversation",
    "Talk",
    "buttons",
    "in_private",
    "is_bots",
    "labels",
]
