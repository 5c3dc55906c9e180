"""LXD through pylxd: the one file that knows what its calls are called.

Where it bends around a trap of LXD 5.0.2 or pylxd 2.4.2 it says so; all were measured.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from typing import Any, TypeVar

from pylxd import Client
from pylxd.exceptions import LXDAPIException, NotFound
from requests import Response

from bot.adapters import lxd_files
from bot.adapters.lxd_changes import PATIENCE_SECONDS, PAUSE_SECONDS, Config, Devices, change
from bot.adapters.lxd_connection import LxdConnection
from bot.adapters.lxd_errors import in_our_words, instance_error, words_of
from bot.adapters.lxd_events import changes
from bot.adapters.lxd_exec import execute
from bot.adapters.lxd_keeping import LxdKeeping
from bot.adapters.lxd_reading import read_gpus, read_instance, read_pool, read_usage
from bot.domain.errors import InstanceBusy, InstanceError, InstanceNotFound
from bot.domain.instance import (
    Device,
    HostGpu,
    Instance,
    InstanceUsage,
    blanks_for_copies,
    masks_for_copies,
)
from bot.ports import CommandResult

T = TypeVar("T")

# Reads are quick or LXD is in trouble; operations take what they take, and are waited for.
READ_SECONDS = 30.0
KILL_AFTER_SECONDS = 5
CONTROLS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[()][A-Z0-9]|[\x00-\x08\x0b-\x1f\x7f]")
NO_PROGRAM = {"Command not executable": 126, "Command not found": 127}


class LxdInstances(LxdKeeping):
    """The port `Instances`. `endpoint`: "" = the local socket as `lxc` finds it, a socket's path, or https://...

    With https, `cert` and `key` are files of the client's certificate, `server_cert` one of the server's.
    """

    def __init__(
        self, endpoint: str = "", *, cert: str = "", key: str = "", server_cert: str = "", project: str = "default"
    ) -> None:
        self._lxd = LxdConnection(endpoint, cert, key, server_cert, project)
        self._starting: set[str] = set()
        # One file of a container at a time: two at once race for LXD's helper process, and are no faster (measured).
        self._files: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def list(self) -> Sequence[Instance]:
        return await self._lxd.call(_list)

    async def list_with_usage(self) -> Sequence[tuple[Instance, InstanceUsage]]:
        return await self._lxd.call(_list_with_usage)

    async def get(self, name: str) -> Instance:
        return await self._lxd.call(lambda client: read_instance(_raw(client, name)))

    async def usage(self, name: str) -> InstanceUsage:
        def read(client: Client) -> InstanceUsage:
            state = client.api.instances[name].state.get(timeout=READ_SECONDS).json()["metadata"]
            return read_usage(state, _drivers(client).get(read_pool(_raw(client, name)), ""))

        return await self._lxd.call(read)

    async def host_gpus(self) -> Sequence[HostGpu]:
        def read(client: Client) -> Sequence[HostGpu]:
            return read_gpus(client.api.resources.get(timeout=READ_SECONDS).json()["metadata"])

        return await self._lxd.call(read)

    async def copy(self, template: str, name: str, *, devices: Mapping[str, Device], config: Mapping[str, str]) -> None:
        await self._lxd.call(lambda client: _copy(client, template, name, devices, config))

    async def settle(self, name: str) -> None:
        await self._lxd.call(lambda client: _settle(client, name))

    async def start(self, name: str) -> None:
        self._starting.add(name)
        try:
            await self._lxd.call(lambda client: _start(client, name))
        finally:
            self._starting.discard(name)

    async def stop(self, name: str, *, timeout_seconds: int, force: bool = False) -> None:
        await self._lxd.call(lambda client: _stop(client, name, timeout_seconds, force))

    async def delete(self, name: str) -> None:
        await self._lxd.call(lambda client: _delete(client, name))

    async def set_device(self, name: str, device_name: str, device: Device) -> None:
        def edit(devices: Devices, _config: Config) -> None:
            devices[device_name] = dict(device)

        await self._lxd.call(lambda client: change(client, name, edit))

    async def remove_device(self, name: str, device_name: str) -> None:
        def edit(devices: Devices, _config: Config) -> None:
            devices.pop(device_name, None)

        await self._lxd.call(lambda client: change(client, name, edit))

    async def set_config(self, name: str, config: Mapping[str, str]) -> None:
        def edit(_devices: Devices, now: Config) -> None:
            now.update({key: value for key, value in config.items() if value})
            for key in [key for key, value in config.items() if not value]:
                now.pop(key, None)

        await self._lxd.call(lambda client: change(client, name, edit))

    async def write_file(
        self, name: str, path: str, content: bytes, *, mode: int = 0o644, uid: int = 0, gid: int = 0
    ) -> None:
        async with self._files[name]:
            await self._lxd.call(lambda client: lxd_files.write(client, name, path, content, mode, uid, gid))

    async def read_file(self, name: str, path: str) -> bytes | None:
        async with self._files[name]:
            return await self._lxd.call(lambda client: lxd_files.read(client, name, path))

    async def delete_file(self, name: str, path: str) -> None:
        async with self._files[name]:
            await self._lxd.call(lambda client: lxd_files.delete(client, name, path))

    async def run(
        self, name: str, command: Sequence[str], *, stdin: bytes = b"", timeout_seconds: int = 60
    ) -> CommandResult:
        """LXD knows no time limit for a program, so `timeout` inside keeps it; and if that is not what it seems (its
        member is root in there), nobody waits longer out here. Exit codes 126 and 127 LXD turns into failures of its
        own."""
        limited = ["timeout", f"--kill-after={KILL_AFTER_SECONDS}", str(timeout_seconds), *command]
        longest = timeout_seconds + KILL_AFTER_SECONDS + PATIENCE_SECONDS

        while True:
            starting = name in self._starting
            try:
                with in_our_words():
                    output = await _within(longest, command[0], execute(self._lxd.door(), name, limited, stdin))
                    return CommandResult(output.exit_code, _text(output.stdout), _text(output.stderr))
            except InstanceError as error:
                if str(error) in NO_PROGRAM:
                    return CommandResult(NO_PROGRAM[str(error)], "", str(error))
                if "not running" not in str(error) or not starting:
                    raise
            await asyncio.sleep(PAUSE_SECONDS)

    async def console(self, name: str) -> str:
        return await self._lxd.call(lambda client: _console(client, name))

    def changes(self) -> AsyncIterator[str]:
        return changes(self._lxd.door())

    async def close(self) -> None:
        self._lxd.close()


def _raw(client: Client, name: str) -> dict[str, Any]:
    raw: dict[str, Any] = client.api.instances[name].get(timeout=READ_SECONDS).json()["metadata"]
    return raw


def _list(client: Client) -> Sequence[Instance]:
    return [read_instance(raw) for raw in _all(client, recursion=1)]


def _list_with_usage(client: Client) -> Sequence[tuple[Instance, InstanceUsage]]:
    """A state may be missing: of one on a cluster member that does not answer, or that is being deleted."""
    drivers = _drivers(client)
    return [
        (read_instance(raw), read_usage(raw.get("state") or {}, drivers.get(read_pool(raw), "")))
        for raw in _all(client, recursion=2)
    ]


def _drivers(client: Client) -> Mapping[str, str]:
    """Of each storage pool, by its name."""
    pools = client.api.storage_pools.get(params={"recursion": 1}, timeout=READ_SECONDS).json()["metadata"] or ()
    return {pool["name"]: pool["driver"] for pool in pools}


def _all(client: Client, recursion: int) -> Sequence[dict[str, Any]]:
    """One raw request: pylxd's all() asks again for each of them, and drops the states that recursion=2 brings."""
    found = client.api.instances.get(params={"recursion": recursion}, timeout=READ_SECONDS).json()["metadata"] or ()
    return [raw for raw in found if raw.get("type", "container") == "container"]


def _wait(client: Client, response: Response) -> None:
    """Without waiting, errors and even whole changes are lost (6 of 6)."""
    client.operations.wait_for_operation(response.json()["operation"])


def _copy(client: Client, template: str, name: str, devices: Mapping[str, Device], config: Mapping[str, str]) -> None:
    """`profiles` and `architecture` go along: without the one LXD finds no root disk, without the other a cluster
    refuses. An empty name would be replaced by one that LXD invents."""
    if not name:
        raise InstanceError("Invalid instance name: it is empty")
    source = _raw(client, template)
    sent = {**masks_for_copies(source["expanded_devices"]), **devices}
    request = {
        "name": name,
        "type": "container",
        "architecture": source["architecture"],
        "profiles": source["profiles"],
        "devices": {key: dict(device) for key, device in sent.items()},
        "config": {**blanks_for_copies(source["config"]), **config},
        "source": {"type": "copy", "source": template, "instance_only": True},
    }
    _wait(client, client.api.instances.post(json=request))
    masks = [key for key, device in sent.items() if device.get("type") == "none" and key in source["devices"]]
    if masks:
        _tidy_masks(client, name, masks, source["profiles"])


def _tidy_masks(client: Client, name: str, masks: Sequence[str], profiles: Sequence[str]) -> None:
    """A mask over a device that no profile has was needed for the copy alone."""
    inherited = {
        key for profile in profiles for key in client.api.profiles[profile].get().json()["metadata"]["devices"]
    }

    def edit(devices: Devices, _config: Config) -> None:
        for key in set(masks) - inherited:
            del devices[key]

    change(client, name, edit)


def _settle(client: Client, name: str) -> None:
    for operation in _tasks_on(client, name):
        try:
            client.api.operations[operation].wait.get()
        except NotFound:
            continue  # it ended meanwhile


def _tasks_on(client: Client, name: str) -> Sequence[str]:
    """Somebody's open shell in it is an operation too, of class "websocket", and may last for days."""
    by_status = client.api.operations.get(params={"recursion": 1}, timeout=READ_SECONDS).json()["metadata"] or {}
    return [
        operation["id"]
        for operation in by_status.get("running", ())
        if operation["class"] == "task"
        for url in (operation.get("resources") or {}).get("instances") or ()
        if url.partition("?")[0].rpartition("/")[2] == name
    ]


def _set_state(client: Client, name: str, **wanted: object) -> None:
    _wait(client, client.api.instances[name].state.put(json=wanted))


def _start(client: Client, name: str) -> None:
    try:
        _set_state(client, name, action="start", timeout=30)
    except LXDAPIException as error:
        if "already running" not in words_of(error):
            raise


def _stop(client: Client, name: str, timeout_seconds: int, force: bool) -> None:
    try:
        _set_state(client, name, action="stop", timeout=timeout_seconds, force=force)
    except LXDAPIException as error:
        if "already stopped" not in words_of(error):
            raise


def _delete(client: Client, name: str) -> None:
    """LXD deletes nothing that runs. What is busy for a moment only (its own clean-up) is waited for."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            if read_instance(_raw(client, name)).is_running:
                _stop(client, name, 0, force=True)
            _wait(client, client.api.instances[name].delete())
        except LXDAPIException as error:
            kind = instance_error(error)
            if isinstance(kind, InstanceNotFound):
                return
            if not isinstance(kind, InstanceBusy) or time.monotonic() > deadline:
                raise
            time.sleep(PAUSE_SECONDS)
        else:
            return


def _console(client: Client, name: str) -> str:
    """LXD keeps it while one runs, and as it was when one died; asked at another time it fails in its own ways."""
    try:
        response = client.api.instances[name].console.get(is_api=False, timeout=READ_SECONDS)
    except LXDAPIException:
        _raw(client, name)  # for InstanceNotFound
        return ""
    return CONTROLS.sub("", _text(response.content))


async def _within(seconds: float, program: str, work: Coroutine[Any, Any, T]) -> T:
    """A program that does not end is no LXD that does not answer."""
    task = asyncio.ensure_future(work)
    try:
        done, _ = await asyncio.wait([task], timeout=seconds)
    finally:
        task.cancel()
    if not done:
        raise InstanceError(f"{program} did not end within {seconds:.0f} s")
    return await task


def _text(output: bytes) -> str:
    return output.decode(errors="replace")
