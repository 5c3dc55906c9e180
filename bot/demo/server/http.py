"""The Bot API over HTTP, as api.telegram.org speaks it."""

from __future__ import annotations

import inspect
import logging
from typing import Any

from aiohttp import web

from bot.demo.server.arguments import Arguments
from bot.demo.server.core import Call, Core
from bot.demo.server.errors import ApiError, bad_request, method_not_found, unauthorized
from bot.demo.server.files import Upload
from bot.demo.server.methods import BY_LOWER_NAME

logger = logging.getLogger("junzi.demo.server")
MOST_BODY_BYTES = 64 * 1024 * 1024


class BotApi:
    """The two doors of a bot: its methods and its files."""

    def __init__(self, core: Core) -> None:
        """Answer for this state."""
        self.core = core

    def routes(self) -> list[web.RouteDef]:
        """Return the routes a bot uses."""
        return [
            web.get("/file/bot{token}/{path:.+}", self.download),
            web.route("*", "/bot{token}/{method}", self.call),
        ]

    async def call(self, request: web.Request) -> web.Response:
        """Answer one method call; every refusal is a JSON body with Telegram's code and words."""
        try:
            if request.match_info["token"] != self.core.token:
                raise unauthorized()
            args = await arguments(request)
            result = await self.dispatch(request.match_info["method"], args)
        except ApiError as error:
            return web.json_response(error.body(), status=error.code)
        except Exception:
            logger.exception("A Bot API call failed: %s", request.match_info["method"])
            body = {"ok": False, "error_code": 500, "description": "Internal Server Error"}
            return web.json_response(body, status=500)
        return web.json_response({"ok": True, "result": result})

    async def dispatch(self, name: str, args: Arguments) -> Any:
        """Run a method and write the call down."""
        if name.lower() not in BY_LOWER_NAME:
            self.note(name, args, error="Not Found: method not found")
            raise method_not_found()
        name, method = BY_LOWER_NAME[name.lower()]
        try:
            result = method(self.core, args)
            if inspect.isawaitable(result):
                result = await result
        except ApiError as error:
            self.note(name, args, error=error.description)
            raise
        self.note(name, args, result=result)
        return result

    def note(self, name: str, args: Arguments, result: Any = None, error: str | None = None) -> None:
        """Keep the call for tests; polls say nothing about what was sent."""
        if name == "getUpdates" and error is None:
            return
        parameters = {**args.values, **{key: upload.name for key, upload in args.uploads.items()}}
        self.core.calls.append(Call(name, parameters, self.core.now(), result, error))
        self.core.live.changed()

    async def download(self, request: web.Request) -> web.Response:
        """Hand out a file by the path getFile told."""
        if request.match_info["token"] != self.core.token:
            return web.json_response(unauthorized().body(), status=401)
        stored = self.core.files.by_path.get(request.match_info["path"])
        if stored is None:
            body = {"ok": False, "error_code": 404, "description": "Not Found"}
            return web.json_response(body, status=404)
        return web.Response(body=stored.upload.data, content_type="application/octet-stream")


async def arguments(request: web.Request) -> Arguments:
    """Read the parameters from the query and the body."""
    values: dict[str, Any] = dict(request.query)
    uploads: dict[str, Upload] = {}
    if request.content_type == "application/json":
        try:
            body = await request.json()
        except ValueError:
            raise bad_request("can't parse request JSON object") from None
        values.update(body if isinstance(body, dict) else {})
    elif request.content_type in ("multipart/form-data", "application/x-www-form-urlencoded"):
        try:
            form = await request.post()
        except web.HTTPRequestEntityTooLarge:
            raise ApiError(413, "Request Entity Too Large") from None
        for key, value in form.items():
            if isinstance(value, web.FileField):
                uploads[key] = Upload(value.filename, value.file.read(), value.content_type)
            else:
                values[key] = value if isinstance(value, str) else value.decode()
    return Arguments(values, uploads)
