"""What is made of an error while Telegram is asked for updates."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta

import pytest
from telegram.error import Conflict, NetworkError, TelegramError

from bot.polling import PollingTroubles
from tests.conftest import NOON, FakeClock

RIVAL = Conflict("terminated by other getUpdates request")


class Ear:
    """What is told of a rival, and when."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.heard: list[datetime] = []
        self.troubles = PollingTroubles(clock, self.hear)

    async def hear(self, at: datetime) -> None:
        self.heard.append(at)

    async def meet(self, error: TelegramError, times: int = 1, every: timedelta = timedelta(seconds=5)) -> None:
        for _ in range(times):
            self.troubles(error)
            await asyncio.sleep(0)
            self.clock.advance(seconds=every.total_seconds())


@pytest.fixture
def ear(clock: FakeClock) -> Ear:
    return Ear(clock)


async def test_a_restart_that_meets_its_own_last_poll_is_no_rival(ear: Ear) -> None:
    await ear.meet(RIVAL, 2)
    ear.clock.advance(hours=1)
    await ear.meet(RIVAL, 4, every=timedelta(hours=1))
    assert ear.heard == []


async def test_a_rival_that_stays_is_told_at_once_and_then_now_and_then(ear: Ear) -> None:
    await ear.meet(RIVAL, 3)
    assert ear.heard == [NOON + timedelta(seconds=10)]
    await ear.meet(RIVAL, 50)
    assert len(ear.heard) == 1
    await ear.meet(RIVAL, 20)
    assert len(ear.heard) == 2


async def test_each_is_one_line_in_the_log(ear: Ear, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        await ear.meet(NetworkError("httpx.ConnectError"))
        await ear.meet(RIVAL)
    assert [record.exc_info for record in caplog.records] == [None, None]
    assert "httpx.ConnectError" in caplog.text
    assert "same token" in caplog.text
    assert ear.heard == []
