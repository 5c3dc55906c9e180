"""The container half of /adduser: from a plan to a container that answers by SSH, and the way back.

    check -> copy (devices and limits go along) -> identity (written while it is stopped)
          -> start | account | waiting for SSH, side by side -> finish

Host keys are made from the first moment on, beside everything up to `identity`. Until `finish` the container bears
`user.junzi.operation`: after kill -9, `unfinished` finds it and `take_back` removes it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

from bot.domain.errors import CardDeviceMissing, FolderMissing, InstanceError, InstanceExists, InstanceNotFound
from bot.domain.instance import NO_DEVICE, HostGpu, Instance
from bot.domain.password import Secret, chpasswd_line
from bot.domain.provisioning import (
    MEMBER_KEY,
    OPERATION_KEY,
    AccountRefused,
    BootFailed,
    HostKey,
    Plan,
    Provisioned,
    ProvisioningFailed,
    SshSilent,
    Step,
    WithoutCards,
    cards_to_give,
    devices_for,
    hosts_file,
)
from bot.ports import Instances

logger = logging.getLogger("junzi.provisioning")

MakeHostKeys = Callable[[], Awaitable[Sequence[HostKey]]]
WaitForSsh = Callable[[int], Awaitable[bool]]
OnStep = Callable[[Step], Awaitable[None]]
T = TypeVar("T")

HOST_KEY_FILES = tuple(f"ssh_host_{kind}_key" for kind in ("ed25519", "ecdsa", "rsa", "dsa"))
PASSWORD_LOGIN = (
    b"# Written by junzi: members log in with the password that it gives them.\nPasswordAuthentication yes\n"
)


async def provision(
    instances: Instances, plan: Plan, make_host_keys: MakeHostKeys, wait_for_ssh: WaitForSsh, on_step: OnStep
) -> Provisioned:
    """Make the container; ProvisioningFailed says at which step it stopped, and leaves what was made: `take_back`."""
    work = _Provisioning(instances, plan, wait_for_ssh, _Progress(on_step))
    host_keys = _beside(make_host_keys())
    try:
        return await work.do(host_keys)
    except Exception as cause:
        raise ProvisioningFailed(work.step, cause) from cause
    finally:
        host_keys.cancel()
        await work.progress.close()


async def take_back(instances: Instances, name: str, operation: str) -> bool:
    """Remove what this operation made. True if there was something; a container that is not its own is left alone."""
    await instances.settle(name)
    try:
        instance = await instances.get(name)
    except InstanceNotFound:
        return False
    if instance.config.get(OPERATION_KEY) != operation:
        return False
    await instances.delete(name)
    return True


async def unfinished(instances: Instances) -> Mapping[str, str]:
    """Containers that a provisioning left half-made, by name, with the operation that made them."""
    marked = ((instance.name, instance.config.get(OPERATION_KEY)) for instance in await instances.list())
    return {name: operation for name, operation in marked if operation}


async def set_password(instances: Instances, name: str, unix_name: str, password: Secret) -> None:
    """Through standard input: arguments would be seen by everyone on the host and every client of LXD (measured)."""
    await _run(instances, name, ["chpasswd"], stdin=chpasswd_line(unix_name, password))


async def hide_cards(instances: Instances, name: str) -> None:
    """Take every gpu device away, so that a dead card does not keep its member out; a profile's is masked."""
    for device_name in _gpu_devices(await instances.get(name)):
        await instances.remove_device(name, device_name)
    for device_name in _gpu_devices(await instances.get(name)):
        await instances.set_device(name, device_name, NO_DEVICE)


def _gpu_devices(instance: Instance) -> list[str]:
    return [name for name, device in instance.expanded_devices.items() if device.get("type") == "gpu"]


class _Provisioning:
    """One plan being carried out; `step` is where it is."""

    def __init__(self, instances: Instances, plan: Plan, wait_for_ssh: WaitForSsh, progress: _Progress) -> None:
        self.instances = instances
        self.plan = plan
        self.wait_for_ssh = wait_for_ssh
        self.progress = progress
        self.step = Step.CHECK
        self.without_cards: WithoutCards | None = None

    async def do(self, host_keys: asyncio.Future[Sequence[HostKey]]) -> Provisioned:
        self._reach(Step.CHECK)
        template, gpus, _ = await asyncio.gather(self._template(), self._host_gpus(), self._refuse_if_it_exists())
        self._reach(Step.COPY)
        await self._copy(template, gpus)
        self._reach(Step.IDENTITY)
        keys = await host_keys
        await self._give_identity(keys)
        self._reach(Step.START)
        await self._bring_up()
        self._reach(Step.FINISH)
        await self.instances.set_config(self.plan.name, {OPERATION_KEY: "", MEMBER_KEY: self.plan.member})
        public = tuple(key.public.decode().strip() for key in keys)
        return Provisioned(self.plan.name, self.plan.ssh_port, self.without_cards, public)

    def _reach(self, step: Step) -> None:
        self.step = step
        self.progress.reach(step)

    async def _template(self) -> Instance:
        return await self.instances.get(self.plan.template)

    async def _refuse_if_it_exists(self) -> None:
        try:
            await self.instances.get(self.plan.name)
        except InstanceNotFound:
            return
        raise InstanceExists(f"there is a container {self.plan.name} already")

    async def _host_gpus(self) -> Sequence[HostGpu] | None:
        """None = LXD does not say; the start will tell then."""
        if not self.plan.cards:
            return None
        try:
            return await self.instances.host_gpus()
        except InstanceError as error:
            logger.warning("LXD does not list the host's cards: %s", error)
            return None

    async def _copy(self, template: Instance, gpus: Sequence[HostGpu] | None) -> None:
        cards, self.without_cards = cards_to_give(self.plan.cards, gpus)
        config = {**self.plan.limits.config(), OPERATION_KEY: self.plan.operation}
        devices = devices_for(self.plan, template, cards)
        await _to_its_end(self.instances.copy(self.plan.template, self.plan.name, devices=devices, config=config))

    async def _give_identity(self, keys: Sequence[HostKey]) -> None:
        """Measured: every copy has its template's host name, machine-id and host keys, and systemd puts an old
        machine-id back from D-Bus's file. Keys that are only deleted make sshd fail at boot, for good."""
        name = self.plan.name
        write, delete = self.instances.write_file, self.instances.delete_file
        fresh = {key.file_name for key in keys}
        stale = (f"/etc/ssh/{file}{end}" for file in HOST_KEY_FILES if file not in fresh for end in ("", ".pub"))
        await _all_of(
            write(name, "/etc/hostname", f"{name}\n".encode()),
            write(name, "/etc/hosts", hosts_file(name).encode()),
            write(name, "/etc/machine-id", b"", mode=0o444),
            delete(name, "/var/lib/dbus/machine-id"),
            self._allow_passwords(),
            *(write(name, f"/etc/ssh/{key.file_name}", key.private, mode=0o600) for key in keys),
            *(write(name, f"/etc/ssh/{key.file_name}.pub", key.public) for key in keys),
            *(delete(name, path) for path in stale),
        )

    async def _allow_passwords(self) -> None:
        """Ubuntu's cloud images refuse passwords; of several files here the first that speaks wins."""
        try:
            await self.instances.write_file(self.plan.name, "/etc/ssh/sshd_config.d/00-junzi.conf", PASSWORD_LOGIN)
        except FolderMissing:
            logger.info("the template's sshd reads no sshd_config.d; its own sshd_config must allow passwords")

    async def _bring_up(self) -> None:
        """A dead card or a missing driver must not keep a member from their files: without cards, then."""
        banner = _beside(self.wait_for_ssh(self.plan.ssh_port))
        try:
            try:
                await self._start_and_make_account()
            except CardDeviceMissing as error:
                await hide_cards(self.instances, self.plan.name)
                await self._start_and_make_account()
                addresses = () if self.plan.cards == "all" else self.plan.cards
                self.without_cards = WithoutCards("refused_at_start", addresses, str(error))
            self._reach(Step.SSH)
            if not await banner:
                raise SshSilent(self.plan.ssh_port, await self._last_words())
        finally:
            banner.cancel()

    async def _start_and_make_account(self) -> None:
        """LXD takes a second to open the host port of a container that runs already (measured): time enough."""
        started, account = await asyncio.gather(
            self.instances.start(self.plan.name), self._make_account(), return_exceptions=True
        )
        if started is not None:
            raise started
        self._reach(Step.ACCOUNT)
        if account is not None:
            if not (await self.instances.get(self.plan.name)).is_running:
                raise BootFailed(await self._last_words()) from account
            raise account

    async def _last_words(self) -> str:
        lines = (line.strip() for line in (await self.instances.console(self.plan.name)).splitlines())
        return "\n".join([line for line in lines if line][-5:])

    async def _make_account(self) -> None:
        instances, name, user = self.instances, self.plan.name, self.plan.unix_name
        await _run(instances, name, ["useradd", "-m", "-d", f"/home/{user}", "-s", "/bin/bash", "-G", "sudo", user])
        await set_password(instances, name, user, self.plan.password)
        if self.plan.authorized_keys:
            await self._lay_keys(f"/home/{user}/.ssh")

    async def _lay_keys(self, folder: str) -> None:
        """By the file API, as the user's own. Measured: no program inside may open /dev/stdin again by its name."""
        instances, name, user = self.instances, self.plan.name, self.plan.unix_name
        await _run(instances, name, ["install", "-d", "-m", "700", "-o", user, "-g", user, folder])
        uid, gid = [int(await _run(instances, name, ["id", option, user])) for option in ("-u", "-g")]
        lines = "".join(f"{key}\n" for key in self.plan.authorized_keys).encode()
        await instances.write_file(name, f"{folder}/authorized_keys", lines, mode=0o600, uid=uid, gid=gid)


class _Progress:
    """Tells `on_step` the latest step without holding up the work: a slow chat costs the container no time.

    A step that was passed while the one before was still being told is left out.
    """

    def __init__(self, on_step: OnStep) -> None:
        self._on_step = on_step
        self._next: Step | None = None
        self._telling: asyncio.Task[None] | None = None

    def reach(self, step: Step) -> None:
        self._next = step
        if self._telling is None or self._telling.done():
            self._telling = asyncio.create_task(self._tell())

    async def close(self) -> None:
        if self._telling is not None:
            await self._telling

    async def _tell(self) -> None:
        while (step := self._next) is not None:
            self._next = None
            try:
                await self._on_step(step)
            except Exception:
                logger.exception("progress could not be told (step %s)", step.value)


async def _run(instances: Instances, name: str, command: Sequence[str], *, stdin: bytes = b"") -> str:
    result = await instances.run(name, command, stdin=stdin)
    if result.exit_code != 0:
        said = (result.stderr or result.stdout).strip()
        raise AccountRefused(said or f"{command[0]}: exit code {result.exit_code}")
    return result.stdout


def _beside(work: Awaitable[T]) -> asyncio.Future[T]:
    """Begun now, awaited later; its failure is silent if something else failed first."""
    task = asyncio.ensure_future(work)
    task.add_done_callback(lambda done: None if done.cancelled() else done.exception())
    return task


async def _all_of(*work: Awaitable[None]) -> None:
    """All at once. When one fails the others are waited for: nothing may still write to what is taken back."""
    for outcome in await asyncio.gather(*work, return_exceptions=True):
        if isinstance(outcome, BaseException):
            raise outcome


async def _to_its_end(work: Awaitable[None]) -> None:
    """LXD can't cancel a copy: someone who stops waiting for it still waits until it is there to be taken back."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise
