"""Containers of people who have left: kept for a while under another name, switched off and protected."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from bot.domain.instance import Device, Instance, listening_ports
from bot.domain.member import Member
from bot.domain.saying import Saying

ARCHIVE_KEY = "user.junzi.archived"
ARCHIVE_SNAPSHOT = "junzi-archived"
PROTECTION_KEY = "security.protection.delete"
# Buttons carry names, and a button's data has 64 bytes.
LONGEST_NAME = 40


class ArchiveState(str, Enum):
    KEPT = "kept"
    RESTORED = "restored"
    DELETED = "deleted"


@dataclass(frozen=True)
class Archive:
    """`name` is what LXD calls it now, `original` what it was called; `ports` are the proxy devices it had."""

    id: int
    server: str
    name: str
    original: str
    member_id: int
    ssh_port: int | None
    template: str
    account: str | None
    ports: Mapping[str, Device]
    archived_at: datetime
    keep_until: datetime
    offered_at: datetime | None = None
    state: ArchiveState = ArchiveState.KEPT


def archived_name(name: str, now: datetime, taken: Collection[str]) -> str:
    """ "zhangsan" -> "zhangsan-archived-20261125", with a number if there is one of that name already."""
    base = f"{name}-archived-{now:%Y%m%d}"
    numbered = (f"{base}-{number}" for number in range(2, 1000))
    return base if base not in taken else next(candidate for candidate in numbered if candidate not in taken)


def port_devices(instance: Instance) -> dict[str, Device]:
    """Its own devices that hold ports of the host."""
    return {name: device for name, device in instance.devices.items() if listening_ports({name: device})}


@dataclass(frozen=True)
class Farewell:
    """What archiving or deleting somebody's container would mean, before it is done.

    `is_there`: LXD has the container. `disk_bytes` None then means that nobody knows how much is on it.
    """

    name: str
    member: Member | None
    is_there: bool
    is_running: bool
    disk_bytes: int | None
    snapshots: int
    bookings: int
    archive: Archive | None = None


@dataclass(frozen=True)
class Archived:
    archive: Archive
    member: Member
    bookings: int


@dataclass(frozen=True)
class Restored:
    """`claim_code`: for a member who never opened their link. `cards_hidden`: it was started without its cards."""

    member: Member
    name: str
    port: int | None
    port_changed: bool
    cards_hidden: bool
    ssh_answers: bool
    claim_code: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Deleted:
    name: str
    member: Member | None
    bookings: int


@dataclass(frozen=True)
class NotDone:
    """`why` is a sentence; `step` is where it stopped, "" if it never began. What was done is undone.

    `left_behind`: what could not be undone yet. `may_force`: it did not shut down when it was asked to.
    """

    why: Saying
    step: str = ""
    left_behind: Saying | None = None
    may_force: bool = False
