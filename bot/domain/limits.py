"""How much of the host a container may take, as an admin types it and as LXD has it."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.instance import Device, Instance
from bot.domain.size import as_bytes
from bot.domain.user_options import READERS, OptionFault, UserWish

NAMES = {"cpu": "cpu", "核": "cpu", "memory": "memory", "mem": "memory", "ram": "memory", "内存": "memory"}
NAMES |= {"disk": "disk", "硬盘": "disk", "磁盘": "disk"}
LIFTED = frozenset({"none", "off", "unlimited", "max", "不限", "无"})

# A disk that is nearly full is no better than a full one, and LXD counts its own notes too.
LEAST_ROOM = 1.05


@dataclass(frozen=True)
class LimitWish:
    """In LXD's notation. None = as it is, "" = no limit."""

    cpu: str | None = None
    memory: str | None = None
    disk: str | None = None


@dataclass(frozen=True)
class LimitsSeen:
    """What holds now; "" = no limit."""

    cpu: str = ""
    memory: str = ""
    disk: str = ""


def read_limits(words: list[str]) -> LimitWish:
    """ "cpu=4", "memory=32GiB", "disk=none". OptionFault for the first that is wrong."""
    said: dict[str, str] = {}
    for word in words:
        name, equals, value = word.replace("＝", "=").partition("=")
        option = NAMES.get(name.strip().lower())
        if option is None or not equals:
            raise OptionFault("unknown", option=name, known="cpu, memory, disk")
        if option in said:
            raise OptionFault("twice", option=option)
        said[option] = _value(option, value.strip())
    return LimitWish(**said)


def _value(option: str, value: str) -> str:
    if value.lower() in LIFTED:
        return ""
    limits = READERS[option](UserWish("x"), value).limits
    return {"cpu": limits.cpu, "memory": limits.memory, "disk": limits.disk}[option]


def limits_seen(instance: Instance) -> LimitsSeen:
    _, root = root_disk(instance)
    return LimitsSeen(
        instance.config.get("limits.cpu", ""), instance.config.get("limits.memory", ""), root.get("size", "")
    )


def root_disk(instance: Instance) -> tuple[str, Device]:
    """The name and the device, of its own or of a profile."""
    disks = ((n, d) for n, d in instance.expanded_devices.items() if d.get("type") == "disk" and d.get("path") == "/")
    return next(disks, ("root", {"type": "disk", "path": "/"}))


def config_for(wish: LimitWish) -> dict[str, str | None]:
    wanted = {"limits.cpu": wish.cpu, "limits.memory": wish.memory}
    return {key: value or None for key, value in wanted.items() if value is not None}


def devices_for(wish: LimitWish, instance: Instance) -> dict[str, Device | None]:
    """A profile's disk gets the limit as a device of the container's own, by the same name."""
    if wish.disk is None:
        return {}
    name, device = root_disk(instance)
    bare = {key: value for key, value in device.items() if key != "size"}
    return {name: {**bare, "size": wish.disk} if wish.disk else bare}


def shrinks(wish: LimitWish, instance: Instance) -> bool:
    """Would its disk become smaller than it may be now?"""
    wanted = as_bytes(wish.disk or "")
    present = as_bytes(limits_seen(instance).disk)
    return wanted is not None and (present is None or wanted < present)


def fits(used_bytes: int, disk: str) -> bool:
    """LXD ruins a container whose disk is made smaller than what is on it (measured, 5.0.2): it must not be asked."""
    return used_bytes * LEAST_ROOM <= (as_bytes(disk) or 0)
