"""What every test may use: a clock that stands still until it is moved, and a ledger on a real SQLite file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import settings

from storage.database import Database

settings.register_profile("junzi", deadline=None)  # how long an example takes says more of the machine than of it
settings.load_profile("junzi")

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=timezone.utc)


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


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What was skipped, a line a reason: a line a test would push what failed out of sight."""
    reports = terminalreporter.stats.get("skipped", [])
    reasons = Counter(str(report.longrepr[2]).removeprefix("Skipped: ") for report in reports)
    if reasons:
        terminalreporter.section("skipped here")
    for reason, count in reasons.most_common():
        terminalreporter.write_line(f"{count:>5}  {reason}")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "junzi.db")
    yield database
    database.close()
