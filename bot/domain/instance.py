"""LXD containers as junzi sees them: names, ports, what is mounted, which cards they see."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

# LXD: 1 to 63 of [A-Za-z0-9-], a letter first, no '-' last (measured on 5.0.2). A Unix account: at most 32,
# lower case by Debian's NAME_REGEX. A member's name must be both, so it is the narrower of the two.
MEMBER_NAME = re.compile(r"[a-z](?:[a-z0-9-]{0,30}[a-z0-9])?")
INSTANCE_NAME = re.compile(r"[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")

# Accounts that a Debian or Ubuntu template already has: useradd would fail, or worse, chpasswd would succeed.
SYSTEM_NAMES = frozenset(
    "root daemon bin sys sync games man lp mail news uucp proxy www-data backup list irc gnats nobody ubuntu debian "
    "sshd messagebus syslog lxd admin sudo adm users staff operator nvidia docker".split()
)


def name_fault(name: str) -> str | None:
    """Why `name` can't be a member's name ("bad_characters", "too_long", "reserved"); None if it can."""
    if len(name) > 32:
        return "too_long"
    if MEMBER_NAME.fullmatch(name) is None:
        return "bad_characters"
    return "reserved" if name in SYSTEM_NAMES else None


class InstanceStatus(str, Enum):
    RUNNING = "running"
    STOPPED = "stopped"
    FROZEN = "frozen"
    ERROR = "error"
    UNKNOWN = "unknown"


Device = Mapping[str, str]


@dataclass(frozen=True)
class Instance:
    """One container as LXD describes it. `devices` are its own, `expanded_devices` with those of its profiles."""

    name: str
    status: InstanceStatus
    devices: Mapping[str, Device] = field(default_factory=dict)
    expanded_devices: Mapping[str, Device] = field(default_factory=dict)
    config: Mapping[str, str] = field(default_factory=dict)
    profiles: tuple[str, ...] = ("default",)
    created_at: datetime | None = None
    last_started_at: datetime | None = None

    @property
    def is_running(self) -> bool:
        return self.status is InstanceStatus.RUNNING


@dataclass(frozen=True)
class InstanceUsage:
    """What a container uses now. None = LXD does not say (it has no disk figure on a `dir` pool, for one)."""

    addresses: tuple[str, ...] = ()
    memory_bytes: int | None = None
    disk_bytes: int | None = None


@dataclass(frozen=True)
class Snapshot:
    """A container as it was. `expires_at`: LXD deletes it then by itself."""

    name: str
    created_at: datetime | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True)
class Dataset:
    """A host folder that containers see. `source` on the host, `path` in the container."""

    source: str
    path: str
    read_only: bool = True


@dataclass(frozen=True)
class HostGpu:
    """A card as LXD lists it under /1.0/resources."""

    pci_address: str
    vendor_id: str
    uuid: str | None


SSH_DEVICE = "ssh"


def proxy_to_ssh(port: int) -> Device:
    """The proxy device that lands host port `port` on the container's sshd."""
    return {"type": "proxy", "listen": f"tcp:0.0.0.0:{port}", "connect": "tcp:127.0.0.1:22"}


def all_cards_device() -> Device:
    """A gpu device without a selector: every card of the host."""
    return {"type": "gpu"}


def card_device(pci_address: str) -> Device:
    """A gpu device for one card, by PCI address: LXD's `id` is the DRM number, which is not nvidia-smi's index."""
    return {"type": "gpu", "pci": pci_address}


def card_device_name(pci_address: str) -> str:
    """ "0000:1b:00.0" -> "gpu-0000-1b-00-0", the same card always under the same name."""
    return "gpu-" + re.sub(r"[^0-9a-f]", "-", pci_address)


def dataset_device(dataset: Dataset) -> Device:
    """`required=false`: a dataset disk that is not mounted after a reboot must not keep students out (measured)."""
    device = {"type": "disk", "source": dataset.source, "path": dataset.path, "required": "false"}
    return {**device, "readonly": "true"} if dataset.read_only else device


NO_DEVICE: Device = {"type": "none"}


def masks_for_copies(devices: Mapping[str, Device]) -> dict[str, Device]:
    """What to send with a copy so that a template's proxy devices stay behind: a port belongs to one container.

    LXD lays what is sent with a copy over the template's devices and drops none of them (5.0.2): leaving one out
    takes a device of type "none" of the same name.
    """
    return {name: NO_DEVICE for name, device in devices.items() if device.get("type") == "proxy"}


def blanks_for_copies(config: Mapping[str, str]) -> dict[str, str]:
    """What to send with a copy so that these keys of a template stay behind: an empty value leaves out its key."""
    return {key: "" for key in config if key.startswith("user.junzi.") or key == "security.protection.delete"}


def listening_ports(devices: Mapping[str, Device]) -> frozenset[int]:
    """The host TCP ports that proxy devices claim. Ranges ("tcp:0.0.0.0:1000-1009") and lists are spread out."""
    ports: set[int] = set()
    for device in devices.values():
        if device.get("type") == "proxy" and device.get("bind", "host") in ("host", ""):
            ports.update(_ports_of(device.get("listen", "")))
    return frozenset(ports)


def _ports_of(listen: str) -> Iterable[int]:
    protocol, _, rest = listen.partition(":")
    if protocol not in ("tcp", "udp"):
        return
    for part in rest.rpartition(":")[2].split(","):
        first, _, last = part.partition("-")
        if first.isdecimal() and (not last or last.isdecimal()):
            yield from range(int(first), int(last or first) + 1)


def ssh_port(devices: Mapping[str, Device]) -> int | None:
    """The host port that leads to the container's port 22, whatever the device is called; None if none does."""
    for device in devices.values():
        if device.get("type") == "proxy" and device.get("connect", "").endswith(":22"):
            return next(iter(_ports_of(device.get("listen", ""))), None)
    return None


@dataclass(frozen=True)
class SeenCards:
    """Which cards a container's devices show it. `by_other_means`: devices that name cards by DRM id or vendor."""

    all: bool = False
    pci_addresses: tuple[str, ...] = ()
    by_other_means: tuple[str, ...] = ()


def seen_cards(devices: Mapping[str, Device]) -> SeenCards:
    """Read the gpu devices of an instance (give it the expanded ones)."""
    selectors = ("id", "pci", "vendorid", "productid")
    gpus = {name: device for name, device in devices.items() if device.get("type") == "gpu"}
    everything = any(not any(device.get(key) for key in selectors) for device in gpus.values())
    pci = tuple(sorted(device["pci"] for device in gpus.values() if device.get("pci")))
    other = tuple(sorted(name for name, d in gpus.items() if not d.get("pci") and any(d.get(k) for k in selectors)))
    return SeenCards(everything, pci, other)


def datasets_of(devices: Mapping[str, Device]) -> tuple[Dataset, ...]:
    """The host folders mounted into an instance; its root disk is none of them."""
    return tuple(
        Dataset(device["source"], device["path"], device.get("readonly") in ("true", "1", "yes", "on"))
        for _, device in sorted(devices.items())
        if device.get("type") == "disk" and device.get("source") and device.get("path") not in (None, "/")
    )
