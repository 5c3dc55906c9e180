"""Cron's days of the week, in the scheduler that counts them from another day."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain.cron import with_weekdays_by_name
from bot.jobs.due import last_due

SHANGHAI = ZoneInfo("Asia/Shanghai")
SUNDAY = datetime(2026, 11, 22, 9, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("field", "names"),
    {
        "*": "*",
        "1": "mon",
        "0": "sun",
        "7": "sun",
        "1-5": "mon,tue,wed,thu,fri",
        "6,0": "sat,sun",
        "5-7": "fri,sat,sun",
        "*/2": "sun,tue,thu,sat",
        "1-5/2": "mon,wed,fri",
        "mon-fri": "mon-fri",
        "tue,3": "tue,wed",
        "5-1": "5-1",
        "9": "9",
    }.items(),
)
def test_numbers_become_names(field: str, names: str) -> None:
    assert with_weekdays_by_name(f"0  9 * * {field}") == f"0 9 * * {names}"


@pytest.mark.parametrize("number", range(8))
def test_the_scheduler_fires_on_the_day_that_cron_means(number: int) -> None:
    due = last_due(f"0 9 * * {number}", SHANGHAI, SUNDAY - timedelta(hours=1), SUNDAY + timedelta(days=6, hours=1))
    assert due == SUNDAY + timedelta(days=number % 7)


def test_a_line_that_is_none_is_left_alone() -> None:
    assert with_weekdays_by_name("every monday") == "every monday"
