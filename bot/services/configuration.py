"""All use cases that change a container after its birth, built once by `bot.app`."""

from __future__ import annotations

from dataclasses import dataclass

from bot.services.assignments import AssignmentService
from bot.services.workshop import Workshop


@dataclass(frozen=True)
class Configuration:
    workshop: Workshop
    assignments: AssignmentService


def configuration(workshop: Workshop, *, enforced: bool) -> Configuration:
    return Configuration(
        workshop=workshop,
        assignments=AssignmentService(workshop, enforced=enforced),
    )
