"""Finds what Telegram marks by itself: commands, mentions, links, hashtags. And tidies a message's text. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from bot.demo.server.entities import Entity, Formatted, sort_entities, utf16_length

# A command ends where a word ends: "/gpus看看" is not one, "/gpus 看看" is.
PATTERNS = (
    ("bot_command", re.compile(r"(?<![\w/<>])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/<>])")),
    ("url", re.compile(r"(?<![\w@./-])https?://[^\s<>\"']*[^\s<>\"'.,;:!?)\]}。，；：！？）】》」]", re.IGNORECASE)),
    (
        "url",
        re.compile(
            r"(?<![\w@./-])(?:[a-z0-9-]+\.)+(?:com|org|net|io|me|cn|edu|dev|ai|app|info)(?![\w.@-])"
            r"(?::\d{2,5})?(?:/[^\s<>\"']*[^\s<>\"'.,;:!?)\]}。，；：！？）】》」])?",
            re.IGNORECASE,
        ),
    ),
    ("email", re.compile(r"(?<![\w.+-])[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,8}(?![\w@-])")),
    ("mention", re.compile(r"(?<![\w@`.])@[A-Za-z0-9_]{3,32}(?![\w@])")),
    ("hashtag", re.compile(r"(?<![\w#/])#\w*[^\W\d_]\w*(?![#\w])")),
)
OPAQUE = frozenset({"code", "pre", "text_link", "text_mention", "url", "custom_emoji", "date_time", "bot_command",
                    "email", "mention", "hashtag"})  # fmt: skip
SPLITTABLE = frozenset({"bold", "italic", "underline", "strikethrough", "spoiler"})


def find(text: str, taken: Iterable[Entity] = ()) -> list[Entity]:
    """Return the entities Telegram would find, leaving alone what is code or a link already."""
    spans = [(e["offset"], e["offset"] + e["length"]) for e in taken if e["type"] in OPAQUE]
    found: list[Entity] = []
    for kind, pattern in PATTERNS:
        for match in pattern.finditer(text):
            begin = utf16_length(text[: match.start()])
            end = begin + utf16_length(match.group())
            if any(begin < b and a < end for a, b in spans):
                continue
            spans.append((begin, end))
            found.append({"type": kind, "offset": begin, "length": end - begin})
    return found


def cut_around_code(entities: Iterable[Entity]) -> Iterator[Entity]:
    """Yield the entities with bold and its kin cut out of code, which carries no other style."""
    kept = list(entities)
    code = sorted((e["offset"], e["offset"] + e["length"]) for e in kept if e["type"] in ("code", "pre"))
    for entity in kept:
        if entity["type"] not in SPLITTABLE:
            yield entity
            continue
        begin, end = entity["offset"], entity["offset"] + entity["length"]
        for code_begin, code_end in code:
            if code_end <= begin or code_begin >= end:
                continue
            if code_begin > begin:
                yield {**entity, "offset": begin, "length": code_begin - begin}
            begin = max(begin, code_end)
        if begin < end:
            yield {**entity, "offset": begin, "length": end - begin}


def tidy(message: Formatted) -> Formatted:
    """Return the message as Telegram stores it: trimmed, code plain inside, own entities added."""
    text = message.text.replace("\r", "")
    head = len(text) - len(text.lstrip())
    shift = utf16_length(text[:head])
    text = text.strip()
    size = utf16_length(text)
    kept = []
    for entity in cut_around_code(message.entities):
        begin = max(0, entity["offset"] - shift)
        end = min(size, entity["offset"] + entity["length"] - shift)
        if begin < end:
            kept.append({**entity, "offset": begin, "length": end - begin})
    return Formatted(text, tuple(sort_entities([*kept, *find(text, kept)])))
