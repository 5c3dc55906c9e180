"""LXD's JSON as junzi's values."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from bot.domain.instance import HostGpu, Instance, InstanceStatus, InstanceUsage, Snapshot

Json = Mapping[str, Any]


def read_instance(raw: Json) -> Instance:
    return Instance(
        name=raw["name"],
        status=_status(raw.get("status", "")),
        devices=raw.get("devices") or {},
        expanded_devices=raw.get("expanded_devices") or {},
        config=raw.get("config") or {},
        profiles=tuple(raw.get("profiles") or ()),
        created_at=_instant(raw.get("created_at", "")),
        last_started_at=_instant(raw.get("last_used_at", "")),
    )


def read_snapshot(raw: Json) -> Snapshot:
    """LXD calls it by itself or as "container/snapshot", depending on how it is asked."""
    name = raw["name"].rpartition("/")[2]
    return Snapshot(name, _instant(raw.get("created_at", "")), _instant(raw.get("expires_at", "")))


# Pools whose figure for a disk is not what its limit counts. On btrfs it is what no snapshot and no copy shares: 0 just
# after a snapshot of 2 GiB, while the limit counts all of it (measured, 5.0.2; canonical/lxd issue 8468).
SHARES_NOT_COUNTED = frozenset({"btrfs"})


def read_usage(state: Json, driver: str = "") -> InstanceUsage:
    """Zero is LXD's way to say "not known". `driver`: of the pool that its disk is in."""
    disk = {} if driver in SHARES_NOT_COUNTED else (state.get("disk") or {}).get("root") or {}
    if state.get("status") != "Running":
        return InstanceUsage(disk_bytes=disk.get("usage") or None)
    return InstanceUsage(
        addresses=_addresses(state.get("network") or {}),
        memory_bytes=(state.get("memory") or {}).get("usage") or None,
        disk_bytes=disk.get("usage") or None,
    )


def read_pool(raw: Json) -> str:
    """The name of the pool that an instance's own disk is in; "" if it has none."""
    disks = (raw.get("expanded_devices") or {}).values()
    return next((str(d.get("pool", "")) for d in disks if d.get("type") == "disk" and d.get("path") == "/"), "")


def read_gpus(resources: Json) -> tuple[HostGpu, ...]:
    cards = (resources.get("gpu") or {}).get("cards") or ()
    return tuple(_gpu(card) for card in cards if card.get("pci_address"))


def _gpu(card: Json) -> HostGpu:
    nvidia = card.get("nvidia") or {}
    return HostGpu(card["pci_address"].lower(), card.get("vendor_id", ""), nvidia.get("uuid") or None)


def _status(word: str) -> InstanceStatus:
    try:
        return InstanceStatus(word.lower())
    except ValueError:
        return InstanceStatus.UNKNOWN


def _addresses(network: Json) -> tuple[str, ...]:
    """Those that another machine could use, IPv4 first."""
    found = [
        (address["family"], address["address"])
        for name, card in sorted(network.items())
        if name != "lo"
        for address in card.get("addresses") or ()
        if address.get("scope") == "global"
    ]
    return tuple(address for _, address in sorted(found, key=lambda pair: pair[0]))


def _instant(text: str) -> datetime | None:
    """RFC 3339 with up to nine decimals; the year 1 is Go's zero."""
    try:
        instant = datetime.strptime(text[:19], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=timezone.utc)
    except ValueError:
        return None
    return instant if instant.year > 1970 else None
