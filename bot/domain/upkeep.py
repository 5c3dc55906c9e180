"""How work on a container that is there already ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.domain.container import InstanceRecord
from bot.domain.disk_use import DiskUse
from bot.domain.instance import SeenCards
from bot.domain.limits import LimitsSeen
from bot.domain.saying import Saying
from bot.domain.ssh_key import SshKey


@dataclass(frozen=True)
class NotDone:
    """`why` is a sentence. Nothing was changed, or `why` says what was."""

    why: Saying


@dataclass(frozen=True)
class Assigned:
    """What the container sees now. `reachable` False: it does not run, the change holds from its next start."""

    record: InstanceRecord
    seen: SeenCards
    running: bool


@dataclass(frozen=True)
class Batch:
    """One change to many containers: those where it was done, and why not where it was not."""

    done: tuple[str, ...] = ()
    failed: Mapping[str, Saying] = field(default_factory=dict)


@dataclass(frozen=True)
class Regained:
    """A container with the cards it sees now, and those it saw before the bookings were enforced."""

    name: str
    now: SeenCards
    before: SeenCards


@dataclass(frozen=True)
class SnapshotTaken:
    record: InstanceRecord
    name: str


@dataclass(frozen=True)
class Restored:
    """`kept`: the name of the snapshot of before, "" if there could be none. `disk_kept`: see `domain.setup`."""

    record: InstanceRecord
    snapshot: str
    kept: str
    running: bool
    disk_kept: bool = False
    without_cards: bool = False


@dataclass(frozen=True)
class PortOpened:
    record: InstanceRecord
    port: int
    target: int
    host: str
    user: str
    running: bool


@dataclass(frozen=True)
class PortsSeen:
    """The forwards of one container beside SSH, as LXD has them: (host port, container port)."""

    record: InstanceRecord
    host: str
    user: str
    ports: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class KeysSeen:
    """The keys that open one container; `added` or `removed` is the one that was just changed."""

    record: InstanceRecord
    keys: tuple[SshKey, ...]
    added: SshKey | None = None
    removed: SshKey | None = None


@dataclass(frozen=True)
class Limited:
    record: InstanceRecord
    limits: LimitsSeen
    used_bytes: int | None


@dataclass(frozen=True)
class TemplateMade:
    name: str
    source: str


@dataclass(frozen=True)
class BackedUp:
    record: InstanceRecord
    path: str
    size_bytes: int


@dataclass(frozen=True)
class DiskSeen:
    """`limit` in LXD's notation, "" = none."""

    record: InstanceRecord
    use: DiskUse
    limit: str
