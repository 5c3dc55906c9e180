"""The Bot API methods the server knows, by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.demo.server.arguments import Arguments
from bot.demo.server.core import Core
from bot.demo.server.methods import (
    asking,
    changing,
    ephemeral,
    forum,
    group,
    menu,
    polling,
    rich_messages,
    sending,
)

Method = Callable[[Core, Arguments], Any]

METHODS: dict[str, Method] = {
    **polling.METHODS,
    **asking.METHODS,
    **menu.METHODS,
    **sending.METHODS,
    **changing.METHODS,
    **group.METHODS,
    **forum.METHODS,
    **ephemeral.METHODS,
    **rich_messages.METHODS,
}
# Telegram takes method names in any case.
BY_LOWER_NAME = {name.lower(): (name, method) for name, method in METHODS.items()}
