"""Word lists as patterns: what is data is written as words in a row, not as one long expression."""

from __future__ import annotations


def either(words: str) -> str:
    """The alternatives of a pattern, from words (or small patterns) set apart by white space; `_` stands for"
    " a space."""
    return "|".join(words.split()).replace("_", " ")


def longest_first(words: str) -> str:
    """The same with longer words before their own beginnings, so that 我们 is not read as 我."""
    return "|".join(sorted(words.split(), key=len, reverse=True)).replace("_", " ")
