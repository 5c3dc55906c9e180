"""A member's container as junzi keeps it and shows it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum

from bot.domain.instance import Dataset, Instance, InstanceUsage, SeenCards, datasets_of, seen_cards, ssh_port
from bot.domain.member import Member
from bot.domain.password import Secret
from bot.domain.provisioning import Provisioned, Step
from bot.domain.saying import Saying


class InstanceState(str, Enum):
    MAKING = "making"
    READY = "ready"
    GONE = "gone"


@dataclass(frozen=True)
class InstanceRecord:
    """A container as the registry knows it. `operation` is the id of the work that made it, also set in LXD.

    `account`: who logs in to it, where that is not its member's Unix name (adopted ones have such).
    """

    server: str
    name: str
    member_id: int
    ssh_port: int | None
    template: str
    state: InstanceState
    operation: str
    created_at: datetime
    account: str | None = None

    @property
    def moved_in(self) -> bool:
        """It was somebody's before junzi knew it."""
        return not self.template


def login_of(record: InstanceRecord, owner: Member | None) -> str:
    """Who logs in: the account that an adopted container has, else its member's Unix name."""
    return record.account or (owner.unix_name if owner is not None else record.name)


@dataclass(frozen=True)
class Access:
    """How a member gets in, and which host folders wait there.

    `port` None: none is known that leads in. `password` None: the one of before is kept (`kept`), or a new one could
    not be set; `why` says why not, or what else is in the way.
    """

    host: str
    port: int | None
    user: str
    password: Secret | None = field(repr=False)
    why: Saying | None = None
    datasets: tuple[Dataset, ...] = ()
    kept: bool = False


@dataclass(frozen=True)
class ContainerView:
    """What LXD and the registry know of one container. `usage` None: LXD does not say."""

    record: InstanceRecord
    owner: Member | None
    instance: Instance
    usage: InstanceUsage | None
    host: str

    @property
    def user(self) -> str:
        return login_of(self.record, self.owner)

    @property
    def ssh_port(self) -> int | None:
        return ssh_port(self.instance.expanded_devices)

    @property
    def cards(self) -> SeenCards:
        return seen_cards(self.instance.expanded_devices)

    @property
    def datasets(self) -> tuple[Dataset, ...]:
        return datasets_of(self.instance.expanded_devices)

    def with_disk(self, counted: int | None) -> ContainerView:
        """With what was counted inside, where LXD does not say."""
        if self.usage is None or self.usage.disk_bytes is not None or counted is None:
            return self
        return replace(self, usage=replace(self.usage, disk_bytes=counted))

    @property
    def disk_limit(self) -> str | None:
        """In LXD's notation ("200GiB"); None if the root disk has no limit of its own."""
        roots = (d for d in self.instance.expanded_devices.values() if d.get("type") == "disk" and d.get("path") == "/")
        return next((device["size"] for device in roots if device.get("size")), None)


@dataclass(frozen=True)
class NoContainer:
    """`why` is what to tell them."""

    why: Saying


@dataclass(frozen=True)
class UserAdded:
    """`claim_code` is for the student's link: shown once, stored only as a hash."""

    member: Member
    record: InstanceRecord
    provisioned: Provisioned
    claim_code: str = field(repr=False)


@dataclass(frozen=True)
class NotAdded:
    """`why` is a sentence; `step` is where it stopped, None if it never began. Nothing is left of it.

    `left_behind`: what could not be taken back, in which case that is said too.
    """

    why: Saying
    step: Step | None = None
    left_behind: Saying | None = None
