"""The cards: the driver, its library, and whether every card on the bus answers."""

from __future__ import annotations

from collections.abc import Sequence

from bot.doctor.patient import Patient
from bot.domain.health import Finding, fault, ok, warning
from bot.domain.sample import Sample, Unread


async def check(patient: Patient) -> Sequence[Finding]:
    on_bus = patient.cards_on_bus()
    sample = await patient.sample()
    if not sample.cards and not on_bus and (sample.trouble is None or sample.trouble.reason == "driver_missing"):
        return [warning("no_cards")]
    if sample.trouble is not None:
        return [_no_library(sample.trouble, len(on_bus))]
    return [*_waiting(patient), *_lost(sample), *_unlisted(sample, len(on_bus)), *_well(sample)]


def _no_library(trouble: Unread, on_bus: int) -> Finding:
    if trouble.reason == "version_mismatch":
        return fault("driver_mismatch")
    if trouble.reason == "timeout":
        return fault("driver_hangs")
    if trouble.reason == "driver_missing":
        return fault("driver_missing", count=on_bus)
    return fault("cards_unreadable", words=trouble.detail)


def _waiting(patient: Patient) -> list[Finding]:
    """Upgraded on the disk only. Whoever has the old library open works on, junzi too; what starts now does not."""
    driver, library = patient.driver_version(), patient.library_version()
    is_waiting = driver is not None and library is not None and driver != library
    return [fault("driver_waits", driver=driver, library=library)] if is_waiting else []


def _lost(sample: Sample) -> list[Finding]:
    lost = [row for row in sample.cards if row.lost is not None]
    return [fault("card_lost", card=row.card, pci=row.card.pci_address) for row in lost]


def _unlisted(sample: Sample, on_bus: int) -> list[Finding]:
    """Given to a virtual machine, or dead since before we looked."""
    listed = len(sample.cards)
    return [warning("cards_missing", on_bus=on_bus, seen=listed)] if on_bus > listed else []


def _well(sample: Sample) -> list[Finding]:
    well = [row for row in sample.cards if row.lost is None]
    return [ok("cards", count=len(well))] if well else []
