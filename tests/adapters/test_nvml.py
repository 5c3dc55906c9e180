"""The NVML adapter, the real nvidia-ml-py and a stand-in library in C: every fault that was seen on real hosts."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pynvml
import pytest

from bot.adapters.nvml import NvmlCards
from bot.adapters.nvml_card import NEW_SM_CALL
from bot.domain.sample import CardReading, InInstance, MigInstance, Process, Sample, Unread, Untraced, Xid
from tests.conftest import FakeClock
from tests.standin.nvml import GIB, HANG, NOT_AVAILABLE, WAIT, StandInNvml, library_path, standing_in
from tests.standin.proc import StandInProc

pytestmark = pytest.mark.skipif(library_path() is None, reason="needs a C compiler for the stand-in NVML")

NAMES = frozenset({"zhangsan", "lisi"})
LONG, SHORT = 30.0, 0.05  # seconds to wait for a poll that will come, and for one that won't


@pytest.fixture
def nvml(tmp_path: Path) -> Iterator[StandInNvml]:
    with standing_in(tmp_path / "nvml-state") as standin:
        yield standin


@pytest.fixture
def proc(tmp_path: Path) -> StandInProc:
    return StandInProc(tmp_path / "proc")


@pytest.fixture
def cards(
    nvml: StandInNvml, proc: StandInProc, clock: FakeClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[NvmlCards]:
    monkeypatch.setattr("bot.adapters.xid.WAIT_MILLISECONDS", 10)  # each test waits for one at its end
    cards = NvmlCards("lab", clock.now, lambda: NAMES, proc_root=proc.root, pci_root=tmp_path / "pci")
    yield cards
    nvml.release()
    cards.close_within(LONG)


def poll(cards: NvmlCards) -> Sample:
    return cards.sample_within(LONG)


def only(sample: Sample) -> CardReading:
    (row,) = sample.cards
    return row


def listed(row: CardReading) -> tuple[Process, ...]:
    assert not isinstance(row.processes, Unread)
    return row.processes


def test_a_healthy_card(cards: NvmlCards, nvml: StandInNvml, proc: StandInProc, clock: FakeClock) -> None:
    card = nvml.add_card(bus="00000000:1B:00.0")
    nvml.add_process(card, 41, 12 * GIB, sm_percent=77)
    nvml.state.cards[card].load = 93
    nvml.state.cards[card].throttle = 0x1 | 0x4 | 0x40
    proc.add(41, "/lxc.payload.zhangsan/init.scope", ["python", "train.py"])
    sample = poll(cards)
    row = only(sample)
    assert (sample.host, sample.taken_at, sample.trouble, sample.warnings) == ("lab", clock.now(), None, ())
    assert (row.card.name, row.card.model, row.card.pci_address) == ("gpu0", "NVIDIA A100-SXM4-80GB", "0000:1b:00.0")
    assert row.card.id.uuid == "GPU-00000000-0000-0000-0000-000000000000"
    assert (row.memory_used_bytes, row.memory_total_bytes) == (12 * GIB, 80 * GIB)  # not the 600 MiB reserved
    assert (row.load_percent, row.temperature_celsius, row.power_watts) == (93, 40, 60.5)
    assert row.throttled_by == {"power_cap", "hw_thermal"}
    assert row.ecc_uncorrected == 0
    (process,) = listed(row)
    assert (process.pid, process.memory_bytes, process.sm_percent) == (41, 12 * GIB, 77)
    assert (process.origin, process.command) == (InInstance("zhangsan"), "python train.py")


def test_at_most_twelve_calls_a_card(cards: NvmlCards, nvml: StandInNvml) -> None:
    for number in range(8):
        nvml.add_card()
        for pid in range(8):
            nvml.add_process(number, 1000 * number + pid + 1, GIB, sm_percent=50, sampled_at=1)
    poll(cards)
    nvml.calls()
    for turn in range(1, 31):
        for number in range(8):
            nvml.state.cards[number].processes[0].sampled_at = turn + 1
        poll(cards)
        calls = nvml.calls()
        assert sum(calls.values()) <= 12 * 8, calls
        assert "nvmlInitWithFlags" not in calls


def test_an_old_driver_has_only_the_first_memory_call(cards: NvmlCards, nvml: StandInNvml) -> None:
    nvml.add_card()
    nvml.fail("nvmlDeviceGetMemoryInfo_v2", pynvml.NVML_ERROR_FUNCTION_NOT_FOUND)
    nvml.fail("nvmlDeviceGetCurrentClocksEventReasons", pynvml.NVML_ERROR_FUNCTION_NOT_FOUND)
    row = only(poll(cards))
    assert row.memory_used_bytes == 600 << 20
    assert row.throttled_by == frozenset()


def test_one_reading_fails_alone(cards: NvmlCards, nvml: StandInNvml) -> None:
    nvml.add_card()
    nvml.fail("nvmlDeviceGetTotalEccErrors", pynvml.NVML_ERROR_NOT_SUPPORTED)
    nvml.fail("nvmlDeviceGetPowerUsage", pynvml.NVML_ERROR_NO_PERMISSION)
    nvml.fail("nvmlDeviceGetTemperature", pynvml.NVML_ERROR_TIMEOUT)
    nvml.fail("nvmlDeviceGetUtilizationRates", pynvml.NVML_ERROR_UNKNOWN)
    row = only(poll(cards))
    readings = (row.ecc_uncorrected, row.power_watts, row.temperature_celsius, row.load_percent)
    reasons = [reading.reason for reading in readings if isinstance(reading, Unread)]
    assert reasons == ["not_supported", "no_permission", "timeout", "error"]
    assert row.ecc_uncorrected == Unread("not_supported", "Not Supported")
    assert row.lost is None
    assert row.memory_used_bytes == 0


@pytest.mark.parametrize("code", [pynvml.NVML_ERROR_GPU_IS_LOST, pynvml.NVML_ERROR_RESET_REQUIRED])
def test_a_lost_card_is_a_row_and_the_others_go_on(cards: NvmlCards, nvml: StandInNvml, code: int) -> None:
    for _ in range(3):
        nvml.add_card()
    before = poll(cards)
    nvml.lose(1, code)
    sample = poll(cards)
    assert [row.card for row in sample.cards] == [row.card for row in before.cards]
    assert [row.lost.reason if row.lost else None for row in sample.cards] == [None, "lost", None]
    assert isinstance(sample.cards[1].processes, Unread)
    nvml.find(1)
    assert all(row.lost is None for row in poll(cards).cards)


def test_a_card_lost_before_we_opened_again_keeps_its_row(cards: NvmlCards, nvml: StandInNvml) -> None:
    for _ in range(3):
        nvml.add_card()
    poll(cards)
    nvml.lose(2)
    samples = [poll(cards) for _ in range(25)]  # NVML is opened anew twice meanwhile
    assert nvml.calls()["nvmlInitWithFlags"] == 3
    assert all([row.lost is None for row in sample.cards] == [True, True, False] for sample in samples)
    nvml.find(2)
    assert all(row.lost is None for row in [poll(cards) for _ in range(11)][-1].cards)


def test_a_card_lost_before_we_started_is_warned_of(cards: NvmlCards, nvml: StandInNvml) -> None:
    nvml.add_card()
    nvml.add_card()
    nvml.lose(1)
    sample = poll(cards)
    assert len(sample.cards) == 1
    assert sample.warnings == ("card 1 does not answer: GPU is lost",)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (pynvml.NVML_ERROR_DRIVER_NOT_LOADED, "driver_missing"),
        (pynvml.NVML_ERROR_UNINITIALIZED, "driver_missing"),
        (pynvml.NVML_ERROR_LIB_RM_VERSION_MISMATCH, "version_mismatch"),
        (pynvml.NVML_ERROR_UNKNOWN, "error"),
    ],
)
def test_a_library_that_does_not_open(cards: NvmlCards, nvml: StandInNvml, code: int, reason: str) -> None:
    nvml.add_card()
    nvml.fail_library(code)
    sample = poll(cards)
    assert sample.trouble is not None
    assert (sample.trouble.reason, sample.cards) == (reason, ())
    nvml.fail_library(0)
    assert poll(cards).trouble is None


def test_a_version_mismatch_names_its_fix(cards: NvmlCards, nvml: StandInNvml) -> None:
    nvml.fail_library(pynvml.NVML_ERROR_LIB_RM_VERSION_MISMATCH)
    trouble = poll(cards).trouble
    assert trouble is not None
    assert "reboot the host" in trouble.detail


def test_a_driver_that_was_loaded_anew_is_opened_anew(cards: NvmlCards, nvml: StandInNvml) -> None:
    nvml.add_card()
    poll(cards)
    nvml.unload_driver()
    trouble = poll(cards).trouble
    assert trouble is not None
    assert trouble.reason == "driver_missing"
    assert poll(cards).trouble is None


def test_a_pid_in_several_lists_counts_once(cards: NvmlCards, nvml: StandInNvml) -> None:
    card = nvml.add_card()
    nvml.add_process(card, 41, 4 * GIB)
    nvml.add_process(card, 41, 4 * GIB, kind="graphics")
    nvml.add_process(card, 42, GIB, kind="mps")
    processes = listed(only(poll(cards)))
    assert [(p.pid, p.memory_bytes, p.kinds) for p in processes] == [
        (41, 4 * GIB, {"compute", "graphics"}),
        (42, GIB, {"mps"}),
    ]


def test_a_list_that_fails_is_no_empty_list(cards: NvmlCards, nvml: StandInNvml) -> None:
    card = nvml.add_card()
    nvml.add_process(card, 41)
    nvml.fail("nvmlDeviceGetGraphicsRunningProcesses_v3", pynvml.NVML_ERROR_NOT_SUPPORTED)
    assert len(listed(only(poll(cards)))) == 1
    nvml.fail("nvmlDeviceGetGraphicsRunningProcesses_v3", pynvml.NVML_ERROR_UNKNOWN)
    assert isinstance(only(poll(cards)).processes, Unread)


def test_scrambled_pids_are_not_believed(cards: NvmlCards, nvml: StandInNvml) -> None:
    card = nvml.add_card()
    nvml.add_process(card, 1184)
    nvml.add_process(card, 0xFFFFFFFF)
    reading = only(poll(cards)).processes
    assert isinstance(reading, Unread)
    assert "535" in reading.detail


def test_memory_that_nvml_does_not_tell(cards: NvmlCards, nvml: StandInNvml) -> None:
    card = nvml.add_card()
    nvml.add_process(card, 41, NOT_AVAILABLE)
    (process,) = listed(only(poll(cards)))
    assert process.memory_bytes == Unread("not_supported", "NVML says N/A")


def test_a_pid_that_lives_no_more_stays_in_the_list(cards: NvmlCards, nvml: StandInNvml) -> None:
    card = nvml.add_card()
    nvml.add_process(card, 41, 70 * GIB)
    (process,) = listed(only(poll(cards)))
    assert (process.pid, process.origin, process.memory_bytes) == (41, Untraced("vanished"), 70 * GIB)


def test_load_per_process(cards: NvmlCards, nvml: StandInNvml) -> None:
    card = nvml.add_card()
    nvml.add_process(card, 41, sm_percent=10, sampled_at=100)
    nvml.add_process(card, 42)  # holds memory, does nothing
    nvml.add_process(card, 41, sm_percent=60, sampled_at=200)
    assert [p.sm_percent for p in listed(only(poll(cards)))] == [60, 0]
    assert [p.sm_percent for p in listed(only(poll(cards)))] == [0, 0]  # nothing since: NOT_FOUND, not an error
    nvml.fail("nvmlDeviceGetProcessUtilization", pynvml.NVML_ERROR_NO_PERMISSION)
    assert all(isinstance(p.sm_percent, Unread) for p in listed(only(poll(cards))))


@pytest.mark.skipif(NEW_SM_CALL is None, reason="nvidia-ml-py before 12.550 has no newer call")
@pytest.mark.parametrize("code", [pynvml.NVML_ERROR_NOT_SUPPORTED, pynvml.NVML_ERROR_NOT_FOUND])
def test_a_busy_card_without_samples_is_asked_by_the_new_call(cards: NvmlCards, nvml: StandInNvml, code: int) -> None:
    card = nvml.add_card()
    nvml.state.cards[card].load = 90
    nvml.add_process(card, 41, sm_percent=80)
    nvml.fail("nvmlDeviceGetProcessUtilization", code)
    assert [p.sm_percent for p in listed(only(poll(cards)))] == [80]


def test_mig(cards: NvmlCards, nvml: StandInNvml) -> None:
    card = nvml.add_card()
    nvml.state.cards[card].mig = 1
    nvml.add_process(card, 41, 3 * GIB, instance=1)
    nvml.add_process(card, 41, 4 * GIB, instance=2)
    row = only(poll(cards))
    assert isinstance(row.load_percent, Unread)
    assert row.load_percent.reason == "not_supported"
    (process,) = listed(row)
    assert process.memory_bytes == 7 * GIB  # in two instances: it adds up
    assert isinstance(process.sm_percent, Unread)


def test_mig_has_memory_by_instance_and_no_load(cards: NvmlCards, nvml: StandInNvml) -> None:
    cut = nvml.add_card()
    nvml.add_card()
    nvml.cut(cut, {0: (3 * GIB, 40 * GIB), 2: (0, 10 * GIB)})
    sample = poll(cards)
    assert sample.cards[0].mig == (MigInstance(0, 3 * GIB, 40 * GIB), MigInstance(2, 0, 10 * GIB))
    assert isinstance(sample.cards[0].load_percent, Unread)
    assert sample.cards[1].mig == ()
    assert sample.cards[1].load_percent == 0


def test_an_instance_that_was_taken_apart_is_unread_and_then_gone(cards: NvmlCards, nvml: StandInNvml) -> None:
    card = nvml.add_card()
    nvml.cut(card, {0: (GIB, 40 * GIB)})
    poll(cards)
    nvml.cut(card, {1: (0, 20 * GIB)})
    row = only(poll(cards))
    assert row.lost is None
    assert [(one.index, isinstance(one.memory_used_bytes, Unread)) for one in row.mig] == [(0, True)]
    assert only([poll(cards) for _ in range(10)][-1]).mig == (MigInstance(1, 0, 20 * GIB),)
    nvml.state.cards[card].mig = 0
    row = only([poll(cards) for _ in range(10)][-1])
    assert (row.mig, row.load_percent) == ((), 0)


def test_an_old_library_with_mig_but_without_its_instances(cards: NvmlCards, nvml: StandInNvml) -> None:
    nvml.cut(nvml.add_card(), {0: (GIB, 40 * GIB)})
    nvml.fail("nvmlDeviceGetMaxMigDeviceCount", pynvml.NVML_ERROR_FUNCTION_NOT_FOUND)
    row = only(poll(cards))
    assert (row.mig, row.lost) == ((), None)


def xids(sample: Sample) -> list[object]:
    return [row.xid.reason if isinstance(row.xid, Unread) else row.xid and row.xid.code for row in sample.cards]


def test_an_xid_is_heard_with_its_time_and_kept(cards: NvmlCards, nvml: StandInNvml, clock: FakeClock) -> None:
    for _ in range(3):
        nvml.add_card()
    assert xids(poll(cards)) == [None, None, None]
    nvml.xid(1, 13)
    nvml.wait_until_heard()
    heard = clock.now()
    clock.advance(seconds=3600)
    sample = poll(cards)
    assert xids(sample) == [None, 13, None]
    assert sample.cards[1].xid == Xid(13, heard)
    nvml.xid(1, 48)
    nvml.xid(2, 94)
    nvml.wait_until_heard()
    assert xids(poll(cards)) == [None, 48, 94]


def test_the_same_xid_again_and_again_is_logged_once(
    cards: NvmlCards, nvml: StandInNvml, caplog: pytest.LogCaptureFixture
) -> None:
    nvml.add_card()
    poll(cards)
    for _ in range(5):
        nvml.xid(0, 31)
    nvml.wait_until_heard()
    assert [record.getMessage() for record in caplog.records] == ["XID 31 on GPU-00000000-0000-0000-0000-000000000000"]


def test_a_card_without_events_and_a_driver_without_them(cards: NvmlCards, nvml: StandInNvml) -> None:
    nvml.add_card()
    nvml.add_card()
    nvml.fail("nvmlDeviceRegisterEvents", pynvml.NVML_ERROR_NOT_SUPPORTED, card=1)
    assert xids(poll(cards)) == [None, "not_supported"]
    nvml.unload_driver()
    nvml.fail("nvmlEventSetCreate", pynvml.NVML_ERROR_FUNCTION_NOT_FOUND)
    poll(cards)
    sample = poll(cards)
    assert xids(sample) == ["not_supported", "not_supported"]
    assert [row.load_percent for row in sample.cards] == [0, 0]


def test_an_event_that_is_none_of_ours_changes_nothing(cards: NvmlCards, nvml: StandInNvml) -> None:
    """Of a card that was plugged in meanwhile: NVML knows it, we don't yet."""
    nvml.add_card()
    poll(cards)
    other = nvml.add_card()
    nvml.state.cards[other].awaited = 8
    nvml.xid(other, 79)
    nvml.wait_until_heard()
    assert xids(poll(cards)) == [None]


def test_a_wait_that_fails_is_unread_until_it_works_again(
    cards: NvmlCards, nvml: StandInNvml, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.adapters.xid.PAUSE_SECONDS", 0.001)
    nvml.add_card()
    poll(cards)
    nvml.fail(WAIT, pynvml.NVML_ERROR_GPU_IS_LOST)
    wait_for(lambda: xids(poll(cards)) == ["lost"])
    nvml.fail(WAIT, 0)
    wait_for(lambda: xids(poll(cards)) == [None])


def test_what_was_heard_outlives_a_driver_that_was_loaded_anew(cards: NvmlCards, nvml: StandInNvml) -> None:
    nvml.add_card()
    poll(cards)
    nvml.xid(0, 45)
    nvml.wait_until_heard()
    nvml.unload_driver()
    assert poll(cards).trouble is not None
    assert xids(poll(cards)) == [45]
    nvml.xid(0, 74)
    nvml.wait_until_heard()
    assert xids(poll(cards)) == [74]


def test_nothing_is_shut_down_under_a_wait(cards: NvmlCards, nvml: StandInNvml) -> None:
    nvml.add_card()
    nvml.add_card()
    poll(cards)
    nvml.lose(1)
    for _ in range(25):  # opened anew twice meanwhile
        poll(cards)
    assert (nvml.calls()["nvmlShutdown"], nvml.state.sets) == (2, 1)
    cards.close_within(LONG)
    assert (nvml.state.misuses, nvml.state.waiting, nvml.state.sets, nvml.state.initialised) == (0, 0, 0, 0)


def test_a_wait_that_hangs_leaves_the_driver_open(
    cards: NvmlCards, nvml: StandInNvml, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.adapters.nvml_library.XID_STOP_SECONDS", SHORT)
    nvml.add_card()
    poll(cards)
    nvml.fail(WAIT, HANG)
    wait_for(lambda: nvml.is_hung)
    cards.close_within(LONG)
    assert "nvmlShutdown" not in nvml.calls()
    nvml.release()
    wait_for(lambda: nvml.state.sets == 0)
    assert nvml.state.misuses == 0


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + LONG
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_a_hang_costs_only_what_comes_after(cards: NvmlCards, nvml: StandInNvml, clock: FakeClock) -> None:
    for _ in range(3):
        nvml.add_card()
    poll(cards)
    began = clock.advance(seconds=30)
    nvml.fail("nvmlDeviceGetPowerUsage", HANG, card=1)
    sample = cards.sample_within(10 * SHORT)  # card 0 must be through by then
    assert sample.taken_at == began
    assert [row.lost.reason if row.lost else None for row in sample.cards] == [None, "timeout", "timeout"]

    clock.advance(seconds=30)
    trouble = cards.sample_within(SHORT).trouble
    assert trouble is not None
    assert trouble.reason == "timeout"
    assert f"{began:%H:%M:%S}" in trouble.detail
    nvml.calls()
    cards.sample_within(SHORT)
    assert nvml.calls() == {}  # nobody asks a hung driver again

    nvml.release()
    assert cards.wait_for_driver(LONG)
    assert all(row.lost is None for row in poll(cards).cards)


def test_nothing_is_shut_down_under_a_hung_call(cards: NvmlCards, nvml: StandInNvml) -> None:
    nvml.add_card()
    poll(cards)
    nvml.fail("nvmlDeviceGetPowerUsage", HANG)
    cards.sample_within(SHORT)
    nvml.calls()
    cards.close_within(SHORT)
    assert "nvmlShutdown" not in nvml.calls()


def test_close_gives_the_driver_back(cards: NvmlCards, nvml: StandInNvml) -> None:
    nvml.add_card()
    poll(cards)
    cards.close_within(LONG)
    assert nvml.state.initialised == 0
    assert cards.sample_within(LONG).trouble == Unread("error", "closed")


async def test_two_who_ask_at_once_get_one_poll(
    cards: NvmlCards, nvml: StandInNvml, monkeypatch: pytest.MonkeyPatch
) -> None:
    nvml.add_card()
    await cards.sample()
    nvml.fail("nvmlDeviceGetPowerUsage", HANG)
    join, joined = cards._join_or_start, []

    def seen_to_join():
        joined.append(join())
        return joined[-1]

    monkeypatch.setattr(cards, "_join_or_start", seen_to_join)
    both = [asyncio.create_task(cards.sample()) for _ in range(2)]
    while len(joined) < 2:  # each asks on a thread of its own
        await asyncio.sleep(0)
    nvml.release()
    first, second = await asyncio.gather(*both)
    assert first is second


async def test_what_is_in_no_row_is_logged_once(
    cards: NvmlCards, nvml: StandInNvml, caplog: pytest.LogCaptureFixture
) -> None:
    nvml.add_card()
    nvml.add_card()
    nvml.lose(1)
    for _ in range(3):
        await cards.sample()
    assert [record.getMessage() for record in caplog.records] == ["card 1 does not answer: GPU is lost"]


def on_the_bus(root: Path, address: str, kind: str = "0x030200") -> Path:
    """The folder of one of NVIDIA's functions on a made-up bus."""
    device = root / address
    device.mkdir(parents=True)
    (device / "vendor").write_text("0x10de\n")
    (device / "class").write_text(kind + "\n")
    return device


def test_the_pci_bus_holds_more_than_nvml_sees(cards: NvmlCards, nvml: StandInNvml, tmp_path: Path) -> None:
    nvml.add_card(bus="00000000:1B:00.0")
    drivers = {"nvidia": tmp_path / "drivers" / "nvidia", "vfio-pci": tmp_path / "drivers" / "vfio-pci"}
    for address, kind, driver in (
        ("0000:1b:00.0", "0x030200", "nvidia"),
        ("0000:1b:00.1", "0x040300", ""),  # the sound of the same board
        ("0000:1c:00.0", "0x030000", "vfio-pci"),
    ):
        device = on_the_bus(tmp_path / "pci", address, kind)
        if driver:
            drivers[driver].mkdir(parents=True, exist_ok=True)
            (device / "driver").symlink_to(drivers[driver])
    assert poll(cards).warnings == ("the PCI bus holds 2 cards, NVML sees 1; not seen: 0000:1c:00.0 (vfio-pci)",)
    nvml.calls()
    for _ in range(12):
        poll(cards)
    assert "nvmlInitWithFlags" not in nvml.calls()  # a card of a virtual machine does not come back by trying


SCRIPT = """
import asyncio, datetime, sys
from bot.adapters.nvml import NvmlCards
from bot.adapters.nvml_card import NEW_SM_CALL
cards = NvmlCards("lab", lambda: datetime.datetime.now(datetime.timezone.utc), frozenset, pci_root=sys.argv[1])
sample = asyncio.run(cards.sample())
print(sample.trouble.reason if sample.trouble else [row.card.name for row in sample.cards])
"""


def test_the_dynamic_loader_finds_it(nvml: StandInNvml, tmp_path: Path) -> None:
    nvml.add_card()
    path = library_path()
    assert path is not None
    where = {"LD_LIBRARY_PATH": str(path.parent), "STANDIN_NVML_STATE": str(nvml.state_file)}
    assert _run(where, tmp_path) == "['gpu0']"


@pytest.mark.skipif(Path("/proc/driver/nvidia").exists(), reason="this machine has an NVIDIA driver")
def test_a_card_without_any_driver_is_trouble_and_no_card_at_all_is_none(tmp_path: Path) -> None:
    assert _run({}, tmp_path / "pci") == "[]"
    on_the_bus(tmp_path / "pci", "0000:1b:00.0")
    assert _run({}, tmp_path / "pci") == "driver_missing"


def _run(environment: dict[str, str], pci_root: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(pci_root)], env={**os.environ, **environment}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
