"""How full a container's disk is, asked of LXD, counted inside, or not known."""

from __future__ import annotations

import pytest

from bot.demo.lxd import MadeUpInstances
from bot.domain.disk_use import DiskFigure
from bot.domain.errors import InstanceError
from bot.ports import CommandResult
from bot.services.at_work import AtWork
from bot.services.disk_counts import DiskCounts, counted
from bot.services.new_users import HostFacts
from bot.services.workshop import Workshop
from storage.database import Database
from tests.conftest import FakeClock


class Lxd(MadeUpInstances):
    """One that counts how often `du` runs, and answers what it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.answer = CommandResult(0, "4096\t/\n", "")
        self.counted = 0

    async def run(self, name: str, command, *, stdin: bytes = b"", timeout_seconds: int = 60) -> CommandResult:
        self.counted += 1
        return self.answer


@pytest.fixture
def lxd() -> Lxd:
    lxd = Lxd()
    lxd.plant("lisi", running=True)
    lxd.host.has_quotas = False
    return lxd


@pytest.fixture
def counts(database: Database, clock: FakeClock, lxd: Lxd) -> DiskCounts:
    return DiskCounts(Workshop(database, clock, lxd, HostFacts("lab", range(1, 9), "template"), AtWork()))


async def test_lxds_own_figure_comes_first(counts: DiskCounts, lxd: Lxd) -> None:
    lxd.host.has_quotas = True
    known = (await lxd.usage("lisi")).disk_bytes
    assert known is not None
    assert await counts.used(await lxd.get("lisi")) == known
    assert lxd.counted == 0


async def test_without_one_it_is_counted_and_remembered_for_some_minutes(
    counts: DiskCounts, lxd: Lxd, clock: FakeClock
) -> None:
    instance = await lxd.get("lisi")
    assert [await counts.used(instance), await counts.used(instance)] == [4096, 4096]
    assert (lxd.counted, counts.remembered("lisi")) == (1, 4096)
    assert await counts.used(instance, fresh=True) == 4096
    clock.advance(minutes=11)
    assert counts.remembered("lisi") is None
    await counts.used(instance)
    assert lxd.counted == 3


@pytest.mark.parametrize(
    "answer", [CommandResult(124, "", ""), CommandResult(127, "", "no du"), CommandResult(0, "", "")]
)
async def test_what_could_not_be_counted_is_unknown_and_not_zero(
    counts: DiskCounts, lxd: Lxd, answer: CommandResult
) -> None:
    lxd.answer = answer
    assert await counts.used(await lxd.get("lisi")) is None
    assert counts.remembered("lisi") is None


async def test_at_night_all_that_run_are_counted_and_that_outlives_a_restart(
    counts: DiskCounts, lxd: Lxd, database: Database, clock: FakeClock
) -> None:
    lxd.plant("wangwu", running=True)
    lxd.plant("stopped")
    await counts.count_all()
    figure = DiskFigure(4096, clock.now())
    assert await database.read(counted) == {"lisi": figure, "wangwu": figure}
    clock.advance(days=31)
    await counts.used(await lxd.get("lisi"))
    assert await database.read(counted) == {"lisi": DiskFigure(4096, clock.now())}, "older ones are forgotten"


async def test_where_lxd_says_how_full_a_disk_is_nothing_is_counted_at_night(counts: DiskCounts, lxd: Lxd) -> None:
    lxd.host.has_quotas = True
    await counts.count_all()
    assert lxd.counted == 0


async def test_a_container_that_can_not_be_counted_keeps_no_other_from_it(
    counts: DiskCounts, lxd: Lxd, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    lxd.plant("wangwu", running=True)
    run = lxd.run

    async def stopped_meanwhile(name: str, command, **rest) -> CommandResult:
        if name == "lisi":
            raise InstanceError("it is not running")
        return await run(name, command, **rest)

    monkeypatch.setattr(lxd, "run", stopped_meanwhile)
    await counts.count_all()
    assert set(await database.read(counted)) == {"wangwu"}


async def test_nothing_is_counted_in_a_stopped_container(counts: DiskCounts, lxd: Lxd) -> None:
    lxd.plant("wangwu")
    assert await counts.used(await lxd.get("wangwu")) is None
    assert lxd.counted == 0
