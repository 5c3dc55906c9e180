"""Reads a rich message as a person does: a line a paragraph or table row, "|" between cells, ⟨…⟩ around an instant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from bot.adapters.telegram_forms import rich as rich_form
from bot.demo.server import rich
from bot.domain.saying import Message
from bot.texts import Voice
from tests.views.lab_of_two import ZONE


def blocks_of(message: Message, language: str) -> list[dict[str, Any]]:
    """As the local Bot API server understands them, by Telegram's rules."""
    voice = replace(Voice(language, ZONE), date_times=True)
    return rich.parse(rich_form(message, voice)["html"], lambda _: {"photo": []}, with_buttons=True)


def read(message: Message, language: str) -> list[str]:
    return [line for block in blocks_of(message, language) for line in lines(block)]


def lines(block: dict[str, Any]) -> Iterator[str]:
    if block["type"] == "table":
        for row in block["cells"]:
            yield " | ".join(words(cell["text"]) for cell in row)
    elif block["type"] == "details":
        yield f"> {words(block['summary'])}"
        for inner in block["blocks"]:
            yield from (f">   {line}" for line in lines(inner))
    elif block["type"] == "photo":
        yield "[picture]"
    else:
        yield from words(block["text"]).split("\n")


def words(text: Any) -> str:
    if isinstance(text, str):
        return text
    if isinstance(text, list):
        return "".join(map(words, text))
    inner = words(text["text"])
    return f"⟨{inner} as {text['date_time_format']}⟩" if text["type"] == "date_time" else inner
