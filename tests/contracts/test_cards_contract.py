"""What whoever uses `bot.ports.Cards` may rely on, held by the made-up cards and by NVML with nvidia-ml-py alike."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path

import pynvml
import pytest

from bot.adapters.nvml import NvmlCards
from bot.demo.cards import MadeUpCards
from bot.demo.simulation import World
from bot.domain.card import normal_pci_address
from bot.domain.sample import REASONS, CardReading, InInstance, OnHost, Process, Sample, Unread, Xid
from bot.ports import Cards
from tests.conftest import FakeClock
from tests.standin.nvml import GIB, StandInNvml, library_path, standing_in
from tests.standin.proc import StandInProc

RUNNING = frozenset({"zhangsan", "lisi"})


class Lab(ABC):
    """A lab of four cards that a test arranges; the same moves for both kinds."""

    cards: Cards

    @abstractmethod
    def start(self, instance: str | None, card: int, memory_bytes: int) -> int:
        """A process appears, in a container or (None) on the host; its pid."""

    @abstractmethod
    def end(self, pid: int) -> None: ...

    @abstractmethod
    def lose(self, card: int) -> None: ...

    @abstractmethod
    def find(self, card: int) -> None: ...

    @abstractmethod
    def xid(self, card: int, code: int) -> None:
        """The driver reports an error, and whoever listens has heard it."""

    @abstractmethod
    def silence(self) -> None:
        """The driver as a whole is gone."""

    @abstractmethod
    def wake(self) -> None: ...


class MadeUpLab(Lab):
    def __init__(self, clock: FakeClock) -> None:
        self.world = World(clock.now, lambda: RUNNING, host="lab", habits=())
        self.cards = MadeUpCards(self.world)

    def start(self, instance: str | None, card: int, memory_bytes: int) -> int:
        return self.world.start_run(instance, card, "python train.py", memory_bytes)

    def end(self, pid: int) -> None:
        self.world.end_run(pid)

    def lose(self, card: int) -> None:
        self.world.lose_card(card)

    def find(self, card: int) -> None:
        self.world.restore_card(card)

    def xid(self, card: int, code: int) -> None:
        self.world.xid(card, code)

    def silence(self) -> None:
        self.world.hang()

    def wake(self) -> None:
        self.world.wake()


class NvmlLab(Lab):
    def __init__(self, clock: FakeClock, nvml: StandInNvml, folder: Path) -> None:
        self.nvml, self.proc = nvml, StandInProc(folder / "proc")
        self.where: dict[int, tuple[int, int]] = {}
        for _ in range(4):
            nvml.add_card()
        self.cards = NvmlCards("lab", clock.now, lambda: RUNNING, proc_root=self.proc.root, pci_root=folder / "pci")

    def start(self, instance: str | None, card: int, memory_bytes: int) -> int:
        pid = 100 + len(self.where)
        self.where[pid] = (card, memory_bytes)
        self.proc.add(pid, f"/lxc.payload.{instance}/init.scope" if instance else "/system.slice/x.service")
        self.nvml.add_process(card, pid, memory_bytes, sm_percent=50)
        return pid

    def end(self, pid: int) -> None:
        card, _ = self.where.pop(pid)
        self.nvml.clear_processes(card)
        for other, (place, memory_bytes) in self.where.items():
            if place == card:
                self.nvml.add_process(card, other, memory_bytes, sm_percent=50)
        self.proc.remove(pid)

    def lose(self, card: int) -> None:
        self.nvml.lose(card)

    def find(self, card: int) -> None:
        self.nvml.find(card)

    def xid(self, card: int, code: int) -> None:
        self.nvml.xid(card, code)
        self.nvml.wait_until_heard()

    def silence(self) -> None:
        self.nvml.fail_library(pynvml.NVML_ERROR_DRIVER_NOT_LOADED)

    def wake(self) -> None:
        self.nvml.fail_library(0)


without_compiler = pytest.mark.skipif(library_path() is None, reason="needs a C compiler for the stand-in NVML")


@pytest.fixture(params=["made up", pytest.param("nvml", marks=without_compiler)])
def lab(
    request: pytest.FixtureRequest, clock: FakeClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Lab]:
    monkeypatch.setattr("bot.adapters.xid.WAIT_MILLISECONDS", 10)  # each test waits for one at its end
    if request.param == "made up":
        yield MadeUpLab(clock)
        return
    with standing_in(tmp_path / "nvml-state") as nvml:
        made = NvmlLab(clock, nvml, tmp_path)
        yield made
        made.cards.close_within(30)  # type: ignore[attr-defined]


def processes(row: CardReading) -> tuple[Process, ...]:
    assert not isinstance(row.processes, Unread)
    return row.processes


def shape(sample: Sample) -> list[list[tuple[int, object]]]:
    return [[(one.pid, one.origin) for one in processes(row)] for row in sample.cards]


async def test_every_card_is_a_row_with_a_name_of_its_own(lab: Lab, clock: FakeClock) -> None:
    sample = await lab.cards.sample()
    assert (sample.host, sample.taken_at, sample.trouble) == ("lab", clock.now(), None)
    cards = [row.card for row in sample.cards]
    assert [card.index for card in cards] == [0, 1, 2, 3]
    assert len({card.id for card in cards}) == 4
    assert {card.id.host for card in cards} == {"lab"}
    assert all(card.pci_address == normal_pci_address(card.pci_address) for card in cards)
    assert all(card.memory_total_bytes == row.memory_total_bytes for card, row in zip(cards, sample.cards, strict=True))
    assert [row.card for row in (await lab.cards.sample()).cards] == cards


async def test_readings_are_in_range(lab: Lab, clock: FakeClock) -> None:
    lab.start("zhangsan", 1, 5 * GIB)
    clock.advance(seconds=30)
    for row in (await lab.cards.sample()).cards:
        assert row.lost is None
        assert isinstance(row.memory_used_bytes, int)
        assert isinstance(row.memory_total_bytes, int)
        assert 0 <= row.memory_used_bytes <= row.memory_total_bytes
        assert isinstance(row.load_percent, int)
        assert 0 <= row.load_percent <= 100
        assert isinstance(row.temperature_celsius, int)
        assert isinstance(row.power_watts, float)
        assert isinstance(row.throttled_by, frozenset)
        assert isinstance(row.ecc_uncorrected, Unread) or row.ecc_uncorrected >= 0


async def test_an_empty_card_has_an_empty_list(lab: Lab) -> None:
    assert shape(await lab.cards.sample()) == [[], [], [], []]


async def test_processes_come_with_their_container_command_and_start(lab: Lab, clock: FakeClock) -> None:
    first = lab.start("zhangsan", 0, 5 * GIB)
    second = lab.start("lisi", 2, 3 * GIB)
    third = lab.start(None, 2, 1 * GIB)
    sample = await lab.cards.sample()
    mine, theirs, hosts = (first, InInstance("zhangsan")), (second, InInstance("lisi")), (third, OnHost())
    assert shape(sample) == [[mine], [], [theirs, hosts], []]
    (one,) = processes(sample.cards[0])
    assert (one.memory_bytes, one.command) == (5 * GIB, "python train.py")
    assert not isinstance(one.started_at, Unread)
    assert one.started_at <= clock.now()
    assert isinstance(one.sm_percent, int)
    assert one.process_group is not None
    assert one.kinds == {"compute"}


async def test_what_its_processes_hold_a_card_shows_as_used(lab: Lab) -> None:
    lab.start("zhangsan", 0, 5 * GIB)
    lab.start("lisi", 0, 3 * GIB)
    row = (await lab.cards.sample()).cards[0]
    assert isinstance(row.memory_used_bytes, int)
    assert 8 * GIB <= row.memory_used_bytes < 9 * GIB


async def test_a_process_that_ended_is_gone(lab: Lab) -> None:
    pid = lab.start("zhangsan", 0, 5 * GIB)
    stays = lab.start("lisi", 0, 5 * GIB)
    before = processes((await lab.cards.sample()).cards[0])
    lab.end(pid)
    after = processes((await lab.cards.sample()).cards[0])
    assert [one.pid for one in after] == [stays]
    assert after[0].started_at == next(one for one in before if one.pid == stays).started_at


async def test_a_lost_card_is_a_row_without_numbers(lab: Lab) -> None:
    lab.start("zhangsan", 1, 5 * GIB)
    before = await lab.cards.sample()
    lab.lose(1)
    sample = await lab.cards.sample()
    assert [row.card for row in sample.cards] == [row.card for row in before.cards]
    assert [row.lost.reason if row.lost else None for row in sample.cards] == [None, "lost", None, None]
    dead = sample.cards[1]
    for reading in (
        dead.memory_used_bytes,
        dead.load_percent,
        dead.temperature_celsius,
        dead.power_watts,
        dead.processes,
    ):
        assert isinstance(reading, Unread)
    lab.find(1)
    assert all(row.lost is None for row in (await lab.cards.sample()).cards)


async def test_a_card_shows_the_last_error_that_its_driver_reported_and_when(lab: Lab, clock: FakeClock) -> None:
    assert [row.xid for row in (await lab.cards.sample()).cards] == [None] * 4
    first = clock.now()
    lab.xid(2, 31)
    clock.advance(seconds=30)
    assert [row.xid for row in (await lab.cards.sample()).cards] == [None, None, Xid(31, first), None]
    lab.xid(2, 79)
    lab.lose(2)
    row = (await lab.cards.sample()).cards[2]
    assert row.lost is not None
    assert row.xid == Xid(79, clock.now())


async def test_without_a_driver_there_is_trouble_with_a_reason(lab: Lab) -> None:
    await lab.cards.sample()
    lab.silence()
    for _ in range(2):
        sample = await lab.cards.sample()
        assert sample.trouble is not None
        assert sample.trouble.reason in REASONS
        assert sample.trouble.detail
        assert sample.cards == ()
    lab.wake()
    assert (await lab.cards.sample()).trouble is None
