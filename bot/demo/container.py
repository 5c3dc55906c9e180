"""A made-up container as LXD knows it: devices, settings, snapshots, and whether it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.demo.inside import Inside
from bot.domain.instance import Device, Instance, InstanceStatus

DEFAULT_PROFILE: Mapping[str, Device] = {
    "root": {"type": "disk", "path": "/", "pool": "default"},
    "eth0": {"type": "nic", "network": "lxdbr0"},
}


@dataclass(frozen=True)
class Taken:
    """A snapshot: everything that LXD keeps of a container at one moment."""

    at: datetime
    devices: dict[str, Device]
    config: dict[str, str]
    inside: Inside


@dataclass
class Container:
    """One container; `busy` is the operation that LXD does with it just now."""

    name: str
    number: int
    devices: dict[str, Device]
    config: dict[str, str]
    created_at: datetime
    inside: Inside = field(default_factory=Inside)
    started_at: datetime | None = None
    busy: str = ""
    last_started_at: datetime | None = None
    snapshots: dict[str, Taken] = field(default_factory=dict)
    log: str = ""

    @property
    def expanded_devices(self) -> dict[str, Device]:
        return {**DEFAULT_PROFILE, **self.devices}

    def as_instance(self) -> Instance:
        return Instance(
            self.name,
            InstanceStatus.STOPPED if self.started_at is None else InstanceStatus.RUNNING,
            dict(self.devices),
            self.expanded_devices,
            dict(self.config),
            created_at=self.created_at,
            last_started_at=self.last_started_at,
        )
