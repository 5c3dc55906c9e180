"""A rush of forty people against a server that keeps Telegram's flood limits: every question is answered soon, nothing
is lost, and the group reads what everybody must know and no more. The whole day is a benchmark (bench_busy_day.py)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from bot.context import CROWDED_SECONDS
from tests.stories.busy_day import BusyLab, Day, play
from tests.stories.conftest import WORLDS

EVENTS = 100
LENGTH = timedelta(minutes=20)
SPEED = 20.0
# By the limits alone, on the lab's clock: how long the machine takes is not the test's matter.
SOON_SECONDS = 2 * CROWDED_SECONDS


async def the_day(folder: Path, world: str) -> Day:
    day = await play(BusyLab(folder, "zh", speed=SPEED, **WORLDS[world]), EVENTS, LENGTH)
    assert day.unanswered == []
    assert day.undelivered == 0
    assert day.refused == 0, "who keeps the pace is never refused"
    assert max(day.held_up) <= SOON_SECONDS, "what would come later than that comes in private at once"
    assert day.promises, "a day on which something is promised"
    return day


async def test_with_whispers_the_group_reads_a_line_a_promise(tmp_path: Path) -> None:
    day = await the_day(tmp_path, "administrator")
    assert day.per_promise <= 1.0
    assert {key.partition(".")[0] for key, _ in day.commonest()} == {"public"}


async def test_without_them_it_reads_more_and_still_nobody_waits(tmp_path: Path) -> None:
    day = await the_day(tmp_path, "old server")
    assert len(day.public) < EVENTS
