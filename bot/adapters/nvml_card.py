"""One open card: what nvidia-smi shows of it, each reading a value or the reason why there is none.

A poll makes at most twelve NVML calls a card: five readings, two for each process list that is not empty (one for one
that is), two for the load per process. What changes slowly (ECC counts, MIG mode) takes the place of the throttle
reasons in one poll of ten. With MIG on, each of its instances costs one call more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pynvml

from bot.adapters.nvml_errors import CardGone, ask, raise_if_more
from bot.domain.card import Card, CardId, normal_pci_address
from bot.domain.sample import CardReading, MigInstance, Process, Reading, Unread

SLOW_EVERY_POLLS = 10
ECC_TURN, MIG_TURN = 0, 5
BUSY_PERCENT = 20
NEW_SM_CALL = getattr(pynvml, "nvmlDeviceGetProcessesUtilizationInfo", None)  # since nvidia-ml-py 12.550
# Drivers 535.43 to 535.85 fill the process structs for another layout: pids like 0 and 4294967295 among them.
# https://github.com/wookayin/gpustat/issues/161
IMPOSSIBLE_PIDS = frozenset({0, 0xFFFFFFFF})

# Only what slows a card down. Being idle, or at a clock somebody chose, is no fault.
THROTTLE_BITS = {
    0x4: "power_cap",
    0x8: "hw_slowdown",
    0x20: "sw_thermal",
    0x40: "hw_thermal",
    0x80: "power_brake",
}

JoinProcess = Callable[[int, Reading[int], Reading[int], frozenset[str]], Process]


@dataclass
class _Listed:
    """One pid as NVML's lists name it. `memory` by MIG instance: the same pid may be in several of them."""

    kinds: set[str] = field(default_factory=set)
    memory: dict[int, int | None] = field(default_factory=dict)

    def memory_bytes(self) -> Reading[int]:
        known = [amount for amount in self.memory.values() if amount is not None]
        return sum(known) if len(known) == len(self.memory) else Unread("not_supported", "NVML says N/A")


class OpenCard:
    """A card with its handle, kept between polls, and what was read from it less often."""

    def __init__(self, handle: Any, card: Card) -> None:
        self.handle = handle
        self.card = card
        self._polls = 0
        self._sm_seen_us = 0
        self._sm_by_new_call = False
        self._mig = False
        self._instances: tuple[tuple[int, Any], ...] = ()
        self._ecc: Reading[int] = Unread("error", "not read yet")
        self._throttled_by: Reading[frozenset[str]] = Unread("error", "not read yet")

    def read(self, join: JoinProcess) -> CardReading:
        """All of it; a card that does not answer is a row that says so. Raises LibraryGone only."""
        try:
            return self._read(join)
        except CardGone as gone:
            return CardReading(self.card, lost=gone.unread)

    def _read(self, join: JoinProcess) -> CardReading:
        self._read_slow()
        memory = ask(memory_info, self.handle)
        load = self._read_load()
        return CardReading(
            card=self.card,
            memory_used_bytes=memory if isinstance(memory, Unread) else int(memory.used),
            memory_total_bytes=memory if isinstance(memory, Unread) else int(memory.total),
            load_percent=load,
            temperature_celsius=ask(pynvml.nvmlDeviceGetTemperature, self.handle, pynvml.NVML_TEMPERATURE_GPU),
            power_watts=self._read_power(),
            processes=self._read_processes(join, load),
            throttled_by=self._throttled_by,
            ecc_uncorrected=self._ecc,
            mig=tuple(_instance(index, handle) for index, handle in self._instances),
        )

    def _read_slow(self) -> None:
        turn, first = self._polls % SLOW_EVERY_POLLS, self._polls == 0
        self._polls += 1
        if turn == MIG_TURN or first:
            self._mig = self._read_mig()
            self._instances = tuple(self._find_instances()) if self._mig else ()
        if turn == ECC_TURN:
            self._ecc = self._read_ecc()
        if turn not in (ECC_TURN, MIG_TURN) or first:
            self._throttled_by = self._read_throttle()

    def _read_ecc(self) -> Reading[int]:
        """`nvidia-smi -q -d ECC`: uncorrected errors since the driver was loaded."""
        uncorrected, volatile = pynvml.NVML_MEMORY_ERROR_TYPE_UNCORRECTED, pynvml.NVML_VOLATILE_ECC
        return ask(pynvml.nvmlDeviceGetTotalEccErrors, self.handle, uncorrected, volatile)

    def _read_mig(self) -> bool:
        mode = ask(pynvml.nvmlDeviceGetMigMode, self.handle)
        return not isinstance(mode, Unread) and mode[0] == pynvml.NVML_DEVICE_MIG_ENABLE

    def _find_instances(self) -> Iterator[tuple[int, Any]]:
        """`nvidia-smi -L`. The count is how many there could be; numbers without an instance answer NOT_FOUND."""
        most = ask(pynvml.nvmlDeviceGetMaxMigDeviceCount, self.handle)
        for index in range(0 if isinstance(most, Unread) else most):
            handle = ask(pynvml.nvmlDeviceGetMigDeviceHandleByIndex, self.handle, index)
            if not isinstance(handle, Unread):
                yield index, handle

    def _read_load(self) -> Reading[int]:
        """Share of the last interval in which any kernel ran (not of the card's capacity)."""
        if self._mig:
            return Unread("not_supported", "MIG is on: NVML has no load of the whole card")
        rates = ask(pynvml.nvmlDeviceGetUtilizationRates, self.handle)
        return rates if isinstance(rates, Unread) else int(rates.gpu)

    def _read_power(self) -> Reading[float]:
        milliwatts = ask(pynvml.nvmlDeviceGetPowerUsage, self.handle)
        return milliwatts if isinstance(milliwatts, Unread) else milliwatts / 1000

    def _read_throttle(self) -> Reading[frozenset[str]]:
        """`nvidia-smi -q -d PERFORMANCE`. The call was renamed about driver 535."""
        bits = ask(clock_reasons, self.handle)
        if isinstance(bits, Unread):
            return bits
        return frozenset(name for bit, name in THROTTLE_BITS.items() if bits & bit)

    def _read_processes(self, join: JoinProcess, load: Reading[int]) -> Reading[tuple[Process, ...]]:
        listed = self._listed()
        if isinstance(listed, Unread):
            return listed
        sm = self._read_sm(load) if listed else {}
        return tuple(
            join(pid, entry.memory_bytes(), sm if isinstance(sm, Unread) else sm.get(pid, 0), frozenset(entry.kinds))
            for pid, entry in sorted(listed.items())
        )

    def _listed(self) -> Reading[dict[int, _Listed]]:
        """A pid may be in several lists, with the same memory in each: it counts once.

        A list that fails makes all of it unread: half a list would say that a process is gone.
        """
        entries: dict[int, _Listed] = {}
        for kind, call in PROCESS_LISTS.items():
            rows = ask(call, self.handle)
            if isinstance(rows, Unread):
                if kind == "compute" or rows.reason != "not_supported":
                    return rows
                continue
            for row in rows:
                if row.pid in IMPOSSIBLE_PIDS:
                    return Unread("error", f"NVML lists pid {row.pid}: a driver 535 before 535.86 does that")
                entry = entries.setdefault(row.pid, _Listed())
                entry.kinds.add(kind)
                known = entry.memory.get(row.gpuInstanceId)
                entry.memory[row.gpuInstanceId] = row.usedGpuMemory if known is None else known
        return entries

    def _read_sm(self, load: Reading[int]) -> Reading[dict[int, int]]:
        """Load per pid since the last poll, the newest sample of each; a pid without one did nothing: 0.

        `nvidia-smi pmon -c 1`. On Blackwell (RTX PRO 6000, driver 580) the old call says that nobody is active
        while the card is busy (https://github.com/Project-HAMi/HAMi/issues/2015): then the new one is asked.
        """
        if self._mig:
            return Unread("not_supported", "MIG is on")
        if self._sm_by_new_call and NEW_SM_CALL is not None:
            return self._newest(self._sm_samples(NEW_SM_CALL))
        samples = self._sm_samples(pynvml.nvmlDeviceGetProcessUtilization)
        if NEW_SM_CALL is None or not self._doubtful(samples, load):
            return self._newest(samples)
        newer = self._sm_samples(NEW_SM_CALL)
        if isinstance(newer, Unread):
            return self._newest(samples)
        self._sm_by_new_call = bool(newer)
        return self._newest(newer)

    @staticmethod
    def _doubtful(samples: Reading[list[Any]], load: Reading[int]) -> bool:
        if isinstance(samples, Unread):
            return samples.reason == "not_supported"
        return not samples and not isinstance(load, Unread) and load >= BUSY_PERCENT

    def _sm_samples(self, call: Callable[..., Any]) -> Reading[list[Any]]:
        """NOT_FOUND means that nobody was active. The list may grow between the two calls inside nvidia-ml-py."""
        for attempt in (1, 2):
            try:
                return list(call(self.handle, self._sm_seen_us))
            except pynvml.NVMLError as error:
                if error.value in (pynvml.NVML_ERROR_NOT_FOUND, pynvml.NVML_SUCCESS):
                    return []
                if error.value != pynvml.NVML_ERROR_INSUFFICIENT_SIZE or attempt == 2:
                    return raise_if_more(error)
        raise AssertionError("unreachable")

    def _newest(self, samples: Reading[list[Any]]) -> Reading[dict[int, int]]:
        if isinstance(samples, Unread):
            return samples
        in_order = sorted(samples, key=lambda sample: int(sample.timeStamp))
        if in_order:
            self._sm_seen_us = max(self._sm_seen_us, int(in_order[-1].timeStamp))
        return {int(sample.pid): int(sample.smUtil) for sample in in_order if sample.smUtil <= 100}


def open_card(host: str, handle: Any) -> OpenCard:
    """Read what names a card; raises CardGone, LibraryGone, or CardGone for a card without a name."""
    uuid = _needed(ask(pynvml.nvmlDeviceGetUUID, handle))
    pci = _needed(ask(pynvml.nvmlDeviceGetPciInfo, handle))
    index = _needed(ask(pynvml.nvmlDeviceGetIndex, handle))
    model = ask(pynvml.nvmlDeviceGetName, handle)
    memory = ask(memory_info, handle)
    card = Card(
        id=CardId(host, text(uuid)),
        index=int(index),
        model="NVIDIA" if isinstance(model, Unread) else text(model),
        memory_total_bytes=None if isinstance(memory, Unread) else int(memory.total),
        pci_address=normal_pci_address(text(pci.busId)),
    )
    return OpenCard(handle, card)


def _needed(reading: Any) -> Any:
    if isinstance(reading, Unread):
        raise CardGone(reading)
    return reading


def _instance(index: int, handle: Any) -> MigInstance:
    """An instance that was taken apart since it was found has a handle that is worth nothing: it is unread."""
    memory = ask(memory_info, handle)
    if isinstance(memory, Unread):
        return MigInstance(index, memory, memory)
    return MigInstance(index, int(memory.used), int(memory.total))


def memory_info(handle: Any) -> Any:
    """The second version: the first counts what the driver keeps for itself as used (614 MiB on an idle H200)."""
    try:
        return pynvml.nvmlDeviceGetMemoryInfo(handle, version=pynvml.nvmlMemory_v2)
    except (pynvml.NVMLError_FunctionNotFound, pynvml.NVMLError_NotSupported):  # drivers before 510
        return pynvml.nvmlDeviceGetMemoryInfo(handle)


def text(value: str | bytes) -> str:
    """nvidia-ml-py gives some names as bytes."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def first_of(*names: str) -> Callable[[Any], Any]:
    """A call under the first of these names that nvidia-ml-py and the driver both have."""
    calls = [getattr(pynvml, name) for name in names if hasattr(pynvml, name)]

    def call(handle: Any) -> Any:
        for attempt in calls[:-1]:
            with suppress(pynvml.NVMLError_FunctionNotFound):
                return attempt(handle)
        return calls[-1](handle)

    return call


clock_reasons = first_of("nvmlDeviceGetCurrentClocksEventReasons", "nvmlDeviceGetCurrentClocksThrottleReasons")
PROCESS_LISTS: dict[str, Callable[[Any], Iterable[Any]]] = {
    kind: first_of(f"nvmlDeviceGet{word}RunningProcesses_v3", f"nvmlDeviceGet{word}RunningProcesses_v2")
    for kind, word in {"compute": "Compute", "graphics": "Graphics", "mps": "MPSCompute"}.items()
}
