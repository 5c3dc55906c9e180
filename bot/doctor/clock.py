"""The clock: a host whose time is off books the wrong hours."""

from __future__ import annotations

from collections.abc import Sequence

from bot.doctor.patient import Patient
from bot.domain.health import Finding, ok, warning

MOST_SECONDS = 60


async def check(patient: Patient) -> Sequence[Finding]:
    if patient.seconds_ahead is None:
        return []
    seconds = await patient.seconds_ahead()
    if seconds is None:
        return []  # the way to Telegram is another check's
    if abs(seconds) <= MOST_SECONDS:
        return [ok("clock")]
    return [warning("clock_ahead" if seconds > 0 else "clock_behind", minutes=max(1, round(abs(seconds) / 60)))]
