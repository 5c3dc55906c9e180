"""LXD: does it answer, is there a template to copy, room for the copy, and what it is to mount?"""

from __future__ import annotations

from collections.abc import Sequence

from bot.doctor.patient import Patient
from bot.domain.errors import InstanceError, InstanceNotFound, LxdUnreachable
from bot.domain.health import Finding, PoolSpace, fault, ok, unknown, warning
from bot.domain.saying import Bytes
from bot.settings import LxdSection

GIB = 1 << 30


async def check(patient: Patient) -> Sequence[Finding]:
    try:
        version = await patient.lxd.version()
    except InstanceError as error:
        findings = [_no_answer(patient, error)]
    else:
        findings = [ok("lxd", version=version), *await _template(patient)]
    return findings + _datasets(patient)


def _no_answer(patient: Patient, error: InstanceError) -> Finding:
    words = str(error)
    if "ermission denied" in words:
        return fault("lxd_permission")
    # A socket of another place is the local LXD all the same; only a distant one has an address and a certificate.
    endpoint = patient.settings.lxd.endpoint if patient.settings.lxd.endpoint.startswith("https://") else ""
    if endpoint and not isinstance(error, LxdUnreachable):
        return fault("lxd_refuses", endpoint=endpoint, words=words)
    if endpoint:
        return fault("lxd_unreachable_at", endpoint=endpoint, words=words)
    return fault("lxd_unreachable", words=words)


async def _template(patient: Patient) -> list[Finding]:
    name = (await patient.database()).template or patient.settings.lxd.template  # /template default comes first
    try:
        pool = await patient.lxd.pool_of(name)
    except InstanceNotFound:
        return [fault("template_missing", name=name, project=patient.settings.lxd.project)]
    except InstanceError as error:
        return [unknown("template_unknown", name=name, words=str(error))]
    return [ok("template", name=name), _pool(pool, patient.settings.lxd)]


def _pool(pool: PoolSpace, settings: LxdSection) -> Finding:
    if pool.total_bytes <= 0:
        return unknown("pool_unknown", pool=pool.name)
    values = {"pool": pool.name, "free": Bytes(pool.free_bytes), "total": Bytes(pool.total_bytes)}
    low = pool.is_low(settings.pool_free_percent, settings.pool_free_gib * GIB)
    if low and pool.is_full:
        return fault("pool_full", **values)
    return warning("pool_low", **values) if low else ok("pool", **values)


def _datasets(patient: Patient) -> list[Finding]:
    sources = [pair.partition(":")[0] for pair in patient.settings.lxd.datasets]
    if patient.is_folder is None:
        return [unknown("datasets_elsewhere")] if sources else []
    seen = {source: patient.is_folder(source) for source in sources}
    return [
        *(fault("dataset_missing", source=source) for source, is_there in seen.items() if is_there is False),
        *(unknown("folder_unseen", source=source) for source, is_there in seen.items() if is_there is None),
    ]
