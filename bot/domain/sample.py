"""One reading of all cards at one instant. A reading is a value or the reason why there is none.

Unknown is never zero, free or fine: an `Unread` has no number in it, and the type checker makes every reader say
what it does with one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar, Union

from bot.domain.card import Card


@dataclass(frozen=True)
class Unread:
    """Why there is no value. `reason` is one of REASONS; `detail` is the vendor's own words, for the log."""

    reason: str
    detail: str = ""


REASONS = frozenset(
    {
        "not_supported",  # this card has no such sensor
        "lost",  # fell off the bus, or needs a reset
        "timeout",  # the driver did not answer in time
        "no_permission",
        "driver_missing",  # no library, or no driver loaded
        "version_mismatch",  # library and kernel module differ: a driver upgrade without a reboot
        "vanished",  # the process ended between two readings
        "not_yet",  # nothing was read since the bot started
        "error",
    }
)

T = TypeVar("T")
Reading = Union[T, Unread]  # noqa: UP007 - mypy takes no `T | X` as a generic alias


@dataclass(frozen=True)
class InInstance:
    """The process lives in this LXD instance (by its cgroup)."""

    instance: str
    project: str = "default"


@dataclass(frozen=True)
class OnHost:
    """The process lives on the host itself, in no container."""


@dataclass(frozen=True)
class Untraced:
    """Nobody knows where the process lives; nobody is blamed for it."""

    reason: str


Origin = InInstance | OnHost | Untraced


@dataclass(frozen=True)
class Process:
    """One process on one card, as NVML lists it, joined with /proc.

    `memory_bytes`: of this card. `sm_percent`: share of the last interval in which its kernels ran.
    `command`: already masked (values that look like secrets are gone). `started_at` tells a reused pid from the old.
    """

    pid: int
    origin: Origin
    memory_bytes: Reading[int]
    sm_percent: Reading[int] = Unread("not_supported")
    kinds: frozenset[str] = frozenset({"compute"})
    command: Reading[str] = Unread("vanished")
    started_at: Reading[datetime] = Unread("vanished")
    process_group: int | None = None
    session: int | None = None
    parent: int | None = None
    folder: str | None = None
    environment: str | None = None  # "conda torch2", "venv vit"
    session_name: str | None = None  # of its terminal: "tmux train", "screen eval"


@dataclass(frozen=True)
class Xid:
    """What the driver reports as gone wrong on a card, by NVIDIA's number; `at`: when we heard of it."""

    code: int
    at: datetime


@dataclass(frozen=True)
class MigInstance:
    """One slice of a card that is cut up by MIG; `index` is NVML's, as in `nvidia-smi` under "MIG devices"."""

    index: int
    memory_used_bytes: Reading[int]
    memory_total_bytes: Reading[int]


@dataclass(frozen=True)
class CardReading:
    """Everything read from one card at one instant. Units are in the names; percentages are 0 to 100."""

    card: Card
    memory_used_bytes: Reading[int] = Unread("error")
    memory_total_bytes: Reading[int] = Unread("error")
    load_percent: Reading[int] = Unread("error")
    temperature_celsius: Reading[int] = Unread("error")
    power_watts: Reading[float] = Unread("error")
    processes: Reading[tuple[Process, ...]] = Unread("error")
    throttled_by: Reading[frozenset[str]] = Unread("not_supported")
    ecc_uncorrected: Reading[int] = Unread("not_supported")
    xid: Reading[Xid | None] = Unread("not_supported")  # the last one, however long ago
    mig: tuple[MigInstance, ...] = ()  # with MIG on; then the card as a whole has no load
    lost: Unread | None = None  # set when the card as a whole did not answer


@dataclass(frozen=True)
class Sample:
    """All cards of one host at `taken_at`. With `trouble`, nothing could be read at all and `cards` says nothing."""

    host: str
    taken_at: datetime
    cards: tuple[CardReading, ...] = ()
    trouble: Unread | None = None
    warnings: tuple[str, ...] = field(default=())  # e.g. "expected 8 cards, NVML sees 7"
