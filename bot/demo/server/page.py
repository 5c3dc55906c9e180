"""The chat page: its static files, its small JSON interface and its live news."""

from __future__ import annotations

import asyncio
import inspect
import json
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import quote

from aiohttp import WSMsgType, web

from bot.demo.server import command_menu, shapes
from bot.demo.server.chats import Chat, Json, Post
from bot.demo.server.core import Core
from bot.demo.server.errors import ApiError
from bot.demo.server.files import Upload
from bot.demo.server.people import NotPossible, People
from bot.demo.server.personas import Hint
from bot.demo.server.switches import Switches

FOLDER = Path(__file__).parent.parent / "page"
TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
SHOWN_AS_IMAGE = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
MOST_SHOWN = 400
LANGUAGES = frozenset({"zh-hans", "zh-hant", "en", ""})
Action = Callable[[Json], Any]


class Page:
    """Everything the visitor's browser asks for."""

    def __init__(
        self, core: Core, people: People, switches: Switches, hints: Sequence[Hint] = (), zone: str | None = None
    ) -> None:
        """Serve this state."""
        self.hints = hints
        self.zone = zone
        self.run = secrets.token_hex(4)
        self.core = core
        self.people = people
        self.sockets: set[web.WebSocketResponse] = set()
        self.switches = switches
        self.actions: dict[str, Action] = {
            "say": self.say, "press": self.press, "edit": self.edit, "delete": self.delete, "react": self.react,
            "start": self.start, "language": self.language, "block": self.block,
            "switch": self.switch, "restart": self.restart,
        }  # fmt: skip

    def routes(self) -> list[web.RouteDef]:
        """Return the routes of the page."""
        return [
            web.get("/", self.index),
            web.get("/page/live", self.live),
            web.get("/page/file/{file_id}", self.file),
            web.get("/page/{name}", self.static),
            web.post("/page/upload", self.upload),
            web.post("/page/do/{action}", self.act),
        ]

    async def index(self, _request: web.Request) -> web.Response:
        """Serve the page itself."""
        return static_file("index.html")

    async def static(self, request: web.Request) -> web.Response:
        """Serve a script, a style sheet or an icon."""
        return static_file(request.match_info["name"])

    async def file(self, request: web.Request) -> web.Response:
        """Serve a picture to look at, or anything to download."""
        stored = self.core.files.by_id.get(request.match_info["file_id"])
        if stored is None:
            raise web.HTTPNotFound
        mime = stored.upload.mime_type
        if mime in SHOWN_AS_IMAGE and "download" not in request.query:
            return web.Response(body=stored.upload.data, content_type=mime,
                                headers={"Cache-Control": "private, max-age=3600"})  # fmt: skip
        name = stored.upload.name
        disposition = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
        return web.Response(body=stored.upload.data, content_type="application/octet-stream",
                            headers={"Content-Disposition": disposition})  # fmt: skip

    async def act(self, request: web.Request) -> web.Response:
        """Do what a persona does; only JSON is taken, which no foreign form can send."""
        action = self.actions.get(request.match_info["action"])
        if action is None:
            raise web.HTTPNotFound
        if request.content_type != "application/json":
            raise web.HTTPUnsupportedMediaType
        return await answer(lambda: _call(action, request))

    async def upload(self, request: web.Request) -> web.Response:
        """Take a file from a persona."""
        form = await request.post()
        field = form.get("file")
        if not isinstance(field, web.FileField):
            raise web.HTTPBadRequest
        upload = Upload(field.filename, field.file.read(), field.content_type)

        async def send() -> Json:
            reply, topic = str(form.get("reply_to") or ""), str(form.get("topic") or "")
            post = self.people.upload(int(str(form["persona"])), int(str(form["chat"])), upload,
                                      str(form.get("caption") or ""), int(reply) if reply else None,
                                      int(topic) if topic else None)  # fmt: skip
            return {"key": post.key}

        return await answer(send)

    async def live(self, request: web.Request) -> web.WebSocketResponse:
        """Send everything once, then news as it comes."""
        socket = web.WebSocketResponse(heartbeat=20)
        await socket.prepare(request)
        news: asyncio.Queue[Json] = asyncio.Queue()
        news.put_nowait(self.snapshot())
        self.core.live.listeners.add(news)
        self.sockets.add(socket)
        sender = asyncio.ensure_future(self._send(socket, news))
        try:
            async for message in socket:
                if message.type is WSMsgType.ERROR:
                    break
        finally:
            sender.cancel()
            self.core.live.listeners.discard(news)
            self.sockets.discard(socket)
        return socket

    async def _send(self, socket: web.WebSocketResponse, news: asyncio.Queue[Json]) -> None:
        while True:
            event = await news.get()
            if event["kind"] in ("commands", "language"):
                event = {**event, "menus": self.menus(), "descriptions": self.core.descriptions}
            event["now"] = self.core.now().timestamp()
            try:
                await socket.send_json(event)
            except ConnectionError:
                return

    def snapshot(self) -> Json:
        """Return the whole demo as the page shows it."""
        world = self.core.world
        people = [{"id": p.telegram_id, "name": p.name, "username": p.username, "language": p.language_code,
                   "note": p.note, "admin": p.group_admin} for p in world.personas.values()]  # fmt: skip
        chats = [{
            "id": chat.chat_id, "title": chat.title, "person": chat.person_id, "started": chat.started,
            "blocked": chat.blocked, "pins": [str(number) for number in chat.pinned],
            "messages": [shapes.page_message(world, post) for post in recent(chat)],
            **shapes.page_topics(chat),
        } for chat in world.chats.values()]  # fmt: skip
        return {
            "kind": "hello", "run": self.run, "bot": world.bot, "people": people, "chats": chats,
            "group": world.group.chat_id,
            "tags": {str(key): value for key, value in world.tags.items()}, "menus": self.menus(),
            "speed": self.core.speed, "descriptions": self.core.descriptions,
            "hints": [asdict(h) for h in self.hints], "zone": self.zone, "switches": self.switches.state(),
        }  # fmt: skip

    def menus(self) -> dict[str, dict[str, list[Json]]]:
        """Return the command menu of every persona in every chat of theirs."""
        world = self.core.world
        return {
            str(person.telegram_id): {
                str(chat.chat_id): command_menu.effective(self.core, chat, person)
                for chat in (world.group, world.chats[person.telegram_id])
            }
            for person in world.personas.values()
        }

    def say(self, body: Json) -> Json:
        """Send a text."""
        post = self.people.say(body["persona"], body["chat"], body["text"], body.get("reply_to"), body.get("topic"))
        return {"key": post.key}

    def press(self, body: Json) -> Json:
        """Press a button."""
        query = self.people.press(body["persona"], body["chat"], str(body["key"]), body["data"])
        return {"query": query.query_id if query else None}

    def edit(self, body: Json) -> Json:
        """Change one's own message."""
        self.people.edit(body["persona"], body["chat"], body["message_id"], body["text"])
        return {}

    def delete(self, body: Json) -> Json:
        """Delete a message."""
        self.people.delete(body["persona"], body["chat"], str(body["key"]))
        return {}

    def react(self, body: Json) -> Json:
        """Set a reaction."""
        self.people.react(body["persona"], body["chat"], body["message_id"], body.get("emoji"))
        return {}

    def start(self, body: Json) -> Json:
        """Press Start or follow a t.me link."""
        return {"key": self.people.start(body["persona"], body.get("payload") or "").key}

    def block(self, body: Json) -> Json:
        """Block the bot or let it speak."""
        self.people.block(body["persona"], blocked=bool(body["blocked"]))
        return {}

    def language(self, body: Json) -> Json:
        """Let a persona use Telegram in another language."""
        code = body["language"] or ""
        if code not in LANGUAGES:
            raise NotPossible("the page offers zh-hans, zh-hant and en")
        self.core.world.change_language(body["persona"], code or None)
        self.core.live.publish({"kind": "language", "person": body["persona"], "language": code or None})
        return {}

    def switch(self, body: Json) -> Json:
        """Change the server, the bot's rights or the group."""
        self.switches.turn(str(body["name"]), str(body["value"]))
        return {}

    async def restart(self, _body: Json) -> Json:
        """Start the bot anew."""
        if self.switches.restart is None:
            raise NotPossible("nobody here can restart the bot")
        await self.switches.restart()
        return {}

    async def close(self) -> None:
        """Say goodbye to open pages."""
        for socket in list(self.sockets):
            await socket.close()


def recent(chat: Chat) -> list[Post]:
    """Return what a page that is just opened shows: the latest messages and the pinned ones."""
    history = chat.history()
    pinned = set(chat.pinned)
    older = [post for post in history[:-MOST_SHOWN] if post.message_id in pinned]
    return [*older, *history[-MOST_SHOWN:]]


async def _call(action: Action, request: web.Request) -> Json:
    body = await request.json()
    if not isinstance(body, dict):
        raise NotPossible("expected an object")
    result: Json | Awaitable[Json] = action(body)
    return await result if inspect.isawaitable(result) else result


async def answer(work: Callable[[], Awaitable[Json]]) -> web.Response:
    """Return the outcome of an action, or why it was not possible."""
    try:
        return web.json_response({"ok": True, **await work()})
    except (NotPossible, ApiError) as error:
        return web.json_response({"ok": False, "why": str(error)}, status=409)
    except (KeyError, TypeError, ValueError, json.JSONDecodeError) as error:
        return web.json_response({"ok": False, "why": f"bad request: {error!r}"}, status=400)


def static_file(name: str) -> web.Response:
    """Return a file of the page, known by its plain name only."""
    path = FOLDER / name
    if path.parent != FOLDER or path.suffix not in TYPES or not path.is_file():
        raise web.HTTPNotFound
    return web.Response(body=path.read_bytes(), content_type=TYPES[path.suffix], charset="utf-8")
