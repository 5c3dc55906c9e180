"""What one poll of 8 cards with 8 processes each costs, and how often it asks NVML.

    python -m tests.benchmarks.bench_poll

The yardstick is the least a program could do with the same library: the seven readings, the process lists and the
load per process through nvidia-ml-py, and two reads of /proc a pid. Both sides talk to the stand-in NVML of the tests,
which answers at once: what is compared is our own work, not the driver's (its share is the number of calls). A real
driver needs 0.05 to 20 ms a call. `poll` is the whole of `NvmlCards.sample`, thread hop included.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path

import pynvml

from bot.adapters.nvml import NvmlCards
from bot.domain.sample import Sample, Unread
from tests.standin.nvml import GIB, StandInNvml, standing_in

CARDS, PROCESSES, ROUNDS, WARM_UP = 8, 8, 300, 20


def main() -> None:
    sleepers = [subprocess.Popen(["sleep", "600"]) for _ in range(CARDS * PROCESSES)]
    try:
        with tempfile.TemporaryDirectory() as folder, standing_in(Path(folder, "state")) as nvml:
            pids = [sleeper.pid for sleeper in sleepers]
            for number in range(CARDS):
                nvml.add_card()
                for pid in pids[number * PROCESSES : (number + 1) * PROCESSES]:
                    nvml.add_process(number, pid, GIB, sm_percent=50)
            asyncio.run(compare(nvml))
    finally:
        for sleeper in sleepers:
            sleeper.kill()
            sleeper.wait()


async def compare(nvml: StandInNvml) -> None:
    pynvml.nvmlInit()
    handles = [pynvml.nvmlDeviceGetHandleByIndex(index) for index in range(CARDS)]
    cards = NvmlCards("lab", lambda: datetime.now(timezone.utc), frozenset)
    check(await cards.sample())
    yardstick, ours = [], []
    for turn in range(ROUNDS + WARM_UP):  # in turn, so that a busy machine is busy for both
        renew_samples(nvml, turn)
        yardstick.append(timed(lambda: raw(handles)))
        renew_samples(nvml, turn + 1)
        nvml.calls()
        began = time.perf_counter()
        await cards.sample()
        ours.append(time.perf_counter() - began)
    calls = sum(nvml.calls().values()) / CARDS
    await cards.close()
    report("raw nvidia-ml-py and two /proc reads a pid", yardstick[WARM_UP:])
    report("one poll (NvmlCards.sample)", ours[WARM_UP:])
    ratio = statistics.median(ours[WARM_UP:]) / statistics.median(yardstick[WARM_UP:])
    print(f"ratio of the medians: {ratio:.2f} (budget 2)")
    print(f"NVML calls a card: {calls:.1f} (budget 12)")
    print(f"python {sys.version.split()[0]}, nvidia-ml-py {version('nvidia-ml-py')}, {os.cpu_count()} cores")


def raw(handles: list[object]) -> None:
    for handle in handles:
        pynvml.nvmlDeviceGetMemoryInfo(handle, version=pynvml.nvmlMemory_v2)
        pynvml.nvmlDeviceGetUtilizationRates(handle)
        pynvml.nvmlDeviceGetTemperature(handle, pynvml.NVML_TEMPERATURE_GPU)
        pynvml.nvmlDeviceGetPowerUsage(handle)
        pynvml.nvmlDeviceGetCurrentClocksEventReasons(handle)
        pynvml.nvmlDeviceGetTotalEccErrors(handle, 1, 0)
        pynvml.nvmlDeviceGetMigMode(handle)
        listed = pynvml.nvmlDeviceGetComputeRunningProcesses(handle)
        listed += pynvml.nvmlDeviceGetGraphicsRunningProcesses(handle)
        pynvml.nvmlDeviceGetProcessUtilization(handle, 0)
        for process in listed:
            read(f"/proc/{process.pid}/cgroup")
            read(f"/proc/{process.pid}/stat")


def read(path: str) -> str:
    with open(path) as file:  # noqa: PTH123 pathlib would take twice as long, and be no fair yardstick
        return file.read()


def renew_samples(nvml: StandInNvml, turn: int) -> None:
    """Every process was active since the last poll."""
    for number in range(CARDS):
        for place in range(PROCESSES):
            nvml.state.cards[number].processes[place].sampled_at = turn + 2


def check(sample: Sample) -> None:
    assert len(sample.cards) == CARDS
    for row in sample.cards:
        assert not isinstance(row.processes, Unread)
        assert len(row.processes) == PROCESSES
        assert all(process.command == "sleep 600" for process in row.processes)


def timed(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def report(what: str, seconds: list[float]) -> None:
    cuts = statistics.quantiles(seconds, n=100)
    print(f"{what}: median {statistics.median(seconds) * 1e3:.2f} ms, p99 {cuts[98] * 1e3:.2f} ms")


if __name__ == "__main__":
    main()
