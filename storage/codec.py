"""Domain values as JSON text and back: `decode(encode(x)) == x`.

Only classes of the registry are ever made from stored text. A class is stored under its name, so renaming one needs
an alias here (or a migration); a field that is added needs a default.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from enum import Enum
from typing import Any

from bot.domain import card, draft, notice, posted, reservation, sample, saying, tag, window

_MODULES = (card, draft, notice, posted, reservation, sample, saying, tag, window)
_REGISTRY: dict[str, type[Any]] = {
    name: cls
    for module in _MODULES
    for name, cls in vars(module).items()
    if isinstance(cls, type)
    and cls.__module__ == module.__name__
    and (dataclasses.is_dataclass(cls) or issubclass(cls, Enum))
}


def register(*classes: type[Any]) -> None:
    """Let these classes be stored too."""
    _REGISTRY.update({cls.__name__: cls for cls in classes})


def encode(value: object) -> str:
    """TypeError for a value of a class that is not in the registry."""
    return json.dumps(_to_json(value), ensure_ascii=False, separators=(",", ":"))


def decode(text: str) -> Any:
    """The value that was encoded; sequences come back as tuples, mappings as dicts. KeyError for an unknown class."""
    return _from_json(json.loads(text))


def _to_json(value: object) -> object:
    if isinstance(value, Enum):
        return {"~": _known(type(value)), "value": value.value}
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, datetime):
        return {"~": "instant", "value": value.astimezone(timezone.utc).isoformat()}
    if isinstance(value, timedelta):
        return {"~": "span", "value": value.total_seconds()}
    if isinstance(value, (tuple, list)):
        return [_to_json(item) for item in value]
    if isinstance(value, frozenset):
        return {"~": "set", "value": sorted((_to_json(item) for item in value), key=json.dumps)}
    if isinstance(value, Mapping):
        return {"~": "mapping", "value": [[_to_json(key), _to_json(item)] for key, item in value.items()]}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {f.name: _to_json(getattr(value, f.name)) for f in dataclasses.fields(value)}
        return {"~": _known(type(value)), **fields}
    raise TypeError(f"{type(value).__name__} can't be stored")


def _known(cls: type[Any]) -> str:
    if _REGISTRY.get(cls.__name__) is not cls:
        raise TypeError(f"{cls.__name__} is not in the registry of what may be stored")
    return cls.__name__


def _from_json(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_from_json(item) for item in value)
    if not isinstance(value, dict):
        return value
    kind = value["~"]
    if kind == "instant":
        return datetime.fromisoformat(value["value"])
    if kind == "span":
        return timedelta(seconds=value["value"])
    if kind == "set":
        return frozenset(_from_json(item) for item in value["value"])
    if kind == "mapping":
        return {_from_json(key): _from_json(item) for key, item in value["value"]}
    cls = _REGISTRY[kind]
    if issubclass(cls, Enum):
        return cls(value["value"])
    return cls(**{name: _from_json(item) for name, item in value.items() if name != "~"})
