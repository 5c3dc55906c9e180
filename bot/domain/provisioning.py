"""What a new container is to be, and the decisions on the way to it. Pure: `bot.services.provisioning` does it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Literal

from bot.domain.errors import JunziError
from bot.domain.instance import (
    INSTANCE_NAME,
    NO_DEVICE,
    SSH_DEVICE,
    Dataset,
    Device,
    HostGpu,
    Instance,
    all_cards_device,
    card_device,
    card_device_name,
    dataset_device,
    name_fault,
    proxy_to_ssh,
)
from bot.domain.password import Secret, chpasswd_line

# Kept in the container's own configuration, so that a start after kill -9 knows whose half-made thing it is.
OPERATION_KEY = "user.junzi.operation"
MEMBER_KEY = "user.junzi.member"

NVIDIA = "10de"
ALL_CARDS_DEVICE = "gpu"


class Step(str, Enum):
    """Where a provisioning is. The values are keys of the catalogues: never rename one."""

    CHECK = "check"
    COPY = "copy"
    IDENTITY = "identity"
    START = "start"
    ACCOUNT = "account"
    SSH = "ssh"
    FINISH = "finish"


class ProvisioningFailed(JunziError):
    """It stopped at `step`; `cause` has the words. What was made is still there: see `take_back`."""

    def __init__(self, step: Step, cause: Exception) -> None:
        super().__init__(f"{step.value}: {cause}")
        self.step = step
        self.cause = cause


class AccountRefused(JunziError):
    """A program that makes the account inside the container failed; str() is its own words."""


class SshSilent(JunziError):
    """Nothing that speaks SSH answered on the host port in time; `last_words` were on the container's console."""

    def __init__(self, port: int, last_words: str = "") -> None:
        super().__init__(f"no SSH banner on port {port}. Its console: {last_words}")
        self.port = port
        self.last_words = last_words


class BootFailed(JunziError):
    """LXD started it and it died; str() is what its console said last.

    "Too many open files" is the host's fs.inotify.max_user_instances: with the kernel's default of 128 the 18th
    container dies so (measured, Debian 12); kernel.keys.maxkeys, 200, is spent at about the same number.
    """


@dataclass(frozen=True)
class Limits:
    """In LXD's own notation: cpu "4" or "0-3", memory and disk "64GiB". Empty = the template's."""

    cpu: str = ""
    memory: str = ""
    disk: str = ""

    def config(self) -> dict[str, str]:
        return {key: value for key, value in (("limits.cpu", self.cpu), ("limits.memory", self.memory)) if value}


@dataclass(frozen=True)
class HostKey:
    """One SSH host key: the file under /etc/ssh, its OpenSSH private half, and its public line."""

    file_name: str
    private: bytes = field(repr=False)
    public: bytes


@dataclass(frozen=True)
class Plan:
    """Everything about a container to be made. One that could not work is a ValueError here, not a failure later.

    `operation` marks the container while it is unfinished, `member` when it is done. `cards` are PCI addresses.
    """

    operation: str
    member: str
    name: str
    unix_name: str
    template: str
    ssh_port: int
    password: Secret
    datasets: tuple[Dataset, ...] = ()
    cards: Literal["all"] | tuple[str, ...] = "all"
    limits: Limits = Limits()
    authorized_keys: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if INSTANCE_NAME.fullmatch(self.name) is None:
            raise ValueError(f"LXD would refuse the name {self.name!r}")
        if (fault := name_fault(self.unix_name)) is not None:
            raise ValueError(f"{self.unix_name!r} can't be a Unix account: {fault}")
        if not 1 <= self.ssh_port <= 65535:
            raise ValueError(f"no such port: {self.ssh_port}")
        if not self.operation:
            raise ValueError("a plan needs an operation: it is what take_back knows its own work by")
        if any(re.search(r"[\n\r\0]", key) for key in self.authorized_keys):
            raise ValueError("an SSH key is one line")
        chpasswd_line(self.unix_name, self.password)


@dataclass(frozen=True)
class WithoutCards:
    """Cards that were asked for and are not there. The container was made all the same.

    `reason`: "none_on_host" (LXD lists no NVIDIA card), "not_on_host" (some of `pci_addresses` are not listed),
    "refused_at_start" (LXD could not pass them on; `detail` is its own words).
    """

    reason: Literal["none_on_host", "not_on_host", "refused_at_start"]
    pci_addresses: tuple[str, ...] = ()
    detail: str = ""


@dataclass(frozen=True)
class Provisioned:
    """A container that answers by SSH. `host_public_keys` are lines for a known_hosts file, without the host."""

    name: str
    ssh_port: int
    without_cards: WithoutCards | None = None
    host_public_keys: tuple[str, ...] = ()


def choose_port(ports: range, taken: Collection[int]) -> int | None:
    """The lowest port of the range that nobody has; None if all are taken."""
    return next((port for port in ports if port not in taken), None)


def cards_to_give(
    wanted: Literal["all"] | tuple[str, ...], on_host: Sequence[HostGpu] | None
) -> tuple[dict[str, Device], WithoutCards | None]:
    """The gpu devices for these cards, and what can't be given. `on_host` None = LXD could not say: try them all."""
    devices: dict[str, Device] = (
        {ALL_CARDS_DEVICE: all_cards_device()}
        if wanted == "all"
        else {card_device_name(address): card_device(address) for address in wanted}
    )
    if on_host is None or not devices:
        return devices, None
    present = {gpu.pci_address for gpu in on_host if gpu.vendor_id == NVIDIA}
    if not present:
        return {}, WithoutCards("none_on_host", () if wanted == "all" else wanted)
    if wanted == "all":
        return devices, None
    missing = tuple(address for address in wanted if address not in present)
    given = {name: device for name, device in devices.items() if device["pci"] in present}
    return given, WithoutCards("not_on_host", missing) if missing else None


def dataset_devices(datasets: Sequence[Dataset], inherited: Mapping[str, Device]) -> dict[str, Device]:
    """Disk devices for the datasets. One that the template mounts at the same path is replaced, not doubled."""
    devices: dict[str, Device] = {}
    for dataset in datasets:
        same_path = (name for name, d in inherited.items() if d.get("type") == "disk" and d.get("path") == dataset.path)
        name = next(same_path, None) or _free_name(dataset.path, devices)
        devices[name] = dataset_device(dataset)
    return devices


def _free_name(path: str, used: Collection[str]) -> str:
    """ "/mnt/datasets" -> "dataset-mnt-datasets"; LXD takes 63 characters of letters, digits and hyphens at most."""
    base = f"dataset-{re.sub(r'[^A-Za-z0-9]+', '-', path).strip('-')}"[:59]
    return base if base not in used else f"{base}-{len(used)}"


def devices_for(plan: Plan, template: Instance, cards: Mapping[str, Device]) -> dict[str, Device]:
    """Everything to lay over the template's devices: the SSH port, datasets, cards, the disk's size.

    The template's own gpu devices are masked, wherever they come from: the plan says which cards are seen.
    """
    inherited = template.expanded_devices
    devices = {name: NO_DEVICE for name, device in inherited.items() if device.get("type") == "gpu"}
    devices.update(dataset_devices(plan.datasets, inherited))
    devices.update(cards)
    devices[SSH_DEVICE] = proxy_to_ssh(plan.ssh_port)
    if plan.limits.disk:
        for name, device in inherited.items():
            if device.get("type") == "disk" and device.get("path") == "/":
                devices[name] = {**device, "size": plan.limits.disk}
    return devices


def hosts_file(name: str) -> str:
    """/etc/hosts of a container: sudo asks for its own name at every call, and is slow when nobody knows it."""
    return (
        "127.0.0.1\tlocalhost\n"
        f"127.0.1.1\t{name}\n"
        "\n"
        "::1\tlocalhost ip6-localhost ip6-loopback\n"
        "ff02::1\tip6-allnodes\n"
        "ff02::2\tip6-allrouters\n"
    )
