"""What an admin asks for with /adduser: a name and options, as typed or as a row of a table. Each is checked here.

zhangsan template=base port=10005 cpu=4 memory=32GiB disk=200GiB cards=gpu0,gpu1 key="ssh-ed25519 AAAA… me"
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from bot.domain.instance import INSTANCE_NAME, name_fault
from bot.domain.provisioning import Limits
from bot.domain.ssh_key import read_key

OPTIONS = ("template", "port", "cpu", "memory", "disk", "cards", "key")
# Phones put these quotes where one types " or '.
QUOTES = {'"': '"', "'": "'", "“": "”", "”": "”", "‘": "’", "’": "’", "「": "」"}
# The reasons of `read_key` as sentences of an admin's.
KEY_FAULTS = {
    "private": "key_private",
    "not_one_line": "key",
    "bad_kind": "key",
    "damaged": "key_cut",
    "short": "key_short",
}
UNITS = {"k": "KiB", "m": "MiB", "g": "GiB", "t": "TiB"}
SMALLEST = {"memory": 128 << 20, "disk": 1 << 30}
SIZES = {"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40}
MOST_PROCESSORS = 1024


class OptionFault(ValueError):
    """One thing wrong with what was asked; `key` is a sentence of the catalogues ("option.<key>")."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(f"{key}: {values}")
        self.key = key
        self.values = values


@dataclass(frozen=True)
class UserWish:
    """`cards`: "all", or the numbers that people call them by (gpu0 is 0); none = (). Empty = the lab's default."""

    name: str
    template: str = ""
    port: int | None = None
    limits: Limits = field(default_factory=Limits)
    cards: Literal["all"] | tuple[int, ...] = "all"
    keys: tuple[str, ...] = ()


def read_wish(text: str) -> UserWish:
    """What was typed behind /adduser. OptionFault for the first thing that is wrong."""
    name = ""
    options: dict[str, str] = {}
    for word in _words(text):
        key, equals, value = word.partition("=")
        if not equals:
            if name:
                raise OptionFault("two_names", name=name, other=word)
            name = word
        elif key.strip().lower() in options:
            raise OptionFault("twice", option=key)
        else:
            options[key.strip().lower()] = value
    if not name:
        raise OptionFault("no_name")
    return wish_of(name, options)


def wish_of(name: str, options: Mapping[str, str]) -> UserWish:
    """A name and its options, each as text; an empty one is as good as none."""
    if (fault := name_fault(name)) is not None:
        raise OptionFault(f"name_{fault}", name=name)
    wish = UserWish(name)
    for option, value in options.items():
        if option == "server" and value:
            raise OptionFault("one_server")
        if option not in READERS:
            if option != "server":
                raise OptionFault("unknown", option=option, known=", ".join(OPTIONS))
        elif value.strip():
            wish = READERS[option](wish, value.strip())
    return wish


def _words(text: str) -> Iterator[str]:
    """Split at spaces; what stands in quotes is kept together, quotes and all removed."""
    word, closing, started = "", "", False
    for character in text:
        if closing:
            if character == closing or (closing == "”" and character == '"'):
                closing = ""
            else:
                word += character
        elif character in QUOTES:
            closing, started = QUOTES[character], True
        elif character.isspace():
            if word or started:
                yield word
            word, started = "", False
        else:
            word += character
    if closing:
        raise OptionFault("open_quote")
    if word or started:
        yield word


def _template(wish: UserWish, value: str) -> UserWish:
    if INSTANCE_NAME.fullmatch(value) is None:
        raise OptionFault("template", value=value)
    return replace(wish, template=value)


def _port(wish: UserWish, value: str) -> UserWish:
    if not value.isdecimal() or not 1 <= int(value) <= 65535:
        raise OptionFault("port", value=value)
    return replace(wish, port=int(value))


def _cpu(wish: UserWish, value: str) -> UserWish:
    """A number of processors, or which: "4", "0-3", "0-3,8"."""
    count = value.isdecimal() and 1 <= int(value) <= MOST_PROCESSORS
    which = re.fullmatch(r"\d+(-\d+)?(,\d+(-\d+)?)*", value) and not value.isdecimal()
    if not (count or which):
        raise OptionFault("cpu", value=value)
    return replace(wish, limits=replace(wish.limits, cpu=value))


def _memory(wish: UserWish, value: str) -> UserWish:
    return replace(wish, limits=replace(wish.limits, memory=_size("memory", value)))


def _disk(wish: UserWish, value: str) -> UserWish:
    return replace(wish, limits=replace(wish.limits, disk=_size("disk", value)))


def _size(option: str, value: str) -> str:
    """In LXD's notation. People write 32G, 32gb and 32GiB and mean the same."""
    match = re.fullmatch(r"(\d{1,6})\s*([kmgt])(i?b)?", value.lower())
    if match is None or int(match[1]) == 0:
        raise OptionFault("size", option=option, value=value)
    unit = UNITS[match[2]]
    if int(match[1]) * SIZES[unit] < SMALLEST[option]:
        raise OptionFault("size_small", option=option, value=value)
    return f"{int(match[1])}{unit}"


def _cards(wish: UserWish, value: str) -> UserWish:
    word = value.lower()
    if word in ("all", "全部"):
        return replace(wish, cards="all")
    if word in ("none", "无", "不要"):
        return replace(wish, cards=())
    numbers = []
    for part in re.split(r"[,，、;\s]+", word):
        match = re.fullmatch(r"(?:gpu)?(\d{1,3})", part)
        if match is None:
            raise OptionFault("cards", value=value)
        numbers.append(int(match[1]))
    return replace(wish, cards=tuple(sorted(set(numbers))))


def _key(wish: UserWish, value: str) -> UserWish:
    return replace(wish, keys=(*wish.keys, public_key(value)))


def public_key(text: str) -> str:
    """One line of an authorized_keys file, without options, by the rule of /sshkey; a line break from a table's cell
    or a phone is a space. OptionFault("key...") if it is none."""
    key = read_key(" ".join(text.split()))
    if isinstance(key, str):
        raise OptionFault(KEY_FAULTS[key])
    return key.line


READERS: dict[str, Callable[[UserWish, str], UserWish]] = {
    "template": _template,
    "port": _port,
    "cpu": _cpu,
    "memory": _memory,
    "disk": _disk,
    "cards": _cards,
    "key": _key,
}
