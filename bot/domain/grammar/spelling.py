"""One spelling for what looks the same: full-width, upper-case and traditional characters, kinds of dash and space."""

from __future__ import annotations

import re
import unicodedata

_TRADITIONAL = "點個張塊週兩後號時間鐘顯隨開續釋誰預約還給續禮這從為結束錶機臺檢說問沒嗎請們過跑預訂壹貳裡內閒佔讓幾萬"
_SIMPLIFIED = "点个张块周两后号时间钟显随开续释谁预约还给续礼这从为结束表机台检说问没吗请们过跑预订一二里内闲占让几万"
_DASHES = "‐‑‒–—―−～〜∼"
_CHARACTERS = str.maketrans(_TRADITIONAL + _DASHES, _SIMPLIFIED + "-" * len(_DASHES), "\u200b\u200c\u200d\ufe0f")
_SPACES = re.compile(r"[^\S\n]+")

# A note follows '#', unless the '#' belongs to a card's name ("gpu #1").
LONGEST_NOTE = 100
_NOTE = re.compile(r"(?:(?<![a-z#/&])|(?<=[0-9][a-z]))[#＃](?!\d+\s*(?:卡|号|gpu|card))", re.IGNORECASE)
_CARD_BEFORE = re.compile(r"(?:gpu|card|卡|号)\s*$", re.IGNORECASE)


def one_spelling(text: str) -> str:
    """The text in lower case, half-width and simplified characters, with single spaces; lines are kept."""
    plain = unicodedata.normalize("NFKC", text).lower().translate(_CHARACTERS).replace("~", "-")
    return _SPACES.sub(" ", plain).strip()


def _one_line(text: str) -> str:
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return line if len(line) <= LONGEST_NOTE else f"{line[: LONGEST_NOTE - 1]}…"


def split_note(text: str) -> tuple[str, str | None]:
    """What was said, and the note after '#' (None where there is none).

    Everybody reads a note, in the bot's own messages: it is one line, with no character that turns or hides others,
    and not so long that there is no room for anything else.
    """
    for mark in _NOTE.finditer(text):
        if _CARD_BEFORE.search(text[max(0, mark.start() - 8) : mark.start()]):
            continue
        return text[: mark.start()], _one_line(text[mark.end() :]) or None
    return text, None
