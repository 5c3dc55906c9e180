"""The containers among themselves: ports and identities that two claim, folders and libraries that don't fit."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta

from bot.doctor.patient import Patient
from bot.domain.adoption import login_accounts
from bot.domain.errors import InstanceError
from bot.domain.health import Finding, fault, ok, unknown, warning
from bot.domain.instance import Instance, InstanceStatus, InstanceUsage, datasets_of, listening_ports, seen_cards
from bot.domain.password import has_password
from bot.ports import Instances

AT_ONCE = 4  # LXD reads a file in a process of its own
TIME_FOR_A_LEASE = timedelta(minutes=1)
MACHINE_ID = "/etc/machine-id"
HOST_KEY = "/etc/ssh/ssh_host_ed25519_key.pub"
FIND_LIBRARY = ["find", "/usr/lib", "/usr/lib64", "/usr/local", "-maxdepth", "3", "-name", "libnvidia-ml.so.*.*"]
LIBRARY = re.compile(r"libnvidia-ml\.so\.(\d+(?:\.\d+)+)")


async def check(patient: Patient) -> Sequence[Finding]:
    if patient.instances is None:
        return []
    try:
        listed = await patient.instances.list_with_usage()
    except InstanceError as error:
        return [unknown("containers_unknown", words=str(error))]
    instances = [instance for instance, _usage in listed]
    findings = [
        *_collisions(instances),
        *_broken(instances),
        *_sources(instances, patient),
        *_without_address(patient, listed),
        *await _identities(patient.instances, instances),
        *await _open_template(patient, patient.instances),
        *await _libraries(patient, patient.instances, instances),
    ]
    return findings or [ok("containers", count=len(instances))]


def _collisions(instances: Sequence[Instance]) -> list[Finding]:
    """LXD accepts both, and the second to start does not."""
    holders: dict[int, list[str]] = {}
    for instance in instances:
        for port in listening_ports(instance.expanded_devices):
            holders.setdefault(port, []).append(instance.name)
    shared = {port: names for port, names in holders.items() if len(names) > 1}
    return [fault("port_collision", port=str(port), names=_row(names)) for port, names in sorted(shared.items())]


def _broken(instances: Sequence[Instance]) -> list[Finding]:
    names = [instance.name for instance in instances if instance.status is InstanceStatus.ERROR]
    return [fault("container_error", name=name) for name in names]


def _sources(instances: Sequence[Instance], patient: Patient) -> list[Finding]:
    """Of what can't be seen, those of the configuration are told with LXD's findings."""
    if patient.is_folder is None:
        return []
    users: dict[str, list[str]] = {}
    for instance in instances:
        for dataset in datasets_of(instance.expanded_devices):
            users.setdefault(dataset.source, []).append(instance.name)
    seen = {source: patient.is_folder(source) for source in sorted(users)}
    told = {pair.partition(":")[0] for pair in patient.settings.lxd.datasets}
    gone = [source for source, is_there in seen.items() if is_there is False]
    unseen = [source for source, is_there in seen.items() if is_there is None and source not in told]
    return [
        *(fault("source_missing", source=source, names=_row(users[source])) for source in gone),
        *(unknown("folder_unseen", source=source) for source in unseen),
    ]


def _without_address(patient: Patient, listed: Sequence[tuple[Instance, InstanceUsage]]) -> list[Finding]:
    """A lease takes some seconds, so one that has only just started is not judged."""
    names = [
        instance.name
        for instance, usage in listed
        if instance.is_running
        and any(device.get("type") == "nic" for device in instance.expanded_devices.values())
        and not any("." in address for address in usage.addresses)
        and (instance.last_started_at is None or patient.now() - instance.last_started_at > TIME_FOR_A_LEASE)
    ]
    return [warning("no_address", names=_row(names))] if names else []


async def _identities(lxd: Instances, instances: Sequence[Instance]) -> list[Finding]:
    """Copies that were made by hand have their template's; junzi's own never do."""
    findings: list[Finding] = []
    for path, key in ((MACHINE_ID, "machine_id_shared"), (HOST_KEY, "host_key_shared")):
        contents = await _each(instances, lambda instance, path=path: _file(lxd, instance.name, path))  # type: ignore[misc]
        holders: dict[str, list[str]] = {}
        for name, content in contents.items():
            if content:
                holders.setdefault(content, []).append(name)
        findings += [warning(key, names=_row(names)) for names in holders.values() if len(names) > 1]
    return findings


async def _open_template(patient: Patient, lxd: Instances) -> list[Finding]:
    """An account with a password goes into every copy, and all who ever heard that password get in."""
    template = (await patient.database()).template or patient.settings.lxd.template
    try:
        passwd, shadow = [await lxd.read_file(template, path) or b"" for path in ("/etc/passwd", "/etc/shadow")]
    except InstanceError:  # the check of LXD tells of a template that is not there
        return []
    accounts = [account for account in login_accounts(passwd) if has_password(shadow, account)]
    return [warning("template_account", name=template, account=account) for account in accounts]


async def _file(lxd: Instances, name: str, path: str) -> str:
    return (await lxd.read_file(name, path) or b"").decode(errors="replace").strip()


async def _libraries(patient: Patient, lxd: Instances, instances: Sequence[Instance]) -> list[Finding]:
    """A library of another version than the host's driver finds no card: "Driver/library version mismatch"."""
    driver = patient.driver_version()
    if driver is None:
        return []
    concerned = [instance for instance in instances if instance.is_running and _has_cards_of_its_own_library(instance)]
    versions = await _each(concerned, lambda instance: _library(lxd, instance.name))
    wrong: dict[str, list[str]] = {}
    for name, version in versions.items():
        if version and version != driver:
            wrong.setdefault(version, []).append(name)
    return [
        fault("library_mismatch", driver=driver, library=v, names=_row(names)) for v, names in sorted(wrong.items())
    ]


def _has_cards_of_its_own_library(instance: Instance) -> bool:
    """With nvidia.runtime LXD lends the host's."""
    seen = seen_cards(instance.expanded_devices)
    return instance.config.get("nvidia.runtime") != "true" and bool(seen.all or seen.pci_addresses)


async def _library(lxd: Instances, name: str) -> str:
    found = await lxd.run(name, FIND_LIBRARY, timeout_seconds=20)
    match = LIBRARY.search(found.stdout)
    return match[1] if match else ""


async def _each(instances: Sequence[Instance], ask: Callable[[Instance], Awaitable[str]]) -> Mapping[str, str]:
    """A few at a time; one that does not answer is left out, the check of LXD itself has told."""
    door = asyncio.Semaphore(AT_ONCE)

    async def one(instance: Instance) -> str:
        async with door:
            try:
                return await ask(instance)
            except InstanceError:
                return ""

    answers = await asyncio.gather(*(one(instance) for instance in instances))
    return dict(zip((instance.name for instance in instances), answers, strict=True))


def _row(names: Sequence[str]) -> str:
    return ", ".join(sorted(set(names)))
