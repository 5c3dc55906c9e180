"""The one SQLite file, and whether anybody can administer the lab."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from bot.doctor.patient import Patient
from bot.domain.health import Finding, fault, ok, warning
from bot.domain.saying import Bytes

LEAST_FREE_BYTES, FULL_BYTES = 1 << 30, 64 << 20
A_COPY_IS_DUE_AFTER = timedelta(days=2)  # one is made every night


async def check(patient: Patient) -> Sequence[Finding]:
    path = str(patient.settings.storage.path)
    state = await patient.database()
    findings = []
    if not state.folder_writable:
        findings.append(fault("database_unwritable", path=path))
    elif state.damage is not None:
        findings.append(fault("database_damaged", path=path, words=state.damage))
    elif state.is_newer:
        findings.append(fault("database_newer", path=path))
    elif not state.exists:
        findings.append(warning("database_new", path=path))
    else:
        findings.append(ok("database", path=path, size=Bytes(state.size_bytes)))
    if state.free_bytes < FULL_BYTES:
        findings.append(fault("disk_full", path=path, free=Bytes(state.free_bytes)))
    elif state.free_bytes < LEAST_FREE_BYTES:
        findings.append(warning("disk_low", path=path, free=Bytes(state.free_bytes)))
    findings += _copies(patient)
    if state.damage is None and not state.is_newer and not state.admins and not patient.settings.telegram.admins:
        findings.append(warning("no_admin"))
    return findings


def _copies(patient: Patient) -> list[Finding]:
    last = patient.last_copy_at()
    if last is None or patient.now() - last <= A_COPY_IS_DUE_AFTER:
        return []
    return [warning("copy_stale", days=(patient.now() - last).days)]
