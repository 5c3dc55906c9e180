"""Writes a configuration file: whole or not at all, and never readable by others, not even for a moment."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr

from bot.settings import Settings

# Written even where they are the default: what somebody will look for in the file.
ALWAYS = {"telegram.token", "lab.name", "lab.host", "lab.timezone", "lxd.template", "storage.path"}
HEADER = "# Written by `junzi init`. deploy/junzi.example.toml explains every key.\n"


def as_toml(settings: Settings) -> str:
    """What differs from the defaults, section by section. The token is in it."""
    sections = []
    for name in Settings.model_fields:
        lines = list(_lines(name, getattr(settings, name)))
        if lines:
            sections.append("\n".join([f"[{name}]", *lines]))
    return HEADER + "\n" + "\n\n".join(sections) + "\n"


def _lines(section: str, values: BaseModel) -> Iterator[str]:
    for key, field in type(values).model_fields.items():
        value = getattr(values, key)
        if value is not None and (value != field.default or f"{section}.{key}" in ALWAYS):
            yield f"{key} = {_literal(value)}"


def _literal(value: Any) -> str:
    """JSON's strings, numbers, booleans and arrays of them are TOML's, but for one control character."""
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if isinstance(value, tuple):
        return f"[{', '.join(_literal(item) for item in value)}]"
    if isinstance(value, Path):
        value = str(value)
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def write(path: Path, text: str) -> None:
    """OSError if it can't be written; an older file is then untouched."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    handle = os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
