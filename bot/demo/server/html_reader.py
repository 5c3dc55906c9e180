"""Reads Telegram's HTML into text and entities. Pure.

The rules and the error texts are TDLib's, because bots are debugged by searching for the words; the byte
offsets in them count UTF-8 bytes of what the bot sent.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from bot.demo.server.entities import Entity, Formatted, sort_entities, utf16_length

TAG_TYPES = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
    "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "tg-spoiler": "spoiler",
    "span": "spoiler", "code": "code", "pre": "pre", "blockquote": "blockquote", "a": "text_link",
    "tg-emoji": "custom_emoji", "tg-time": "date_time",
}  # fmt: skip
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
REFERENCE = re.compile(r"&(?:#x([0-9a-fA-F]+)|#([0-9]+)|([a-zA-Z]+));?")
TIME_FORMAT = re.compile(r"r|w?[dD]?[tT]?")
USER_LINK = re.compile(r"tg://user\?id=(\d+)")
TAG_NAME, ATTRIBUTE_NAME = re.compile(r"[^\s>]*"), re.compile(r"[^\s=>]*")
TOKEN, SPACES = re.compile(r"[A-Za-z0-9.\-]*"), re.compile(r"\s*")


class EntityError(ValueError):
    """Markup that Telegram would refuse; the words are Telegram's."""


@dataclass
class _Open:
    """A tag that waits for its end."""

    name: str
    attributes: dict[str, str]
    offset: int
    begin: int


@dataclass
class _Reader:
    """One pass over the source."""

    source: str
    at: int = 0
    text: list[str] = field(default_factory=list)
    length: int = 0
    open: list[_Open] = field(default_factory=list)
    entities: list[Entity] = field(default_factory=list)

    def byte(self, position: int) -> int:
        """Return the byte offset of a character, which is what the error texts name."""
        return len(self.source[:position].encode("utf-8", "replace"))

    def put(self, characters: str) -> None:
        """Append to the text."""
        self.text.append(characters)
        self.length += utf16_length(characters)

    def run(self) -> Formatted:
        """Read everything."""
        while self.at < len(self.source):
            character = self.source[self.at]
            if character == "&":
                decoded, self.at = decode_reference(self.source, self.at)
                self.put(decoded)
            elif character != "<":
                self.put(character)
                self.at += 1
            elif self.source.startswith("</", self.at):
                self.end_tag()
            else:
                self.start_tag()
        if self.open:
            raise EntityError(f'Can\'t find end tag corresponding to start tag "{self.open[-1].name}"')
        return Formatted("".join(self.text), tuple(sort_entities(self.entities)))

    def start_tag(self) -> None:
        """Read ``<name attribute="value">``."""
        begin = self.at
        self.at += 1
        name = self.take(TAG_NAME).lower()
        if self.at >= len(self.source):
            raise EntityError(f"Unclosed start tag at byte offset {self.byte(begin)}")
        if name not in TAG_TYPES:
            raise EntityError(f'Unsupported start tag "{name}" at byte offset {self.byte(begin)}')
        attributes = self.attributes(name, begin)
        if name == "span" and attributes.get("class") != "tg-spoiler":
            raise EntityError(f'Tag "span" must have class "tg-spoiler" at byte offset {self.byte(begin)}')
        self.open.append(_Open(name, attributes, self.length, len(self.text)))

    def attributes(self, name: str, begin: int) -> dict[str, str]:
        """Read the attributes up to and with the closing ``>``."""
        found: dict[str, str] = {}
        while True:
            self.skip_spaces()
            if self.at >= len(self.source):
                raise EntityError(f'Unclosed start tag "{name}" at byte offset {self.byte(begin)}')
            if self.source[self.at] == ">":
                self.at += 1
                return found
            key = self.attribute_name(name, begin)
            found[key] = self.attribute_value(name, begin, may_be_absent=key == "expandable")

    def attribute_name(self, name: str, begin: int) -> str:
        """Read the name before the equal sign."""
        found = self.take(ATTRIBUTE_NAME)
        if not found:
            raise EntityError(f'Empty attribute name in the tag "{name}" at byte offset {self.byte(begin)}')
        return found

    def attribute_value(self, name: str, begin: int, *, may_be_absent: bool) -> str:
        """Read the value after the equal sign, quoted or a plain token."""
        self.skip_spaces()
        if not self.source.startswith("=", self.at):
            if may_be_absent:
                return ""
            words = f'Expected equal sign in declaration of an attribute of the tag "{name}"'
            raise EntityError(f"{words} at byte offset {self.byte(begin)}")
        self.at += 1
        self.skip_spaces()
        quote = self.source[self.at : self.at + 1]
        if quote in ("'", '"') and quote:
            end = self.source.find(quote, self.at + 1)
            if end < 0:
                raise EntityError(f"Unclosed start tag at byte offset {self.byte(begin)}")
            value = decode_references(self.source[self.at + 1 : end])
            self.at = end + 1
            return value
        token_begin = self.at
        token = self.take(TOKEN).lower()
        if self.source[self.at : self.at + 1].strip() not in ("", ">"):
            raise EntityError(f"Unexpected end of name token at byte offset {self.byte(token_begin)}")
        return token

    def end_tag(self) -> None:
        """Read ``</name>`` and turn what it closes into an entity."""
        begin = self.at
        if not self.open:
            raise EntityError(f"Unexpected end tag at byte offset {self.byte(begin)}")
        self.at += 2
        name = self.take(TAG_NAME).lower()
        self.skip_spaces()
        if not self.source.startswith(">", self.at):
            raise EntityError(f"Unclosed end tag at byte offset {self.byte(begin)}")
        self.at += 1
        opened = self.open.pop()
        if name and name != opened.name:
            raise EntityError(
                f'Unmatched end tag at byte offset {self.byte(begin)}, expected "</{opened.name}>", found "</{name}>"'
            )
        if self.length > opened.offset:
            self.close(opened)

    def close(self, opened: _Open) -> None:
        """Add the entity of a tag that covers some text."""
        entity: Entity = {
            "type": TAG_TYPES[opened.name], "offset": opened.offset, "length": self.length - opened.offset,
        }  # fmt: skip
        if opened.name in ("pre", "code"):
            self.close_code(entity, opened)
            return
        if opened.name == "a":
            url = opened.attributes.get("href") or "".join(self.text[opened.begin :])
            if not _link(entity, url):
                return
        elif opened.name == "blockquote" and "expandable" in opened.attributes:
            entity["type"] = "expandable_blockquote"
        elif opened.name == "tg-emoji":
            entity["custom_emoji_id"] = _emoji_id(opened.attributes.get("emoji-id", ""))
        elif opened.name == "tg-time":
            _time(entity, opened.attributes)
        self.entities.append(entity)

    def close_code(self, entity: Entity, opened: _Open) -> None:
        """Add code or pre; ``<pre><code class="language-…">`` is one pre with a language."""
        language = opened.attributes.get("class", "")
        language = language[9:] if opened.name == "code" and language.startswith("language-") else ""
        last = self.entities[-1] if self.entities else None
        same = last is not None and all(last[key] == entity[key] for key in ("offset", "length"))
        if last is not None and same and {last["type"], entity["type"]} == {"code", "pre"}:
            language = language or last.pop("_language", "")
            last["type"] = "pre" if language or last["type"] == "pre" else "code"
            if language:
                last["language"] = language
            return
        if language:
            entity["_language"] = language  # counts only if a <pre> closes around it
        self.entities.append(entity)

    def take(self, characters: re.Pattern[str]) -> str:
        """Read as many such characters as there are."""
        match = characters.match(self.source, self.at)
        found = match.group() if match else ""
        self.at += len(found)
        return found

    def skip_spaces(self) -> None:
        """Move past white space."""
        self.take(SPACES)


def _link(entity: Entity, url: str) -> bool:
    """Complete a link entity; a link Telegram can't read leaves plain text behind."""
    user = USER_LINK.fullmatch(url)
    if user:
        entity.update(type="text_mention", user={"id": int(user.group(1))})
        return True
    if "." not in url and "://" not in url:
        return False
    entity["url"] = url if "://" in url else f"http://{url}"
    return True


def _emoji_id(value: str) -> str:
    if not value.isdigit():
        raise EntityError("Invalid custom emoji identifier specified")
    return value


def _time(entity: Entity, attributes: dict[str, str]) -> None:
    unix, shape = attributes.get("unix", ""), attributes.get("format", "")
    if not re.fullmatch(r"\d{1,11}", unix):
        raise EntityError('Invalid date specified in the tag "tg-time"')
    if not TIME_FORMAT.fullmatch(shape):
        raise EntityError('Invalid date-time format specified in the tag "tg-time"')
    entity.update(unix_time=int(unix), date_time_format=shape)


def decode_reference(source: str, at: int) -> tuple[str, int]:
    """Decode ``&lt;`` and numbers; anything else stays as it was written."""
    match = REFERENCE.match(source, at)
    if match is None:
        return "&", at + 1
    hexadecimal, decimal, name = match.groups()
    if name:
        return (NAMED[name], match.end()) if name in NAMED else ("&", at + 1)
    code = int(hexadecimal, 16) if hexadecimal else int(decimal)
    if not 0 < code < 0x10FFFF or 0xD800 <= code <= 0xDFFF or match.end() - at > 10:
        return "&", at + 1
    return chr(code), match.end()


def decode_references(source: str) -> str:
    """Decode every reference in an attribute."""
    out, at = [], 0
    while at < len(source):
        piece, at = decode_reference(source, at) if source[at] == "&" else (source[at], at + 1)
        out.append(piece)
    return "".join(out)


def parse_html(source: str) -> Formatted:
    """Turn Telegram's HTML into text and entities, or raise EntityError."""
    return _Reader(source).run()
