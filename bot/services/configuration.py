"""All use cases that change a container after its birth, built once by `bot.app`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.domain.health import Finding
from bot.ports import HostFolders
from bot.services.assignments import AssignmentService
from bot.services.backups import BackupService
from bot.services.datasets import DatasetService
from bot.services.disk_counts import DiskCounts
from bot.services.health import HealthService
from bot.services.honouring import HonouringService
from bot.services.limits import LimitService
from bot.services.new_users import HostTools
from bot.services.ports import PortService
from bot.services.snapshots import SnapshotService
from bot.services.ssh_keys import SshKeyService
from bot.services.templates import TemplateService
from bot.services.workshop import Workshop


@dataclass(frozen=True)
class Configuration:
    workshop: Workshop
    assignments: AssignmentService
    honouring: HonouringService
    snapshots: SnapshotService
    ports: PortService
    ssh_keys: SshKeyService
    limits: LimitService
    datasets: DatasetService
    health: HealthService
    templates: TemplateService
    backups: BackupService
    disk_counts: DiskCounts


def configuration(
    workshop: Workshop,
    tools: HostTools,
    folders: HostFolders,
    examine: Callable[[], Awaitable[Sequence[Finding]]],
    template_script: Callable[[str], Awaitable[bytes]],
    *,
    enforced: bool,
    environment: Mapping[str, str],
    backup_folder: str,
) -> Configuration:
    assignments = AssignmentService(workshop, enforced=enforced)
    counts = DiskCounts(workshop)
    return Configuration(
        workshop=workshop,
        assignments=assignments,
        honouring=HonouringService(workshop, enforced=enforced),
        snapshots=SnapshotService(workshop, assignments),
        ports=PortService(workshop, tools.is_bindable),
        ssh_keys=SshKeyService(workshop),
        limits=LimitService(workshop, counts),
        datasets=DatasetService(workshop, folders),
        health=HealthService(workshop.store, workshop.clock, examine),
        templates=TemplateService(workshop, template_script, environment),
        backups=BackupService(workshop, counts, folders, backup_folder),
        disk_counts=counts,
    )
