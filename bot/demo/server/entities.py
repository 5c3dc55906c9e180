"""Text and its entities, and the way back to Telegram's HTML. Pure.

Offsets and lengths are UTF-16 code units, as in the Bot API.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

Entity = dict[str, Any]

# Outer entities come first where two begin at the same place, as Telegram sorts them.
RANK = {"expandable_blockquote": 0, "blockquote": 0, "text_link": 2, "text_mention": 2, "code": 9, "pre": 8}


@dataclass(frozen=True)
class Formatted:
    """A text with its entities."""

    text: str
    entities: tuple[Entity, ...] = ()


def utf16_length(text: str) -> int:
    """Return the length in UTF-16 code units, the unit of every limit and offset."""
    return len(text) + sum(1 for character in text if ord(character) > 0xFFFF)


def utf16_slice(text: str, offset: int, length: int) -> str:
    """Return the part of the text that an entity covers."""
    return text.encode("utf-16-le")[2 * offset : 2 * (offset + length)].decode("utf-16-le", "replace")


def sort_entities(entities: Iterable[Entity]) -> list[Entity]:
    """Return the entities in Telegram's order: by place, the longer first."""
    public = [{key: value for key, value in entity.items() if key != "_language"} for entity in entities]
    return sorted(public, key=lambda e: (e["offset"], -e["length"], RANK.get(e["type"], 5)))


def _opening(entity: Entity) -> tuple[str, str]:
    """Return the tags that write an entity."""
    kind = entity["type"]
    if kind == "text_link":
        return f'<a href="{_escape(entity["url"])}">', "</a>"
    if kind == "text_mention":
        return f'<a href="tg://user?id={entity["user"]["id"]}">', "</a>"
    if kind == "pre" and entity.get("language"):
        return f'<pre><code class="language-{_escape(entity["language"])}">', "</code></pre>"
    if kind == "date_time":
        shape = entity.get("date_time_format", "")
        return f'<tg-time unix="{entity["unix_time"]}" format="{shape}">', "</tg-time>"
    simple = {"bold": "b", "italic": "i", "underline": "u", "strikethrough": "s", "spoiler": "tg-spoiler",
              "code": "code", "pre": "pre", "blockquote": "blockquote"}  # fmt: skip
    if kind == "expandable_blockquote":
        return "<blockquote expandable>", "</blockquote>"
    name = simple.get(kind)
    return (f"<{name}>", f"</{name}>") if name else ("", "")


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def as_html(text: str, entities: Sequence[Entity]) -> str:
    """Write text and entities as Telegram's HTML; the way back of parse_html."""
    starts: dict[int, list[Entity]] = {}
    for entity in sort_entities(entities):
        starts.setdefault(entity["offset"], []).append(entity)
    out: list[str] = []
    closing: list[tuple[int, str]] = []
    position = 0
    for character in [*text, ""]:
        while closing and closing[-1][0] <= position:
            out.append(closing.pop()[1])
        for entity in starts.get(position, ()) if character else ():
            before, after = _opening(entity)
            out.append(before)
            closing.append((entity["offset"] + entity["length"], after))
        out.append(_escape(character))
        position += utf16_length(character)
    return "".join(out)
