"""Rich messages: sendRichMessage, and the rich form of editMessageText."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.demo.server.arguments import Arguments
from bot.demo.server.chats import Json, Post
from bot.demo.server.core import Core

Finder = Callable[[], Post]


def content_of(_core: Core, _args: Arguments) -> Json | None:
    """Return the content of a rich message, None when the call has none or the server is too old for it."""
    return None


METHODS: dict[str, Any] = {}
