"""A Telegram for one machine: the Bot API, the chat page, and hands for tests to act as a person."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from aiohttp import web

from bot.demo.server import shapes
from bot.demo.server.chats import Json, Post, World
from bot.demo.server.core import FORMER_GROUP_ID, Call, Core, Query
from bot.demo.server.files import Upload
from bot.demo.server.guard import guard
from bot.demo.server.http import MOST_BODY_BYTES, BotApi
from bot.demo.server.page import Page
from bot.demo.server.people import NotPossible, People
from bot.demo.server.personas import Hint, Persona
from bot.demo.server.switches import Switches

T = TypeVar("T")
GROUP_ID = -1001700000042
BOT_ID = 7000000001
TURNS_TO_COME_IN = 3  # of the event loop, from a connection that is accepted to one that the server knows


class LocalTelegram:
    """Start it, point a bot's ``base_url`` at ``url + "/bot"`` and its ``base_file_url`` at ``url + "/file/bot"``."""

    def __init__(
        self,
        token: str,
        bot_name: str,
        personas: Sequence[Persona],
        group_title: str,
        now: Callable[[], datetime],
        speed: float = 1.0,
        *,
        bot_title: str | None = None,
        bot_api: str = "10.3",
        flood_limits: bool = True,
        bot_is_admin: bool = True,
        reads_everything: bool = True,
        topics: Sequence[str] = (),
        spare_topics: Sequence[str] = ("GPUs", "Chat"),
        hints: Sequence[Hint] = (),
        zone: str | None = None,
    ) -> None:
        """Build the lab: ``bot_name`` is the bot's username, ``bot_title`` its shown name.

        ``now`` is an aware clock that runs ``speed`` times as fast as the real one.
        ``bot_api`` plays an older server ("10.0" knows neither ephemeral nor rich messages); ``bot_is_admin`` and
        ``reads_everything`` (privacy mode off) are what the bot may do in the group. With ``topics`` the group is a
        forum that has these besides General; ``spare_topics`` are those it gets if somebody makes it one. The page
        offers ``hints`` to try and shows times in ``zone``, such as "Asia/Shanghai", unless another is chosen.
        """
        username = bot_name.removeprefix("@")
        head = token.partition(":")[0]
        bot = {"id": int(head) if head.isdigit() else BOT_ID, "is_bot": True,
               "first_name": bot_title or username.partition("_")[0], "username": username}  # fmt: skip
        world = World(bot, personas, GROUP_ID, group_title)
        world.bot_status = "administrator" if bot_is_admin else "member"
        world.bot_rights = set(shapes.BOT_RIGHTS)
        world.reads_everything = reads_everything
        self.core = Core(token, world, now, speed, flood_limits, bot_api)
        self.people = People(self.core)
        self.switches = Switches(self.core, self.people, spare_topics)
        self.page = Page(self.core, self.people, self.switches, hints, zone)
        if topics:
            world.open_forum()
        owner = next(world.admins(), personas[0]).telegram_id
        self.topics = {name: self.people.begin_topic(owner, name).topic_id for name in topics}
        self.core.updates.drop()  # that was long ago
        self.url = ""
        self._runner: web.AppRunner | None = None
        self._door: socket.socket | None = None

    @property
    def group_id(self) -> int:
        """Return the chat id of the lab's group."""
        return self.core.world.group.chat_id

    @property
    def former_group_id(self) -> int:
        """Return the id the group had before it became a supergroup; calls with it are told the new id."""
        return FORMER_GROUP_ID

    @property
    def calls(self) -> list[Call]:
        """Return the Bot API calls so far, polls left out."""
        return list(self.core.calls)

    @property
    def is_polled(self) -> bool:
        """Tell whether a bot waits for updates at this moment."""
        return self.core.updates.is_polled

    async def start(self, host: str = "127.0.0.1", port: int = 8765) -> str:
        """Serve and return the address; port 0 takes any free one."""
        app = web.Application(middlewares=[guard], client_max_size=MOST_BODY_BYTES)
        app.add_routes([*BotApi(self.core).routes(), *self.page.routes()])
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        self._door = socket.create_server((host, port))
        await web.SockSite(self._runner, self._door).start()
        self.url = f"http://{host}:{self._runner.addresses[0][1]}"
        return self.url

    async def stop(self) -> None:
        """Let polls and pages go, then close."""
        self.core.updates.close()
        await self.page.close()
        if self._runner is not None:
            await self._let_nobody_in()
            await self._runner.cleanup()
            self._runner = None

    async def _let_nobody_in(self) -> None:
        """Before the server closes: a connection that was accepted, and not handed over yet, would never be closed
        (asyncio's server, when it is closed, forgets it; seen in Python 3.11 and 3.13)."""
        if self._door is not None:
            asyncio.get_running_loop().remove_reader(self._door)
            for _ in range(TURNS_TO_COME_IN):
                await asyncio.sleep(0)

    async def say(self, persona_id: int, chat_id: int, text: str, reply_to: int | None = None,
                  topic: int | None = None) -> Json:  # fmt: skip
        """Type a message as a person (in a forum into ``topic``, None for General) and return it as the bot sees it."""
        return self._shape(self.people.say(persona_id, chat_id, text, reply_to, topic))

    async def edit(self, persona_id: int, chat_id: int, message_id: int, text: str) -> Json:
        """Change a person's own message."""
        return self._shape(self.people.edit(persona_id, chat_id, message_id, text))

    async def upload(self, persona_id: int, chat_id: int, name: str, data: bytes,
                     mime_type: str = "application/octet-stream", caption: str = "") -> Json:  # fmt: skip
        """Send a file as a person."""
        return self._shape(self.people.upload(persona_id, chat_id, Upload(name, data, mime_type), caption))

    async def press(self, persona_id: int, chat_id: int, message_id: int | str, data_or_label: str) -> Query | None:
        """Press an inline button by its data or label; an ephemeral message goes by ``"e" + its id``.

        The returned query's ``answer`` is filled when the bot answers; None if the button asks the bot nothing.
        """
        return self.people.press(persona_id, chat_id, str(message_id), data_or_label)

    async def begin(self, persona_id: int, payload: str = "") -> Json:
        """Press Start in the private chat, as a ``t.me/BOT?start=PAYLOAD`` link does."""
        return self._shape(self.people.start(persona_id, payload))

    async def react(self, persona_id: int, chat_id: int, message_id: int, emoji: str | None) -> None:
        """React to a message as a person; None takes the reaction back."""
        self.people.react(persona_id, chat_id, message_id, emoji)

    def messages(self, chat_id: int, viewer: int | None = None) -> list[Json]:
        """Return the messages of a chat as ``viewer`` sees them; with no viewer, what everybody there sees."""
        chat = self.core.world.chats[chat_id]
        return [self._shape(post) for post in self.core.world.seen_by(chat.history(), viewer)]

    async def wait_for(self, predicate: Callable[[], T], timeout: float = 5.0) -> T:
        """Return the first true answer of ``predicate()``, asked again whenever something happens here."""
        return await self.core.live.wait_for(predicate, timeout)

    def _shape(self, post: Post) -> Json:
        return shapes.message(self.core.world, post)


__all__ = ["Hint", "LocalTelegram", "NotPossible", "Persona"]
