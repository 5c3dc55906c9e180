"""Rich messages (Bot API 10.1, buttons since 10.3): their HTML into blocks, and the buttons inside. Pure.

Tags, block types and limits are Telegram's documented ones; the words of the errors are guesses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from bot.demo.server.chats import Json
from bot.demo.server.entities import utf16_length
from bot.demo.server.markup import STYLES, check_action
from bot.demo.server.rich_walk import nodes, plain, plain_blocks, rich_buttons

MOST_CHARACTERS, MOST_BLOCKS, MOST_DEPTH, MOST_MEDIA, MOST_COLUMNS, MOST_ROW_BUTTONS = 32768, 500, 16, 50, 20, 8
INLINE = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
    "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "tg-spoiler": "spoiler",
    "span": "spoiler", "code": "code", "mark": "marked", "sub": "subscript", "sup": "superscript",
    "a": "url", "tg-time": "date_time", "tg-button": "button",
}  # fmt: skip
BLOCKS = frozenset(
    "p h1 h2 h3 h4 h5 h6 pre footer hr ul ol li blockquote aside cite figure figcaption img table caption thead "
    "tbody tr th td details summary tg-button-row".split()
)
VOID = frozenset({"br", "hr", "img"})
BLOCK_TYPES = frozenset("paragraph heading pre footer divider list blockquote table details buttons photo".split())
SPACES = re.compile(r"[ \t\r\n]+")
Photo = Callable[[str], Json]


class RichError(ValueError):
    """Rich HTML that can't be shown."""


@dataclass
class Node:
    """An element of the source."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Node | str] = field(default_factory=list)


class _Tree(HTMLParser):
    """Builds the tree, and insists on balance and known tags."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Node("root")
        self.path = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in INLINE and tag not in BLOCKS and tag != "br":
            raise RichError(f'Unsupported start tag "{tag}"')
        node = Node(tag, {name: value or "" for name, value in attrs})
        self.path[-1].children.append("\n" if tag == "br" else node)
        if tag not in VOID:
            self.path.append(node)
            if len(self.path) > MOST_DEPTH + 1:
                raise RichError("too many nested levels")

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if self.path[-1].tag != tag:
            raise RichError(f'Unmatched end tag "{tag}"')
        self.path.pop()

    def handle_data(self, data: str) -> None:
        """Spaces and line breaks of the source are one space, but in a block that is formatted already."""
        is_formatted = any(node.tag == "pre" for node in self.path)
        self.path[-1].children.append(data if is_formatted else SPACES.sub(" ", data))


def parse(source: str, photo: Photo, *, with_buttons: bool) -> list[Json]:
    """Return the blocks of rich HTML; ``photo`` finds the picture that an ``<img>`` names."""
    tree = _Tree()
    tree.feed(source)
    tree.close()
    if len(tree.path) > 1:
        raise RichError(f'Can\'t find end tag corresponding to start tag "{tree.path[-1].tag}"')
    blocks = _Blocks(photo, with_buttons).of(tree.root.children)
    check(blocks)
    return blocks


def check(blocks: list[Json]) -> None:
    """Refuse what goes beyond Telegram's limits."""
    if not blocks:
        raise RichError("message text is empty")
    if utf16_length(plain_blocks(blocks)) > MOST_CHARACTERS:
        raise RichError("message is too long")
    inside = list(nodes(blocks))
    rows = [row for node in inside if node.get("type") == "table" for row in node["cells"]]
    items = [node for node in inside if "label" in node]
    if sum(node.get("type") in BLOCK_TYPES for node in inside) + len(rows) + len(items) > MOST_BLOCKS:
        raise RichError("too many blocks")
    if any(sum(cell.get("colspan", 1) for cell in row) > MOST_COLUMNS for row in rows):
        raise RichError("too many columns in a table")
    if sum(node.get("type") == "photo" for node in inside) > MOST_MEDIA:
        raise RichError("too many media")


@dataclass(frozen=True)
class _Blocks:
    """Turns elements into blocks."""

    photo: Photo
    with_buttons: bool

    def of(self, children: list[Node | str]) -> list[Json]:
        """Return blocks; loose text becomes paragraphs."""
        blocks: list[Json] = []
        loose: list[Node | str] = []
        for child in [*children, Node("end")]:
            if isinstance(child, str) or child.tag in INLINE:
                loose.append(child)
                continue
            text = self.text(loose)
            if plain(text).strip() or any(rich_buttons({"rich_message": text})):
                blocks.append({"type": "paragraph", "text": _stripped(text)})
            loose = []
            if child.tag != "end":
                blocks.extend(self.block(child))
        return blocks

    def block(self, node: Node) -> list[Json]:
        """Return the block of one element."""
        tag = node.tag
        if tag == "p":
            return [{"type": "paragraph", "text": _stripped(self.text(node.children))}]
        if len(tag) == 2 and tag[0] == "h" and tag[1].isdigit():
            return [{"type": "heading", "text": self.text(node.children), "size": int(tag[1])}]
        if tag == "footer":
            return [{"type": "footer", "text": self.text(node.children)}]
        if tag == "hr":
            return [{"type": "divider"}]
        makers = {"pre": _pre, "ul": self.items, "ol": self.items, "blockquote": self.quote, "details": self.details,
                  "table": self.table, "tg-button-row": self.row, "img": self.image, "figure": self.figure}  # fmt: skip
        if tag not in makers:
            raise RichError(f'Tag "{tag}" can\'t be used here')
        return [makers[tag](node)]

    def items(self, node: Node) -> Json:
        """Return a list block."""
        kept = [child for child in node.children if isinstance(child, Node) and child.tag == "li"]
        numbered = node.tag == "ol"
        return {"type": "list", "items": [
            {"label": f"{number}." if numbered else "•", "blocks": self.of(item.children)}
            for number, item in enumerate(kept, int(node.attributes.get("start") or 1))
        ]}  # fmt: skip

    def quote(self, node: Node) -> Json:
        """Return a quotation."""
        credit = _child(node, "cite")
        quote: Json = {"type": "blockquote", "blocks": self.of([c for c in node.children if c is not credit])}
        if credit is not None:
            quote["credit"] = self.text(credit.children)
        return quote

    def details(self, node: Node) -> Json:
        """Return a fold."""
        summary = _child(node, "summary")
        if summary is None:
            raise RichError('Tag "details" must have a "summary"')
        fold: Json = {"type": "details", "summary": self.text(summary.children),
                      "blocks": self.of([child for child in node.children if child is not summary])}  # fmt: skip
        return {**fold, "is_open": True} if "open" in node.attributes else fold

    def table(self, node: Node) -> Json:
        """Return a table; its cells hold inline text only."""
        rows = [child for child in _flat(node) if child.tag == "tr"]
        table: Json = {"type": "table", "cells": [[self.cell(cell) for cell in row.children if isinstance(cell, Node)]
                                                  for row in rows]}  # fmt: skip
        table.update({f"is_{name}": True for name in ("bordered", "striped", "compact") if name in node.attributes})
        caption = _child(node, "caption")
        return {**table, "caption": self.text(caption.children)} if caption is not None else table

    def cell(self, node: Node) -> Json:
        """Return a table cell."""
        if node.tag not in ("td", "th"):
            raise RichError(f'Tag "{node.tag}" can\'t be used in a table row')
        align = node.attributes.get("align") or ("center" if node.tag == "th" else "left")
        valign = node.attributes.get("valign") or "middle"
        cell: Json = {"align": align, "valign": valign, "text": self.text(node.children)}
        if align not in ("left", "center", "right") or valign not in ("top", "middle", "bottom"):
            raise RichError("wrong alignment of a table cell")
        cell.update({name: int(node.attributes[name]) for name in ("colspan", "rowspan") if node.attributes.get(name)})
        return {**cell, "is_header": True} if node.tag == "th" else cell

    def row(self, node: Node) -> Json:
        """Return a row of buttons."""
        found = [self.button(child) for child in node.children if isinstance(child, Node) and child.tag == "tg-button"]
        if not 1 <= len(found) <= MOST_ROW_BUTTONS:
            raise RichError("a button row must have 1 to 8 buttons")
        return {"type": "buttons", "buttons": found, "align": node.attributes.get("align") or "center"}

    def button(self, node: Node) -> Json:
        """Return a button of the text."""
        if not self.with_buttons:
            raise RichError('Unsupported start tag "tg-button"')
        given = node.attributes
        button: Json = {"text": self.text(node.children)}
        if given.get("style"):
            if given["style"] not in (*STYLES, "link"):
                raise RichError("Invalid button style specified")
            button["style"] = given["style"]
        kind = given.get("type", "callback_data")
        if "disabled" in given or kind == "disabled":
            return {**button, "disabled": {}}
        if kind == "callback_data":
            button["callback_data"] = given.get("data", "")
        elif kind == "url":
            button["url"] = given.get("url", "")
        elif kind == "copy_text":
            button["copy_text"] = {"text": given.get("text") or given.get("data") or ""}
        else:
            raise RichError(f'Unsupported button type "{kind}"')
        check_action(button)
        return button

    def image(self, node: Node) -> Json:
        """Return a picture."""
        return {"type": "photo", **self.photo(node.attributes.get("src", ""))}

    def figure(self, node: Node) -> Json:
        """Return a picture with words under it."""
        image, caption = _child(node, "img"), _child(node, "figcaption")
        if image is None:
            raise RichError('Tag "figure" must have an "img"')
        block = self.image(image)
        return {**block, "caption": {"text": self.text(caption.children)}} if caption is not None else block

    def text(self, children: list[Node | str]) -> Any:
        """Return a RichText: a string, a list or one styled part."""
        parts = [child if isinstance(child, str) else self.styled(child) for child in children]
        parts = [part for part in parts if part != ""]
        return parts[0] if len(parts) == 1 else parts or ""

    def styled(self, node: Node) -> Json:
        """Return one styled part."""
        if node.tag not in INLINE:
            raise RichError(f'Tag "{node.tag}" can\'t be used inside a text')
        kind = INLINE[node.tag]
        if kind == "button":
            return {"type": "button", "button": self.button(node)}
        part: Json = {"type": kind, "text": self.text(node.children)}
        if kind == "url":
            part["url"] = node.attributes.get("href") or plain(part["text"])
        if kind == "date_time":
            part["unix_time"] = int(node.attributes.get("unix") or 0)
            part["date_time_format"] = node.attributes.get("format", "")
        return part


def _pre(node: Node) -> Json:
    code = _child(node, "code")
    language = (code.attributes.get("class", "") if code else "").removeprefix("language-")
    block: Json = {"type": "pre", "text": _words(node)}
    return {**block, "language": language} if language else block


def _words(node: Node | str) -> str:
    return node if isinstance(node, str) else "".join(_words(child) for child in node.children)


def _child(node: Node, tag: str) -> Node | None:
    return next((child for child in node.children if isinstance(child, Node) and child.tag == tag), None)


def _flat(node: Node) -> Iterator[Node]:
    for child in node.children:
        if isinstance(child, Node):
            yield child
            if child.tag in ("thead", "tbody"):
                yield from _flat(child)


def _stripped(text: Any) -> Any:
    if isinstance(text, str):
        return text.strip()
    if isinstance(text, list) and text:
        head = text[0].lstrip() if isinstance(text[0], str) else text[0]
        tail = text[-1].rstrip() if isinstance(text[-1], str) else text[-1]
        return [part for part in [head, *text[1:-1], tail] if part != ""]
    return text
