"""The container table: what LXD has, joined with what the registry knows, and where the two disagree."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from bot.domain.archive import PROTECTION_KEY, Archive
from bot.domain.card import Card
from bot.domain.container import InstanceRecord, InstanceState
from bot.domain.disk_use import DiskFigure, of_this_one
from bot.domain.instance import Instance, InstanceStatus, InstanceUsage, seen_cards, ssh_port
from bot.domain.member import Member
from bot.domain.provisioning import MEMBER_KEY, OPERATION_KEY


class Disagreement(str, Enum):
    """Where LXD and the registry say different things. The values are keys of the catalogues: never rename one."""

    NO_RECORD = "no_record"  # a container that junzi did not make
    NO_CONTAINER = "no_container"  # the registry has one that LXD has not
    OTHER_PORT = "other_port"
    NEW_PORT = "new_port"
    NO_PORT = "no_port"
    OTHER_OWNER = "other_owner"
    HALF_MADE = "half_made"
    LEFTOVER = "leftover"  # half-made by a junzi that is none of this registry's
    UNPROTECTED = "unprotected"  # an archive that anybody could delete


@dataclass(frozen=True)
class Row:
    """One container, or what should be one. `at_work`: something is being done with it just now."""

    name: str
    instance: Instance | None = None
    usage: InstanceUsage | None = None
    record: InstanceRecord | None = None
    archive: Archive | None = None
    owner: Member | None = None
    is_template: bool = False
    at_work: bool = False
    card_used_at: datetime | None = None
    counted: DiskFigure | None = None

    @property
    def disk(self) -> DiskFigure | None:
        """LXD's figure, or the last count inside where LXD has none; None: nobody knows."""
        if self.usage is not None and self.usage.disk_bytes is not None:
            return DiskFigure(self.usage.disk_bytes)
        return self.counted

    @property
    def port(self) -> int | None:
        """What LXD says; without a container, what the registry says."""
        if self.instance is not None:
            return ssh_port(self.instance.expanded_devices)
        return self.record.ssh_port if self.record is not None else None

    @property
    def template(self) -> str:
        known = self.record or self.archive
        return known.template if known is not None else ""

    @property
    def last_used_at(self) -> datetime | None:
        """Its last start or its member's last work on a card, whichever is later."""
        started = self.instance.last_started_at if self.instance is not None else None
        return max((at for at in (started, self.card_used_at) if at is not None), default=None)

    @property
    def disk_limit(self) -> str:
        devices = self.instance.expanded_devices.values() if self.instance is not None else ()
        roots = (d for d in devices if d.get("type") == "disk" and d.get("path") == "/")
        return next((device["size"] for device in roots if device.get("size")), "")

    def limit(self, what: str) -> str:
        """ "cpu" or "memory", in LXD's notation; "" = none."""
        return self.instance.config.get(f"limits.{what}", "") if self.instance is not None else ""

    def disagreements(self) -> tuple[Disagreement, ...]:
        """Nothing is wrong with what is being worked on, nor with the template."""
        if self.at_work or self.is_template:
            return ()
        return tuple(_disagreements(self))

    def mend(self, what: Disagreement) -> str:
        """The command that mends it: junzi's own, or one to be typed on the host. "" = junzi does it by itself."""
        port = self.record.ssh_port if self.record is not None else None
        return {
            Disagreement.NO_RECORD: f"/adopt {self.name}",
            Disagreement.NO_CONTAINER: f"/deluser {self.name}",
            Disagreement.OTHER_PORT: f"/adopt {self.name}",
            Disagreement.NEW_PORT: f"/adopt {self.name}",
            Disagreement.NO_PORT: f"lxc config device add {self.name} ssh proxy "
            f"listen=tcp:0.0.0.0:{port} connect=tcp:127.0.0.1:22",
            Disagreement.OTHER_OWNER: f"/adopt {self.name}",
            Disagreement.HALF_MADE: "",
            Disagreement.LEFTOVER: f"lxc delete --force {self.name}",
            Disagreement.UNPROTECTED: f"lxc config set {self.name} {PROTECTION_KEY}=true",
        }[what]


def _disagreements(row: Row) -> Iterable[Disagreement]:
    record, instance = row.record, row.instance
    if record is not None and record.state is InstanceState.MAKING:
        yield Disagreement.HALF_MADE
    elif instance is None:
        yield Disagreement.NO_CONTAINER
    elif row.archive is not None:
        if instance.config.get(PROTECTION_KEY) != "true":
            yield Disagreement.UNPROTECTED
    elif record is None:
        yield Disagreement.LEFTOVER if instance.config.get(OPERATION_KEY) else Disagreement.NO_RECORD
    else:
        yield from _of_a_ready_one(row, record, instance)


def _of_a_ready_one(row: Row, record: InstanceRecord, instance: Instance) -> Iterable[Disagreement]:
    port, owner = ssh_port(instance.expanded_devices), instance.config.get(MEMBER_KEY)
    if port is None and record.ssh_port is not None:
        yield Disagreement.NO_PORT
    if port is not None and port != record.ssh_port:
        yield Disagreement.NEW_PORT if record.ssh_port is None else Disagreement.OTHER_PORT
    if owner and row.owner is not None and owner != row.owner.unix_name:
        yield Disagreement.OTHER_OWNER


def inventory(
    found: Iterable[tuple[Instance, InstanceUsage]],
    records: Sequence[InstanceRecord],
    archives: Sequence[Archive],
    members: Mapping[int, Member],
    templates: Collection[str],
    at_work: Collection[str],
    used: Mapping[int, datetime],
    counted: Mapping[str, DiskFigure],
) -> tuple[Row, ...]:
    """One row for each name that either side knows: what disagrees first, then by name.

    What a registered container was copied from is a template, and so are `templates`.
    """
    by_name = {instance.name: (instance, usage) for instance, usage in found}
    of_registry = {record.name: record for record in records}
    of_archive = {archive.name: archive for archive in archives}
    templates = {*templates, *(record.template for record in records)}
    rows = []
    for name in {*by_name, *of_registry, *of_archive}:
        instance, usage = by_name.get(name, (None, None))
        record, archive = of_registry.get(name), of_archive.get(name)
        known = record or archive
        owner = members.get(known.member_id) if known is not None else None
        when = used.get(owner.id) if owner is not None else None
        is_template = name in templates and record is None and archive is None
        busy = name in at_work or (archive is not None and archive.original in at_work)
        count = None if instance is None else of_this_one(counted.get(name), instance.created_at)
        rows.append(Row(name, instance, usage, record, archive, owner, is_template, busy, when, count))
    return tuple(
        sorted(rows, key=lambda row: (not row.disagreements(), row.is_template, row.archive is not None, row.name))
    )


def cards_of(row: Row, known: Sequence[Card]) -> str:
    """ "all", "gpu0,gpu2", "none", or the names of devices that choose cards by other means."""
    if row.instance is None:
        return ""
    seen = seen_cards(row.instance.expanded_devices)
    if seen.all:
        return "all"
    names = [card.name for card in known if card.pci_address in seen.pci_addresses]
    unknown = [address for address in seen.pci_addresses if address not in {card.pci_address for card in known}]
    return ",".join([*names, *unknown, *seen.by_other_means]) or "none"


COLUMNS = (
    "name",
    "member",
    "state",
    "port",
    "address",
    "template",
    "cards",
    "cpu",
    "memory",
    "memory_used_bytes",
    "disk",
    "disk_used_bytes",
    "created",
    "last_used",
    "problem",
    "mend",
)


def cells(row: Row, known: Sequence[Card]) -> tuple[str, ...]:
    """One line of the table as text, in the order of COLUMNS; "" = not known or none. Times are UTC."""
    usage, instance = row.usage, row.instance
    status = instance.status if instance is not None else None
    state = "archived" if row.archive is not None else status.value if status is not None else "missing"
    faults = row.disagreements()
    return (
        row.name,
        "" if row.owner is None else row.owner.display_name,
        "template" if row.is_template and status is InstanceStatus.STOPPED else state,
        _text(row.port),
        usage.addresses[0] if usage is not None and usage.addresses else "",
        row.template,
        cards_of(row, known),
        row.limit("cpu"),
        row.limit("memory"),
        _text(usage.memory_bytes if usage is not None else None),
        row.disk_limit,
        _text(row.disk.used_bytes if row.disk is not None else None),
        _when(instance.created_at if instance is not None else None),
        _when(row.last_used_at),
        "; ".join(fault.value for fault in faults),
        "; ".join(filter(None, (row.mend(fault) for fault in faults))),
    )


def _text(value: int | None) -> str:
    return "" if value is None else str(value)


def _when(at: datetime | None) -> str:
    return "" if at is None else f"{at:%Y-%m-%d %H:%M}"
