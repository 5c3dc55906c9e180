"""A sentence with capitals for its tokens ("i'm using C for D"), which is what patterns of speech are matched against.

C cards, D a length, E a further length ("two more hours"), T a moment, P a moment that is over, M memory, V a vague
length. A text of one spelling has no capitals of its own. Words such as "until" stay words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.domain.grammar.atoms import CardWish, Length, Mark, Memory, Moment, Token

_FURTHER = re.compile(r"more|extra|another|additional|further|\+")
_NAMES_CARDS = re.compile(r"卡|gpu|card|cuda|machine|server|机")


def skeleton(text: str, tokens: Iterable[Token]) -> str:
    """The text with a capital for each token that has one."""
    parts, cursor = [], 0
    for token in tokens:
        if mark := letter(text, token):
            parts += [text[cursor : token.start], mark]
            cursor = token.end
            if text[token.end - 1 : token.end] == " ":
                parts.append(" ")
    return "".join([*parts, text[cursor:]])


def letter(text: str, token: Token) -> str:
    """The capital that stands for a token; "" for a token that stays as it was written."""
    atom = token.atom
    if isinstance(atom, CardWish):
        return "C" if _surely_cards(text[token.start : token.end].strip(), atom) else ""
    if isinstance(atom, Length):
        return "E" if _FURTHER.search(text[token.start : token.end]) else "D"
    if isinstance(atom, Moment):
        return "P" if atom.day is not None and (atom.day.offset or 0) < 0 else "T"
    if isinstance(atom, Memory):
        return "M"
    return "V" if atom == Mark("vague") else ""


def _surely_cards(said: str, wish: CardWish) -> bool:
    """Whether the words name cards and nothing else: 两张 may be tickets, "a card" may be for a birthday."""
    if wish.model or (wish.indices and said.startswith("0号")):
        return True
    return _NAMES_CARDS.search(said) is not None and said not in ("a card", "an card")
