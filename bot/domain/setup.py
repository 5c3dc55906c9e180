"""What a container's devices and settings are, apart from what is on its disk; and putting them back after a restore.

LXD restores the old port, cards, limits and owner together with the files (measured, 5.0.2). Files are what a member
wants back; the rest is as junzi and the admins have set it since.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.domain.instance import Device, Instance
from bot.domain.size import as_bytes

# LXD's own notes, what an image says of itself, and what cloud-init reads once (it may hold secrets).
NOT_OURS = re.compile(r"(?:volatile|image|cloud-init)\.|user\.(?:user|meta|vendor|network)-")


@dataclass(frozen=True)
class Setup:
    devices: Mapping[str, Device] = field(default_factory=dict)
    config: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class PutBack:
    """`disk_kept`: the disk's limit stays as the snapshot has it, because the files would not fit into the newer."""

    devices: Mapping[str, Device | None]
    config: Mapping[str, str | None]
    disk_kept: bool = False


def setup_of(instance: Instance) -> Setup:
    config = {key: value for key, value in instance.config.items() if not NOT_OURS.match(key)}
    return Setup({name: dict(device) for name, device in instance.devices.items()}, config)


def to_put_back(wanted: Setup, now: Instance, used_bytes: int | None) -> PutBack:
    """What to change so that everything but the files is as it was meant to be.

    `used_bytes` None: nobody knows how full it is, so its disk is not made smaller: LXD would ruin it (measured).
    """
    devices: dict[str, Device | None] = {name: None for name in now.devices if name not in wanted.devices}
    devices.update({name: device for name, device in wanted.devices.items() if now.devices.get(name) != device})
    disk_kept = False
    for name in [name for name in devices if _is_root(now.devices.get(name) or devices[name])]:
        if _would_not_fit(devices[name], now.devices.get(name), used_bytes):
            del devices[name]
            disk_kept = True
    present = setup_of(now).config
    config: dict[str, str | None] = {key: None for key in present if key not in wanted.config}
    config.update({key: value for key, value in wanted.config.items() if present.get(key) != value})
    return PutBack(devices, config, disk_kept)


def _is_root(device: Device | None) -> bool:
    return device is not None and device.get("type") == "disk" and device.get("path") == "/"


def _would_not_fit(wanted: Device | None, now: Device | None, used_bytes: int | None) -> bool:
    size = as_bytes((wanted or {}).get("size", ""))
    present = as_bytes((now or {}).get("size", ""))
    if size is None or (present is not None and size >= present):
        return False
    return used_bytes is None or used_bytes > size
