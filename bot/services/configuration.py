"""All use cases that change a container after its birth, built once by `bot.app`."""

from __future__ import annotations

from dataclasses import dataclass

from bot.ports import HostFolders
from bot.services.assignments import AssignmentService
from bot.services.datasets import DatasetService
from bot.services.limits import LimitService
from bot.services.new_users import HostTools
from bot.services.ports import PortService
from bot.services.snapshots import SnapshotService
from bot.services.ssh_keys import SshKeyService
from bot.services.workshop import Workshop


@dataclass(frozen=True)
class Configuration:
    workshop: Workshop
    assignments: AssignmentService
    snapshots: SnapshotService
    ports: PortService
    ssh_keys: SshKeyService
    limits: LimitService
    datasets: DatasetService


def configuration(workshop: Workshop, tools: HostTools, folders: HostFolders, *, enforced: bool) -> Configuration:
    assignments = AssignmentService(workshop, enforced=enforced)
    return Configuration(
        workshop=workshop,
        assignments=assignments,
        snapshots=SnapshotService(workshop, assignments),
        ports=PortService(workshop, tools.is_bindable),
        ssh_keys=SshKeyService(workshop),
        limits=LimitService(workshop),
        datasets=DatasetService(workshop, folders),
    )
