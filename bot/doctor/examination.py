"""All checks in the order in which a person would look: what the others rest on comes first."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence

from bot.doctor import cards, clock, configuration, containers, database, lxd, ports, telegram
from bot.doctor.patient import Patient
from bot.domain.health import Finding, unknown

logger = logging.getLogger("junzi.doctor")

Check = Callable[[Patient], Awaitable[Sequence[Finding]]]
CHECKS: tuple[Check, ...] = (
    configuration.check,
    database.check,
    telegram.check,
    clock.check,
    lxd.check,
    cards.check,
    ports.check,
    containers.check,
)


async def examine(patient: Patient) -> Sequence[Finding]:
    """A check that fails itself hides no other: it is a finding, with the cause in the log."""
    findings: list[Finding] = []
    for check in CHECKS:
        try:
            findings += await check(patient)
        except Exception as error:  # whatever it is, the other checks go on
            topic = check.__module__.rpartition(".")[2]
            logger.exception("the check of %s failed", topic)
            findings.append(unknown("check_failed", topic=topic, words=str(error)))
    return findings
