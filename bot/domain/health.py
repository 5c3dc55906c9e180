"""What a check-up finds: one Finding for each thing looked at, and the values that the looking brings home."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum


class State(str, Enum):
    OK = "ok"
    WARNING = "warning"  # works, but something is missing or will run out
    FAULT = "fault"  # something people need does not work
    UNKNOWN = "unknown"  # could not be looked at; never the same as ok


@dataclass(frozen=True)
class Finding:
    """`key` names the sentence `doctor.KEY`, which says what is and what to do; `values` fill it."""

    key: str
    state: State
    values: Mapping[str, object] = field(default_factory=dict)


def ok(key: str, **values: object) -> Finding:
    return Finding(key, State.OK, values)


def warning(key: str, **values: object) -> Finding:
    return Finding(key, State.WARNING, values)


def fault(key: str, **values: object) -> Finding:
    return Finding(key, State.FAULT, values)


def unknown(key: str, **values: object) -> Finding:
    return Finding(key, State.UNKNOWN, values)


@dataclass(frozen=True)
class HopFault:
    """The first hop on the way to a server that fails.

    `hop`: name, tcp, tls, or the same of a proxy on the way: proxy_name, proxy_tcp, proxy_tls, proxy_refused.
    """

    hop: str
    where: str
    words: str


@dataclass(frozen=True)
class BotAccount:
    """The bot as Telegram knows it."""

    telegram_id: int
    username: str
    reads_everything: bool  # privacy mode is off


@dataclass(frozen=True)
class GroupView:
    """A group as the bot sees it."""

    chat_id: int
    title: str
    is_admin: bool = False
    may_pin: bool = False
    may_tag: bool = False
    is_forum: bool = False
    topics: Mapping[int, str] = field(default_factory=dict)  # those that messages were seen in, "" for an unknown name


class TelegramTrouble(Exception):
    """Telegram said no, or nothing. `reason`: token, network, no_chat, migrated, busy, other."""

    def __init__(self, reason: str, words: str, new_chat_id: int | None = None) -> None:
        super().__init__(words)
        self.reason = reason
        self.new_chat_id = new_chat_id


FULL_PERCENT, FULL_BYTES = 1, 1 << 30


@dataclass(frozen=True)
class PoolSpace:
    """A storage pool; `driver` is LXD's word for its kind ("zfs", "btrfs", "dir", "lvm", "ceph")."""

    name: str
    used_bytes: int
    total_bytes: int
    driver: str = ""

    def is_low(self, least_percent: float, least_bytes: float) -> bool:
        """Less than that share is free, or less than that much: a share says little of a small pool, where one run's
        checkpoints fill the rest, and an amount little of a large one, which needs room to be tidied up."""
        return self.free_bytes < max(self.total_bytes * least_percent / 100, least_bytes)

    @property
    def is_full(self) -> bool:
        """Writing fails before the last byte is gone: btrfs refused a new file with 3.8 % of 12 GiB left."""
        return self.free_bytes < max(self.total_bytes * FULL_PERCENT / 100, FULL_BYTES)

    @property
    def free_bytes(self) -> int:
        return self.total_bytes - self.used_bytes


@dataclass(frozen=True)
class DatabaseState:
    """The one file. `damage` is SQLite's own words, None if it found none or there is no file."""

    exists: bool
    folder_writable: bool
    free_bytes: int
    size_bytes: int = 0
    damage: str | None = None
    admins: int = 0
    ports: frozenset[int] = frozenset()
    refused_topic: int | None = None  # the topic of the group that took no post of the bot's own the last time
    is_newer: bool = False  # a later junzi has changed its shape
    template: str | None = None  # that new containers are copied from, as chosen in the chat
    rival_at: datetime | None = None  # when another process was last noticed to poll with the same token
