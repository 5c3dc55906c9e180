"""The steps by which a container goes into the archive, comes back from it, and is deleted.

Each makes something so, whether or not it is so already, and addresses the container by the name that it has by then.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress

from bot.domain.archive import ARCHIVE_KEY, ARCHIVE_SNAPSHOT, PROTECTION_KEY
from bot.domain.errors import CardDeviceMissing, InstanceExists, InstanceNotFound
from bot.domain.instance import Device
from bot.domain.provisioning import MEMBER_KEY
from bot.ports import Instances
from bot.services.operations import Step
from bot.services.provisioning import hide_cards

GRACE_SECONDS = 60


def archiving(
    instances: Instances, name: str, kept: str, ports: Mapping[str, Device], *, was_running: bool, force: bool
) -> Sequence[Step]:
    async def stop() -> None:
        await instances.settle(name)
        await instances.stop(name, timeout_seconds=GRACE_SECONDS, force=force)

    async def start_again() -> None:
        await instances.settle(name)
        if was_running:
            await instances.start(name)

    async def snapshot() -> None:
        await instances.settle(name)
        with suppress(InstanceExists):
            await instances.snapshot(name, ARCHIVE_SNAPSHOT)

    async def forget_snapshot() -> None:
        await instances.settle(name)
        await instances.delete_snapshot(name, ARCHIVE_SNAPSHOT)

    async def protect() -> None:
        settings = {PROTECTION_KEY: "true", ARCHIVE_KEY: name}
        await instances.reconfigure(kept, devices=dict.fromkeys(ports), config=settings)

    async def unprotect() -> None:
        await instances.reconfigure(kept, devices=ports, config={PROTECTION_KEY: None, ARCHIVE_KEY: None})

    return (
        Step("stop", stop, start_again),
        Step("snapshot", snapshot, forget_snapshot),
        Step("rename", lambda: renamed(instances, name, kept), lambda: renamed(instances, kept, name)),
        Step("protect", protect, unprotect),
    )


def restoring(
    instances: Instances,
    kept: str,
    name: str,
    ports: Mapping[str, Device],
    member: str,
    wait_for_ssh: Callable[[], Awaitable[None]],
    on_hidden: Callable[[], None],
) -> Sequence[Step]:
    """`ports`: the proxy devices that it gets. `on_hidden`: it could not start with its cards, so it has none."""

    async def unprotect() -> None:
        owner = {PROTECTION_KEY: None, ARCHIVE_KEY: None, MEMBER_KEY: member}
        await instances.reconfigure(name, devices=ports, config=owner)

    async def protect() -> None:
        settings = {PROTECTION_KEY: "true", ARCHIVE_KEY: name}
        await instances.reconfigure(name, devices=dict.fromkeys(ports), config=settings)

    async def start() -> None:
        """A card that is gone since must not keep anybody from their files."""
        await instances.settle(name)
        try:
            await instances.start(name)
        except CardDeviceMissing:
            await hide_cards(instances, name)
            on_hidden()
            await instances.start(name)

    async def stop() -> None:
        await instances.settle(name)
        await instances.stop(name, timeout_seconds=0, force=True)

    async def tidy() -> None:
        await instances.delete_snapshot(name, ARCHIVE_SNAPSHOT)

    return (
        Step("rename", lambda: renamed(instances, kept, name), lambda: renamed(instances, name, kept)),
        Step("unprotect", unprotect, protect),
        Step("start", start, stop),
        Step("ssh", wait_for_ssh),
        Step("tidy", tidy),
    )


def deleting(instances: Instances, name: str, *, is_archive: bool) -> Sequence[Step]:
    """There is no way back from the last step; after a kill it is gone on with."""

    async def unprotect() -> None:
        await instances.settle(name)
        with suppress(InstanceNotFound):
            await instances.set_config(name, {PROTECTION_KEY: ""})

    async def protect() -> None:
        if is_archive:
            with suppress(InstanceNotFound):
                await instances.set_config(name, {PROTECTION_KEY: "true"})

    async def delete() -> None:
        await instances.settle(name)
        await instances.delete(name)

    return (Step("unprotect", unprotect, protect), Step("delete", delete))


async def renamed(instances: Instances, name: str, new_name: str) -> None:
    """Done already is fine; InstanceNotFound if there is neither."""
    await instances.settle(name)
    try:
        await instances.rename(name, new_name)
    except InstanceNotFound:
        await instances.get(new_name)
