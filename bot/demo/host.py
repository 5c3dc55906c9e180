"""The made-up server under the made-up LXD: its cards, folders and ports, and what LXD says when one is missing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from bot.domain.errors import CardDeviceMissing, PortTaken, SourceMissing
from bot.domain.instance import Device, HostGpu, listening_ports

FOUR_CARDS = tuple(
    HostGpu(f"0000:{bus}:00.0", "10de", f"GPU-00000000-0000-0000-0000-00000000000{number}")
    for number, bus in enumerate(("17", "31", "b1", "ca"))
)


@dataclass
class MadeUpHost:
    """Change it under a running LXD as a bad day would: pull a card, unmount a folder, take a port.

    `has_quotas`: whether the pool knows how much a container has on it; btrfs without them does not.
    """

    gpus: list[HostGpu] = field(default_factory=lambda: list(FOUR_CARDS))
    folders: set[str] = field(default_factory=set)
    links: dict[str, str] = field(default_factory=dict)
    ports_in_use: set[int] = field(default_factory=set)
    has_quotas: bool = True
    contents: Mapping[str, Sequence[str]] = field(
        default_factory=lambda: {"/srv/datasets": ("CIFAR10", "COCO", "ImageNet", "MNIST")}
    )

    def check(self, devices: Mapping[str, Device], ports_of_others: Collection[int]) -> None:
        """LXD looks at cards and ports only when a device starts."""
        present = {gpu.pci_address for gpu in self.gpus}
        for name, device in devices.items():
            if device.get("type") == "gpu" and ({device["pci"]} - present if "pci" in device else not present):
                raise CardDeviceMissing(f'Failed to start device "{name}": Failed to detect requested GPU device')
        self.check_sources(devices)
        if clash := listening_ports(devices) & self.ports_in_use.union(ports_of_others):
            raise PortTaken(f"listen tcp 0.0.0.0:{min(clash)}: bind: address already in use")

    def check_sources(self, devices: Mapping[str, Device]) -> None:
        """A folder is looked for when its device is added, and again at every start."""
        for device in devices.values():
            wanted = device.get("source") if device.get("required") != "false" else None
            if device.get("type") == "disk" and wanted and wanted not in self.folders:
                raise SourceMissing(f'Missing source path "{wanted}" for disk "{device.get("path")}"')


@dataclass(frozen=True)
class MadeUpFolders:
    """`bot.ports.HostFolders` of the made-up server. A size is as wide as its name is long."""

    host: MadeUpHost
    free: int = 400 << 30

    async def is_folder(self, path: str) -> bool | None:
        return path in self.host.folders

    async def real(self, path: str) -> str:
        return self.host.links.get(path, path)

    async def size(self, path: str, timeout_seconds: float) -> int | None:
        return (len(path) << 34) if path in self.host.folders and timeout_seconds > 0 else None

    def here(self) -> Callable[[str], bool | None] | None:
        return self.host.folders.__contains__

    async def names(self, path: str, most: int) -> Sequence[str] | None:
        return self.host.contents.get(path, ())[:most] if path in self.host.folders else None

    async def free_bytes(self, path: str) -> int | None:
        return self.free if path in self.host.folders else None
