"""The configuration: it could be read, or we would not be here."""

from __future__ import annotations

from collections.abc import Sequence

from bot.doctor.patient import Patient
from bot.domain.health import Finding, ok, warning

OTHERS = 0o077


async def check(patient: Patient) -> Sequence[Finding]:
    settings = patient.settings
    findings = [ok("configuration", lab=settings.lab.name)]
    if patient.config_mode is not None and patient.config_mode & OTHERS:
        findings = [warning("configuration_open", mode=f"{patient.config_mode & 0o777:o}")]
    if not settings.lab.host:
        findings.append(warning("no_host"))
    return findings
