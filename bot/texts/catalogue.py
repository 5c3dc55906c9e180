"""Reads the catalogues, and knows which placeholders a sentence has."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from string import Formatter

if sys.version_info >= (3, 11):
    import tomllib
else:  # pragma: no cover - the same library under its older name
    import tomli as tomllib

LANGUAGES = ("zh", "en")

Catalogue = Mapping[str, str]


@cache
def load(language: str) -> Catalogue:
    """`topic.name` -> sentence. KeyError for a language that there is no catalogue of."""
    if language not in LANGUAGES:
        raise KeyError(language)
    sentences: dict[str, str] = {}
    for file in sorted(files("bot.texts").joinpath(language).iterdir(), key=lambda f: f.name):
        topic = file.name.removesuffix(".toml")
        sentences.update({f"{topic}.{name}": text for name, text in _flat(tomllib.loads(file.read_text("utf-8")))})
    return sentences


def _flat(table: Mapping[str, object]) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for name, value in table.items():
        if isinstance(value, Mapping):
            pairs += [(f"{name}.{rest}", text) for rest, text in _flat(value)]
        else:
            pairs.append((name, str(value).removesuffix("\n")))
    return pairs


def placeholders(sentence: str) -> frozenset[str]:
    """The names a sentence wants filled. ValueError for a sentence that is no format string."""
    return frozenset(name for _, name, _, _ in Formatter().parse(sentence) if name is not None)
