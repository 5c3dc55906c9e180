"""The containers that new ones are copied from: their versions, and which container came from which."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.domain.container import InstanceRecord
from bot.domain.instance import Device, Instance, ssh_port

# What junzi made a template of; a copy leaves `user.junzi.*` behind, so no container bears it by accident.
TEMPLATE_KEY = "user.junzi.template"
VERSION = re.compile(r"(.+?)-v(\d+)")


@dataclass(frozen=True)
class TemplateSeen:
    """`made_of`: the container that was published or built upon, "" for one of before junzi."""

    name: str
    is_default: bool
    exists: bool
    made_of: str = ""
    children: tuple[str, ...] = ()


def next_version(name: str, taken: Collection[str]) -> str:
    """ "template" -> "template-v2", "template-v2" -> "template-v3", past those that are there."""
    match = VERSION.fullmatch(name)
    base, number = (match[1], int(match[2])) if match else (name, 1)
    base = base[:55]
    while f"{base}-v{number + 1}" in taken:
        number += 1
    return f"{base}-v{number + 1}"


def templates_seen(
    default: str, instances: Mapping[str, Instance], records: Sequence[InstanceRecord]
) -> Sequence[TemplateSeen]:
    """The default first, then those that junzi made or that containers came from."""
    marked = {name for name, instance in instances.items() if TEMPLATE_KEY in instance.config}
    names = {default, *marked, *(record.template for record in records if record.template)}
    members = {record.name for record in records}
    return [
        TemplateSeen(
            name,
            name == default,
            name in instances,
            instances[name].config.get(TEMPLATE_KEY, "") if name in instances else "",
            tuple(record.name for record in records if record.template == name),
        )
        for name in sorted(names - members, key=lambda name: (name != default, name))
    ]


def stripped_devices(source: Instance) -> dict[str, Device]:
    """What to lay over a copy that is to become a template: no cards (a dead one would block its start), no disk limit.

    No host folders either while scripts clean it: what is deleted inside would be deleted on the host. Proxies are
    left behind by every copy.
    """
    devices: dict[str, Device] = {}
    for name, device in source.expanded_devices.items():
        if device.get("type") == "gpu" or (device.get("type") == "disk" and device.get("path") != "/"):
            devices[name] = {"type": "none"}
        elif device.get("type") == "disk" and device.get("size"):
            devices[name] = {key: value for key, value in device.items() if key != "size"}
    return devices


def folders_to_keep(source: Instance) -> dict[str, Device]:
    """Its read-only host folders: new containers are to be born with them. One that is writable is a person's."""
    return {
        name: device
        for name, device in source.devices.items()
        if device.get("type") == "disk" and device.get("path") != "/" and device.get("readonly") == "true"
    }


def stripped_config(keys: Iterable[str]) -> dict[str, str]:
    """Limits and schedules are a person's, not a template's: an empty value leaves a key behind."""
    return {key: "" for key in keys if key.startswith(("limits.", "snapshots.", "boot."))}


def likely_template(instances: Collection[Instance]) -> str | None:
    """The only one that is switched off and that nobody logs in to; None if there are several, or none."""
    idle = [one.name for one in instances if not one.is_running and ssh_port(one.expanded_devices) is None]
    return idle[0] if len(idle) == 1 else None
