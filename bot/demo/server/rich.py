"""Rich messages (Bot API 10.1, buttons since 10.3)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bot.demo.server.chats import Json


def rich_buttons(content: Json) -> Iterator[Json]:
    """Yield the buttons inside a rich message, with a plain label."""
    yield from _walk(content.get("rich_message") or {})


def _walk(node: Any) -> Iterator[Json]:
    if isinstance(node, list):
        for child in node:
            yield from _walk(child)
    elif isinstance(node, dict):
        if "callback_data" in node:
            yield {**node, "text": plain(node.get("text", ""))}
        for child in node.values():
            yield from _walk(child)


def plain(text: Any) -> str:
    """Return the words of a RichText."""
    if isinstance(text, str):
        return text
    if isinstance(text, list):
        return "".join(plain(part) for part in text)
    return plain(text.get("text", "")) if isinstance(text, dict) else ""
