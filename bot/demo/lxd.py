"""An LXD that is made up: containers in memory, behind the same port and with the same traps as the real one.

For `junzi demo`, where operations take as long as the clock says, and for fast tests, where without a clock nothing
takes any time. What real LXD refuses is refused here in the same words (5.0.2).
"""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timezone

from bot.demo.container import DEFAULT_PROFILE, Container
from bot.demo.host import FOUR_CARDS, MadeUpHost
from bot.demo.inside import Inside
from bot.demo.keeping import MadeUpKeeping, Pool
from bot.demo.programs import run_in
from bot.demo.usage import made_up_usage
from bot.domain.errors import (
    InstanceBusy,
    InstanceError,
    InstanceExists,
    InstanceNotFound,
    LxdUnreachable,
)
from bot.domain.instance import (
    INSTANCE_NAME,
    Device,
    HostGpu,
    Instance,
    InstanceUsage,
    blanks_for_copies,
    listening_ports,
    masks_for_copies,
    ssh_port,
)
from bot.ports import Clock, CommandResult

BIRTH = datetime(2026, 1, 1, tzinfo=timezone.utc)

# Seconds, as measured on the real one (2 cores, btrfs).
COPY, START, STOP, DELETE, CHANGE, EXEC = 0.15, 1.2, 1.5, 0.2, 0.1, 0.13


class MadeUpInstances(MadeUpKeeping):
    """The port `Instances` in memory. Its `host` can be changed under it: cards, folders, ports."""

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        gpus: Sequence[HostGpu] = FOUR_CARDS,
        folders: Collection[str] = ("/srv/datasets",),
        template: str = "template",
    ) -> None:
        self.host = MadeUpHost(list(gpus), set(folders))
        self.pool = Pool()
        self.ignoring_shutdown: set[str] = set()
        self.unreachable = False
        self._clock = clock
        self._containers: dict[str, Container] = {}
        self._faults: dict[str, deque[Exception]] = defaultdict(deque)
        self._numbers = 0
        self._listeners: list[asyncio.Queue[str]] = []
        self.plant(template)

    def plant(
        self,
        name: str,
        *,
        devices: Mapping[str, Device] | None = None,
        config: Mapping[str, str] | None = None,
        created_at: datetime = BIRTH,
        running: bool = False,
    ) -> Inside:
        """Put a container there that junzi did not make; returns its inside, for accounts and files."""
        container = self._new(name, dict(devices or {}), dict(config or {}), created_at, Inside())
        if running:
            self._boot(container)
        return container.inside

    def running(self) -> frozenset[str]:
        """The names of the containers that run now."""
        return frozenset(name for name, container in self._containers.items() if container.started_at is not None)

    def inside(self, name: str) -> Inside:
        return self._containers[name].inside

    def fail_next(self, call: str, error: Exception) -> None:
        """The next `call` ("copy", "start", "run" ...) fails so; several queue up."""
        self._faults[call].append(error)

    async def wait_for_ssh(self, port: int, timeout_seconds: int = 60) -> bool:
        """Does somebody answer an SSH client on this host port, in time?"""
        for _ in range(int(timeout_seconds / CHANGE)):
            if (container := self._listening(port)) is not None and container.inside.ssh_answers:
                return True
            await self._pass(CHANGE)
        return False

    def can_log_in(self, port: int, unix_name: str, password: str) -> bool:
        """Would `ssh -p PORT NAME@host` with this password get in?"""
        container = self._listening(port)
        return (
            container is not None and container.inside.ssh_answers and container.inside.password_is(unix_name, password)
        )

    async def list(self) -> Sequence[Instance]:
        await self._answer("list")
        return [container.as_instance() for _, container in sorted(self._containers.items())]

    async def list_with_usage(self) -> Sequence[tuple[Instance, InstanceUsage]]:
        await self._answer("list_with_usage")
        return [(one.as_instance(), self._usage_told(one)) for _, one in sorted(self._containers.items())]

    async def get(self, name: str) -> Instance:
        await self._answer("get")
        return self._find(name).as_instance()

    async def usage(self, name: str) -> InstanceUsage:
        await self._answer("usage")
        return self._usage_told(self._find(name))

    def _usage_told(self, container: Container) -> InstanceUsage:
        usage = self._usage(container)
        return usage if self.host.has_quotas else replace(usage, disk_bytes=None)

    async def host_gpus(self) -> Sequence[HostGpu]:
        await self._answer("host_gpus")
        return tuple(self.host.gpus)

    async def copy(self, template: str, name: str, *, devices: Mapping[str, Device], config: Mapping[str, str]) -> None:
        await self._answer("copy")
        source = self._find(template, f'Failed to fetch instance "{template}" in project "default": Instance not found')
        if INSTANCE_NAME.fullmatch(name) is None:
            raise InstanceError("Invalid instance name: Name must be 1-63 characters long and a valid hostname")
        if name in self._containers:
            raise InstanceExists('Failed creating instance record: This "instances" entry already exists')
        own = {**source.devices, **masks_for_copies(source.expanded_devices), **devices}
        own = {key: d for key, d in own.items() if d.get("type") != "none" or key in DEFAULT_PROFILE}
        self.host.check_sources(own)
        settings = _without_blanks({**source.config, **blanks_for_copies(source.config), **config})
        container = self._new(name, own, settings, self._now(), source.inside.copy())
        container.busy = "create"
        await self._pass(COPY)
        container.busy = ""
        self._tell(name)

    async def settle(self, name: str) -> None:
        await self._answer("settle")
        while (container := self._containers.get(name)) is not None and container.busy:
            await self._pass(CHANGE)

    async def start(self, name: str) -> None:
        async with self._operation("start", name, START) as container:
            if container.started_at is None:
                self.host.check(container.expanded_devices, self._ports_of_others(container))
                self._boot(container)

    async def stop(self, name: str, *, timeout_seconds: int, force: bool = False) -> None:
        stubborn = name in self.ignoring_shutdown and not force
        async with self._operation("stop", name, timeout_seconds if stubborn else 0 if force else STOP) as container:
            if stubborn and container.started_at is not None:
                raise InstanceError('Failed shutting down instance, status is "Running": context deadline exceeded')
            container.started_at = None
            container.inside.ssh_answers = False

    async def delete(self, name: str) -> None:
        await self._answer("delete")
        if name not in self._containers:
            return
        async with self._operation("delete", name, DELETE) as container:
            if container.config.get("security.protection.delete") == "true":
                raise InstanceError("Instance is protected")
            del self._containers[name]

    async def rename(self, name: str, new_name: str) -> None:
        async with self._operation("rename", name, CHANGE) as container:
            if container.started_at is not None:
                raise InstanceError("Renaming of running instance not allowed")
            if INSTANCE_NAME.fullmatch(new_name) is None:
                raise InstanceError("Invalid instance name: Name must be 1-63 characters long and a valid hostname")
            if new_name in self._containers:
                raise InstanceExists(f'Name "{new_name}" already in use')
            container.name = new_name
            self._containers[new_name] = self._containers.pop(name)

    async def set_device(self, name: str, device_name: str, device: Device) -> None:
        async with self._operation("set_device", name, CHANGE) as container:
            if container.started_at is not None:
                self.host.check({device_name: device}, self._ports_of_others(container))
            self.host.check_sources({device_name: device})
            container.devices[device_name] = dict(device)

    async def remove_device(self, name: str, device_name: str) -> None:
        async with self._operation("remove_device", name, CHANGE) as container:
            container.devices.pop(device_name, None)

    async def set_config(self, name: str, config: Mapping[str, str]) -> None:
        async with self._operation("set_config", name, CHANGE) as container:
            container.config = _without_blanks({**container.config, **config})

    async def run(
        self, name: str, command: Sequence[str], *, stdin: bytes = b"", timeout_seconds: int = 60
    ) -> CommandResult:
        await self._answer("run", EXEC)
        container = self._find(name)
        while container.busy == "start":
            await self._pass(CHANGE)
        if container.started_at is None:
            raise InstanceError("Instance is not running")
        return run_in(container.inside, command, stdin, timeout_seconds)

    async def console(self, name: str) -> str:
        await self._answer("console")
        return self._find(name).inside.console

    async def changes(self) -> AsyncIterator[str]:
        """From the moment that it is asked for the first."""
        heard: asyncio.Queue[str] = asyncio.Queue()
        self._listeners.append(heard)
        try:
            while True:
                yield await heard.get()
        finally:
            self._listeners.remove(heard)

    async def close(self) -> None:
        return None

    # What follows is LXD's side of it.

    async def _answer(self, call: str, seconds: float = 0) -> None:
        await self._pass(seconds)
        if self.unreachable:
            raise LxdUnreachable("the made-up LXD does not answer")
        if self._faults[call]:
            raise self._faults[call].popleft()

    async def _pass(self, seconds: float) -> None:
        await (self._clock.sleep(seconds) if self._clock and seconds else asyncio.sleep(0))

    def _now(self) -> datetime:
        return self._clock.now() if self._clock else BIRTH

    @asynccontextmanager
    async def _operation(self, call: str, name: str, seconds: float) -> AsyncIterator[Container]:
        await self._answer(call)
        container = self._find(name)
        if container.busy:
            raise InstanceBusy(f'Instance is busy running a "{container.busy}" operation')
        container.busy = call
        try:
            await self._pass(seconds)
            yield container
            self._tell(name)
        finally:
            container.busy = ""

    def _disk_used(self, container: Container) -> int:
        return self._usage(container).disk_bytes or 0

    def _tell(self, name: str) -> None:
        for heard in self._listeners:
            heard.put_nowait(name)

    def _find(self, name: str, words: str = "Instance not found") -> Container:
        if name not in self._containers:
            raise InstanceNotFound(words)
        return self._containers[name]

    def _new(
        self, name: str, devices: dict[str, Device], config: dict[str, str], created_at: datetime, inside: Inside
    ) -> Container:
        self._numbers += 1
        self._containers[name] = Container(name, self._numbers, devices, config, created_at, inside)
        return self._containers[name]

    def _usage(self, container: Container) -> InstanceUsage:
        return made_up_usage(container.name, container.number, container.started_at, self._now())

    def _boot(self, container: Container) -> None:
        container.started_at = container.last_started_at = self._now()
        container.inside.boot()

    def _listening(self, port: int) -> Container | None:
        running = (container for container in self._containers.values() if container.started_at is not None)
        return next((container for container in running if ssh_port(container.expanded_devices) == port), None)

    def _ports_of_others(self, container: Container) -> frozenset[int]:
        others = (c for c in self._containers.values() if c is not container and c.started_at is not None)
        return frozenset().union(*(listening_ports(other.expanded_devices) for other in others))


def _without_blanks(config: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in config.items() if value}
