"""What a check-up asks LXD beyond the daily work: its version, the template, the room in the pool."""

from __future__ import annotations

from typing import Any

from pylxd import Client

from bot.adapters.lxd_connection import LxdConnection
from bot.domain.health import PoolSpace

SECONDS = 15.0


class LxdCheckup:
    """Every call may raise `bot.domain.errors.InstanceError` or one of its kinds, as `LxdInstances` does."""

    def __init__(self, endpoint: str, *, cert: str = "", key: str = "", project: str = "default") -> None:
        self._lxd = LxdConnection(endpoint, cert, key, "", project)

    async def version(self) -> str:
        """LxdUnreachable if it does not answer; plain InstanceError if it does not trust our certificate."""
        return await self._lxd.call(_version)

    async def pool_of(self, name: str) -> PoolSpace:
        """The pool where this container's root disk lies, and so where its copies will. InstanceNotFound."""
        return await self._lxd.call(lambda client: _pool_of(client, name))

    def close(self) -> None:
        self._lxd.close()


def _version(client: Client) -> str:
    server = client.api.get(timeout=SECONDS).json()["metadata"]
    return str((server.get("environment") or {}).get("server_version") or "?")


def _pool_of(client: Client, name: str) -> PoolSpace:
    instance: dict[str, Any] = client.api.instances[name].get(timeout=SECONDS).json()["metadata"]
    disks = instance["expanded_devices"].values()
    pool = next(disk["pool"] for disk in disks if disk.get("type") == "disk" and disk.get("path") == "/")
    space = client.api.storage_pools[pool].resources.get(timeout=SECONDS).json()["metadata"]["space"]
    return PoolSpace(pool, int(space.get("used", 0)), int(space.get("total", 0)))
