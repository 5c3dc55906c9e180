"""What every test may use: a clock that stands still until it is moved, and a ledger on a real SQLite file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import settings

from storage.database import Database

settings.register_profile("junzi", deadline=None)  # how long an example takes says more of the machine than of it
settings.load_profile("junzi")

HERE = Path(__file__).parent
# What works on the real LXD or in a real browser would be in its own way, and stays with one worker.
ONE_AT_A_TIME = (HERE / "real", HERE / "contracts" / "test_instances_contract.py")
NOON = datetime(2026, 11, 25, 12, 0, tzinfo=timezone.utc)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """For pytest-xdist's `--dist loadgroup`."""
    for item in items:
        if any(item.path.is_relative_to(place) for place in ONE_AT_A_TIME):
            item.add_marker(pytest.mark.xdist_group("real"))


class FakeClock:
    """`bot.ports.Clock` that only moves when told to; sleeping moves it."""

    def __init__(self, instant: datetime = NOON) -> None:
        self.instant = instant

    def now(self) -> datetime:
        return self.instant

    async def sleep(self, seconds: float) -> None:
        self.advance(seconds=seconds)

    def advance(self, **spans: float) -> datetime:
        self.instant += timedelta(**spans)
        return self.instant


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "junzi.db")
    yield database
    database.close()
