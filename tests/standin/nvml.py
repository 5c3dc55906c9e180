"""The stand-in NVML library (nvml.c) as a lab that tests arrange: cards, processes, faults, and a count of calls.

The real nvidia-ml-py talks to it. In this process its library is put in place of the system's for a while; another
process finds it by LD_LIBRARY_PATH and STANDIN_NVML_STATE, as the dynamic loader would.
"""

from __future__ import annotations

import atexit
import ctypes
import mmap
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from ctypes import c_char, c_int32, c_uint32, c_uint64
from functools import cache
from pathlib import Path
from typing import Any

import pynvml

MAX_CARDS, MAX_PROCESSES, MAX_CALLS, MAX_EVENTS, MAX_SLICES = 16, 32, 32, 16, 7
GIB = 1 << 30
NOT_AVAILABLE = 2**64 - 1
NO_SAMPLE = 999
WHOLE_CARD = 0xFFFFFFFF  # no MIG instance
HANG = -1
WAIT = "nvmlEventSetWait_v2"
KINDS = {"compute": 0, "graphics": 1, "mps": 2}


class ProcessState(ctypes.Structure):
    _fields_ = [
        *((name, c_uint32) for name in ("pid", "kind", "instance", "sm_percent")),
        *((name, c_uint64) for name in ("memory", "sampled_at")),
    ]


class SliceState(ctypes.Structure):
    _fields_ = [("total", c_uint64), ("used", c_uint64)]


class CardState(ctypes.Structure):
    _fields_ = [
        ("uuid", c_char * 96),
        ("name", c_char * 96),
        ("bus", c_char * 32),
        *((name, c_uint64) for name in ("total", "used", "reserved", "throttle", "ecc")),
        *((name, c_uint32) for name in ("index", "load", "temperature", "milliwatts", "mig", "process_count")),
        ("awaited", c_uint64),
        ("slices", SliceState * MAX_SLICES),
        ("fault", c_int32 * MAX_CALLS),
        ("processes", ProcessState * MAX_PROCESSES),
    ]


class EventState(ctypes.Structure):
    _fields_ = [("card", c_uint32), ("code", c_uint32)]


class LibraryState(ctypes.Structure):
    _fields_ = [
        ("initialised", c_int32),
        ("library_fault", c_int32),
        ("count", c_uint32),
        ("fault", c_int32 * MAX_CALLS),
        ("calls", c_uint64 * MAX_CALLS),
        *((name, c_uint32) for name in ("sets", "waiting", "misuses", "hung", "events_posted", "events_taken")),
        ("events", EventState * MAX_EVENTS),
        ("cards", CardState * MAX_CARDS),
    ]


class StandInNvml:
    """What the stand-in library shows. Cards are numbered as they were added; a change is seen at the next call."""

    def __init__(self, library: ctypes.CDLL, state_file: Path) -> None:
        self.state_file = state_file
        state_file.write_bytes(bytes(ctypes.sizeof(LibraryState)))
        library.standin_state_size.restype = ctypes.c_size_t
        assert library.standin_state_size() == ctypes.sizeof(LibraryState), "nvml.c and nvml.py differ"
        assert library.standin_map(str(state_file).encode()) == 0
        with state_file.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), 0)
        self.state: Any = LibraryState.from_buffer(self._map)
        library.standin_call_name.restype = ctypes.c_char_p
        names = (library.standin_call_name(number) for number in range(MAX_CALLS))
        self._numbers = {name.decode(): number for number, name in enumerate(names) if name}
        self._counted: dict[str, int] = {}

    def add_card(self, *, total: int = 80 * GIB, bus: str = "", model: str = "NVIDIA A100-SXM4-80GB") -> int:
        number = int(self.state.count)
        card = self.state.cards[number]
        card.uuid = f"GPU-{number:08x}-0000-0000-0000-000000000000".encode()
        card.name, card.index, card.total, card.reserved, card.mig = model.encode(), number, total, 600 << 20, 0
        card.bus = (bus or f"00000000:{0x10 + number:02X}:00.0").encode()
        card.temperature, card.milliwatts = 40, 60_500
        self.state.count = number + 1
        return number

    def add_process(
        self,
        card: int,
        pid: int,
        memory: int = 10 * GIB,
        *,
        kind: str = "compute",
        sm_percent: int = NO_SAMPLE,
        sampled_at: int = 1,
        instance: int = WHOLE_CARD,
    ) -> None:
        """`memory` counts towards the card's use unless it is NOT_AVAILABLE or the pid is there already."""
        state = self.state.cards[card]
        there = {state.processes[number].pid for number in range(state.process_count)}
        state.processes[state.process_count] = ProcessState(pid, KINDS[kind], instance, sm_percent, memory, sampled_at)
        state.process_count += 1
        if memory != NOT_AVAILABLE and pid not in there:
            state.used += memory

    def clear_processes(self, card: int) -> None:
        self.state.cards[card].process_count = 0
        self.state.cards[card].used = 0

    def cut(self, card: int, slices: Mapping[int, tuple[int, int]]) -> None:
        """MIG is on, with these instances: used and total bytes by number."""
        self.state.cards[card].mig = 1
        for number in range(MAX_SLICES):
            used, total = slices.get(number, (0, 0))
            self.state.cards[card].slices[number] = SliceState(total, used)

    def fail(self, call: str, code: int, card: int | None = None) -> None:
        """The call answers `code` from now on (0: no longer), on one card or on all. HANG: it does not answer."""
        (self.state if card is None else self.state.cards[card]).fault[self._numbers[call]] = code

    def lose(self, card: int, code: int = pynvml.NVML_ERROR_GPU_IS_LOST) -> None:
        """Whatever is asked of this card, that is the answer."""
        for number in self._numbers.values():
            self.state.cards[card].fault[number] = code

    def find(self, card: int) -> None:
        self.lose(card, 0)

    def fail_library(self, code: int) -> None:
        """Every call answers that; init included."""
        self.state.library_fault = code

    def unload_driver(self) -> None:
        """As after `rmmod nvidia` and `modprobe nvidia`: the open library is worth nothing."""
        self.state.initialised = 0

    def xid(self, card: int, code: int) -> None:
        """Whoever waits for it hears that the driver reports this error."""
        self.state.events[self.state.events_posted % MAX_EVENTS] = EventState(card, code)
        self.state.events_posted += 1

    def wait_until_heard(self, seconds: float = 30.0) -> None:
        """Until every posted error was taken and its taker is back at waiting for more, or gave up waiting."""
        end = time.monotonic() + seconds
        state = self.state
        while state.events_taken != state.events_posted:
            assert time.monotonic() < end, "nobody waits for events"
            time.sleep(0.001)
        waits = int(state.calls[self._numbers[WAIT]])
        while int(state.calls[self._numbers[WAIT]]) == waits:
            assert time.monotonic() < end, "nobody waits for events any more"
            time.sleep(0.001)

    @property
    def is_hung(self) -> bool:
        """Whether a wait for events hangs, as it was told to."""
        return bool(self.state.hung)

    def calls(self) -> dict[str, int]:
        """How often each call was made since the last time this was asked; but for WAIT, which a thread repeats."""
        counted = {name: int(self.state.calls[number]) for name, number in self._numbers.items() if name != WAIT}
        before, self._counted = self._counted, counted  # never set back to zero: another thread may be counting
        return {name: count - before.get(name, 0) for name, count in counted.items() if count > before.get(name, 0)}

    def release(self) -> None:
        """Let every hung call go on."""
        for fault in (self.state.fault, *(card.fault for card in self.state.cards)):
            for number in range(MAX_CALLS):
                if fault[number] == HANG:
                    fault[number] = 0


@cache
def library_path() -> Path | None:
    """The stand-in, compiled once a test run; None without a C compiler."""
    compiler = shutil.which("gcc") or shutil.which("cc") or shutil.which("clang")
    if compiler is None:
        return None
    folder = Path(tempfile.mkdtemp(prefix="junzi-standin-nvml-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    library = folder / "libnvidia-ml.so.1"
    source = Path(__file__).with_name("nvml.c")
    options = ["-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror", "-Wl,-soname,libnvidia-ml.so.1"]
    subprocess.run([compiler, *options, "-o", str(library), str(source)], check=True)
    return library


@contextmanager
def standing_in(state_file: Path) -> Iterator[StandInNvml]:
    """nvidia-ml-py in this process talks to the stand-in until the block ends."""
    path = library_path()
    assert path is not None
    library = ctypes.CDLL(str(path))
    before = pynvml.nvmlLib, dict(pynvml._nvmlGetFunctionPointer_cache)
    pynvml.nvmlLib = library
    pynvml._nvmlGetFunctionPointer_cache.clear()
    standin = StandInNvml(library, state_file)
    try:
        yield standin
    finally:
        standin.release()
        pynvml.nvmlLib = before[0]
        pynvml._nvmlGetFunctionPointer_cache.clear()
        pynvml._nvmlGetFunctionPointer_cache.update(before[1])
