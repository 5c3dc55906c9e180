"""The range of SSH ports: how many can still be given away, and what else listens in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from bot.doctor.patient import Patient
from bot.domain.health import Finding, fault, ok, unknown, warning
from bot.domain.instance import Instance, listening_ports
from bot.domain.saying import Listing

SHOWN = 5
ENOUGH = 10


async def check(patient: Patient) -> Sequence[Finding]:
    if patient.is_folder is None:
        return [unknown("ports_elsewhere")]
    ports = patient.settings.lab.ports
    instances = await patient.containers()
    theirs = {port for instance in instances for port in listening_ports(instance.expanded_devices)}
    held = (await patient.database()).ports | theirs
    free = [port for port in ports if port not in held]
    taken = [port for port in free if not await patient.is_bindable(port)]
    left = len(free) - len(taken)
    findings: list[Finding] = []
    if left == 0:
        findings.append(fault("ports_gone", range=patient.settings.lab.port_range))
    elif left < ENOUGH:
        findings.append(warning("ports_few", range=patient.settings.lab.port_range, count=left))
    else:
        findings.append(ok("ports", range=patient.settings.lab.port_range, count=left))
    if taken:
        some = Listing(tuple(taken[:SHOWN]), in_a_row=True)
        findings.append(warning("ports_taken", ports=some, count=len(taken)))
    return findings + await _stolen(patient, instances)


async def _stolen(patient: Patient, instances: Sequence[Instance]) -> list[Finding]:
    """A stopped container whose port somebody took will not start. What another container claims is told with those."""
    claimed = Counter(port for instance in instances for port in listening_ports(instance.expanded_devices))
    stopped = [instance for instance in instances if not instance.is_running]
    pairs = [(one.name, port) for one in stopped for port in sorted(listening_ports(one.expanded_devices))]
    return [
        fault("port_stolen", name=name, port=str(port))
        for name, port in pairs
        if claimed[port] == 1 and not await patient.is_bindable(port)
    ]
