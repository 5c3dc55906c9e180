"""The made-up LXD's care for what is there already: several changes at once, files, going back, exports, room."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from bot.demo.container import Container, Taken
from bot.demo.file import File
from bot.demo.host import MadeUpHost
from bot.demo.usage import GIB
from bot.domain.errors import FolderMissing, InstanceError, InstanceExists, InstanceNotFound
from bot.domain.health import PoolSpace
from bot.domain.instance import Device, Snapshot

SNAPSHOT, RESTORE, EXPORT, CHANGE = 0.3, 1.1, 3.0, 0.1


@dataclass
class Pool:
    """Change it as a bad day would: fill it, or make it ZFS."""

    driver: str = "btrfs"
    used_bytes: int = 300 * GIB
    total_bytes: int = 900 * GIB


class _Lxd(Protocol):
    host: MadeUpHost
    pool: Pool

    async def _answer(self, call: str, seconds: float = 0) -> None: ...
    async def _pass(self, seconds: float) -> None: ...
    def _now(self) -> datetime: ...
    def _operation(self, call: str, name: str, seconds: float) -> AbstractAsyncContextManager[Container]: ...
    def _find(self, name: str, words: str = "Instance not found") -> Container: ...
    def _boot(self, container: Container) -> None: ...
    def _ports_of_others(self, container: Container) -> frozenset[int]: ...
    def _disk_used(self, container: Container) -> int: ...


class MadeUpKeeping:
    """That half of the port `Instances`, in memory."""

    async def reconfigure(
        self: _Lxd, name: str, *, devices: Mapping[str, Device | None], config: Mapping[str, str | None] | None = None
    ) -> None:
        async with self._operation("reconfigure", name, CHANGE) as container:
            added = {key: dict(device) for key, device in devices.items() if device is not None}
            if container.started_at is not None:
                self.host.check(added, self._ports_of_others(container))
            self.host.check_sources(added)
            _refuse_to_shrink(added, self._disk_used(container))
            container.devices = {k: d for k, d in {**container.devices, **devices}.items() if d is not None}
            container.config = {k: v for k, v in {**container.config, **(config or {})}.items() if v}

    async def snapshot(self: _Lxd, name: str, snapshot_name: str) -> None:
        async with self._operation("snapshot", name, SNAPSHOT) as container:
            if snapshot_name in container.snapshots:
                raise InstanceExists(f'Snapshot "{snapshot_name}" already in use')
            kept = Taken(self._now(), dict(container.devices), dict(container.config), container.inside.copy())
            container.snapshots[snapshot_name] = kept

    async def snapshots(self: _Lxd, name: str) -> Sequence[Snapshot]:
        await self._answer("snapshots")
        return [Snapshot(key, taken.at) for key, taken in self._find(name).snapshots.items()]

    async def delete_snapshot(self: _Lxd, name: str, snapshot_name: str) -> None:
        async with self._operation("delete_snapshot", name, CHANGE) as container:
            container.snapshots.pop(snapshot_name, None)

    async def restore(self: _Lxd, name: str, snapshot_name: str) -> None:
        async with self._operation("restore", name, RESTORE) as container:
            found = container.snapshots.get(snapshot_name)
            if found is None:
                raise InstanceNotFound("Instance snapshot not found")
            if self.pool.driver == "zfs" and snapshot_name != list(container.snapshots)[-1]:
                raise InstanceError(
                    f'Snapshot "{snapshot_name}" cannot be restored due to subsequent snapshot(s). '
                    "Set zfs.remove_snapshots to override"
                )
            was_running, container.started_at = container.started_at is not None, None
            container.devices, container.config = dict(found.devices), dict(found.config)
            container.inside = found.inside.copy()
            if was_running:
                self.host.check(container.expanded_devices, self._ports_of_others(container))
                self._boot(container)

    async def export(self: _Lxd, name: str, path: str, on_bytes: Callable[[int], None]) -> int:
        async with self._operation("export", name, 0) as container:
            content = repr(sorted(container.inside.files)).encode()
            for _ in range(3):
                await self._pass(EXPORT / 3)
                on_bytes(len(content))
            try:
                Path(path).write_bytes(content)  # noqa: ASYNC240 - a few bytes
            except OSError as error:
                raise InstanceError(str(error)) from error
            return len(content)

    async def version(self: _Lxd) -> str:
        await self._answer("version")
        return "5.0.2"

    async def pool_space(self: _Lxd, name: str) -> PoolSpace:
        await self._answer("pool_space")
        self._find(name)
        return PoolSpace("default", self.pool.used_bytes, self.pool.total_bytes, self.pool.driver)

    async def log(self: _Lxd, name: str) -> str:
        await self._answer("log")
        return self._find(name).log

    async def write_file(
        self: _Lxd, name: str, path: str, content: bytes, *, mode: int = 0o644, uid: int = 0, gid: int = 0
    ) -> None:
        await self._answer("write_file")
        container = self._find(name)
        _refuse_read_only(container, path)
        if path.rpartition("/")[0] not in {*container.inside.directories, ""}:
            raise FolderMissing(f"no such folder in {name}: {path.rpartition('/')[0]}")
        container.inside.files[path] = File(content, mode, uid, gid)

    async def read_file(self: _Lxd, name: str, path: str) -> bytes | None:
        await self._answer("read_file")
        file = self._find(name).inside.files.get(path)
        return file.content if file else None

    async def delete_file(self: _Lxd, name: str, path: str) -> None:
        await self._answer("delete_file")
        container = self._find(name)
        _refuse_read_only(container, path)
        container.inside.files.pop(path, None)

    async def make_folder(self: _Lxd, name: str, path: str, *, mode: int = 0o755, uid: int = 0, gid: int = 0) -> None:
        await self._answer("make_folder")
        inside = self._find(name).inside
        if path in inside.directories:
            return  # its mode and owner are not looked at here
        del mode, uid, gid
        if path.rpartition("/")[0] not in {*inside.directories, ""}:
            raise FolderMissing(f"no such folder in {name}: {path.rpartition('/')[0]}")
        inside.directories.add(path)


def _refuse_to_shrink(devices: Mapping[str, Device], used: int) -> None:
    """The real one fails and leaves the container for scrap (measured): nothing should ever ask for it."""
    for device in devices.values():
        if device.get("path") == "/" and device.get("size") and _bytes(device["size"]) < used:
            raise InstanceError('Failed to update device "root": disk quota exceeded, and the container is ruined')


def _bytes(size: str) -> int:
    units = {"GiB": 1 << 30, "MiB": 1 << 20, "TiB": 1 << 40}
    return int(size[:-3]) * units[size[-3:]] if size[-3:] in units else int(size.rstrip("B"))


def _refuse_read_only(container: Container, path: str) -> None:
    for device in container.expanded_devices.values():
        if device.get("readonly") == "true" and f"{path}/".startswith(f"{device.get('path')}/"):
            raise InstanceError("open: read-only file system")
