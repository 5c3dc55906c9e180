"""Walks through a rich message: its words, and the buttons between them. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bot.demo.server.chats import Json

# Styled parts of a text, whose words the text around them counts already.
STYLED = frozenset(
    "bold italic underline strikethrough spoiler code marked subscript superscript url date_time button".split()
)


def nodes(node: Any) -> Iterator[Json]:
    """Yield every object inside."""
    for child in node if isinstance(node, list) else node.values() if isinstance(node, dict) else ():
        if isinstance(child, dict):
            yield child
        yield from nodes(child)


def rich_buttons(content: Json) -> Iterator[Json]:
    """Yield the buttons inside a rich message, with a plain label."""
    for node in nodes([content.get("rich_message") or {}]):
        if any(action in node for action in ("callback_data", "copy_text", "disabled")):
            yield {**node, "text": plain(node.get("text", ""))}


def plain(text: Any) -> str:
    """Return the words of a RichText."""
    if isinstance(text, str):
        return text
    if isinstance(text, list):
        return "".join(plain(part) for part in text)
    if not isinstance(text, dict):
        return ""
    return plain(text["button"]) if "button" in text else plain(text.get("text", ""))


def plain_blocks(blocks: list[Json]) -> str:
    """Return the words of all blocks, a line each."""
    outer = (node for node in nodes(blocks) if node.get("type") not in STYLED)
    return "\n".join(plain(node[part]) for node in outer for part in ("summary", "text") if part in node)
