"""LXD's care for what is there already: several changes at once, going back, room, the log of a start."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pylxd import Client
from pylxd.exceptions import LXDAPIException

from bot.adapters import lxd_files
from bot.adapters.lxd_changes import Config, Devices, change
from bot.adapters.lxd_connection import LxdConnection
from bot.adapters.lxd_export import export
from bot.adapters.lxd_snapshots import delete_snapshot, read_snapshots, rename, restore, snapshot
from bot.domain.health import PoolSpace
from bot.domain.instance import Device, Snapshot

SECONDS = 30.0
LOG = "lxc.log"


class LxdKeeping:
    """That half of the port `Instances`."""

    _lxd: LxdConnection

    async def reconfigure(
        self, name: str, *, devices: Mapping[str, Device | None], config: Mapping[str, str | None] | None = None
    ) -> None:
        def edit(now: Devices, settings: Config) -> None:
            now.update({key: dict(device) for key, device in devices.items() if device is not None})
            for key in [key for key, device in devices.items() if device is None]:
                now.pop(key, None)
            settings.update({key: value for key, value in (config or {}).items() if value})
            for key in [key for key, value in (config or {}).items() if not value]:
                settings.pop(key, None)

        await self._lxd.call(lambda client: change(client, name, edit))

    async def rename(self, name: str, new_name: str) -> None:
        await self._lxd.call(lambda client: rename(client, name, new_name))

    async def snapshot(self, name: str, snapshot_name: str) -> None:
        await self._lxd.call(lambda client: snapshot(client, name, snapshot_name))

    async def snapshots(self, name: str) -> Sequence[Snapshot]:
        return await self._lxd.call(lambda client: read_snapshots(client, name))

    async def delete_snapshot(self, name: str, snapshot_name: str) -> None:
        await self._lxd.call(lambda client: delete_snapshot(client, name, snapshot_name))

    async def restore(self, name: str, snapshot_name: str) -> None:
        await self._lxd.call(lambda client: restore(client, name, snapshot_name))

    async def export(self, name: str, path: str, on_bytes: Callable[[int], None]) -> int:
        return await self._lxd.call(lambda client: export(client, name, path, on_bytes))

    async def version(self) -> str:
        return await self._lxd.call(_version)

    async def pool_space(self, name: str) -> PoolSpace:
        return await self._lxd.call(lambda client: _pool_of(client, name))

    async def log(self, name: str) -> str:
        def read(client: Client) -> str:
            _raw(client, name)
            try:
                response = client.api.instances[name].logs[LOG].get(is_api=False, timeout=SECONDS)
            except LXDAPIException:  # it never was started, or LXD cleaned up behind it
                return ""
            return bytes(response.content).decode(errors="replace")

        return await self._lxd.call(read)

    async def make_folder(self, name: str, path: str, *, mode: int = 0o755, uid: int = 0, gid: int = 0) -> None:
        await self._lxd.call(lambda client: lxd_files.make_folder(client, name, path, mode, uid, gid))


def _raw(client: Client, name: str) -> dict[str, Any]:
    raw: dict[str, Any] = client.api.instances[name].get(timeout=SECONDS).json()["metadata"]
    return raw


def _version(client: Client) -> str:
    server = client.api.get(timeout=SECONDS).json()["metadata"]
    return str((server.get("environment") or {}).get("server_version") or "?")


def _pool_of(client: Client, name: str) -> PoolSpace:
    disks = _raw(client, name)["expanded_devices"].values()
    pool = next(disk["pool"] for disk in disks if disk.get("type") == "disk" and disk.get("path") == "/")
    api = client.api.storage_pools[pool]
    space = api.resources.get(timeout=SECONDS).json()["metadata"]["space"]
    driver = api.get(timeout=SECONDS).json()["metadata"]["driver"]
    return PoolSpace(pool, int(space.get("used", 0)), int(space.get("total", 0)), driver)
