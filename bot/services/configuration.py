"""All use cases that change a container after its birth, built once by `bot.app`."""

from __future__ import annotations

from dataclasses import dataclass

from bot.services.assignments import AssignmentService
from bot.services.snapshots import SnapshotService
from bot.services.workshop import Workshop


@dataclass(frozen=True)
class Configuration:
    workshop: Workshop
    assignments: AssignmentService
    snapshots: SnapshotService


def configuration(workshop: Workshop, *, enforced: bool) -> Configuration:
    assignments = AssignmentService(workshop, enforced=enforced)
    return Configuration(
        workshop=workshop,
        assignments=assignments,
        snapshots=SnapshotService(workshop, assignments),
    )
