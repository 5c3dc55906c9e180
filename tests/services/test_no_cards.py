"""/reserve on a host of which no card was ever read: why, to a student, and for whom there is something to do."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from bot.domain.member import Role
from bot.domain.outcome import NotBooked
from bot.domain.phrase import CardWish, Phrase
from bot.domain.policy import BookingPolicy
from bot.domain.sample import Sample, Unread
from bot.services.observed import Observed
from bot.services.policies import Policies
from bot.services.reservations import ReservationService
from bot.services.waiting import WaitingService
from bot.texts import Voice
from bot.views.bookings import not_booked
from storage.database import Database
from tests.conftest import NOON, FakeClock

MISSING = Sample("lab", NOON, trouble=Unread("driver_missing"))
SENTENCES = {
    None: ("I have only just started", "我刚启动"),
    MISSING: ("I can't see the cards of this host: no NVIDIA driver found on this host. The admins are told.",
              "我现在看不到这台主机的显卡：主机上没找到 NVIDIA 驱动。管理员会收到通知。"),
    Sample("lab", NOON): ("This host has no NVIDIA card", "这台主机没有 NVIDIA 显卡"),
}  # fmt: skip


@pytest.mark.parametrize("sample", SENTENCES)
@pytest.mark.parametrize("wish", [CardWish(indices=(0,)), CardWish(count=2), None])
async def test_what_is_wrong_is_said(
    database: Database, clock: FakeClock, sample: Sample | None, wish: CardWish | None
) -> None:
    policies, observed = Policies(BookingPolicy()), Observed(sample)
    waiting = WaitingService(database, clock, policies, observed)
    service = ReservationService(database, clock, policies, observed, waiting.settle_in, waiting.make_way)
    member = await database.write(lambda books: books.members.add("lisi", Role.STUDENT, NOON))
    outcome = await service.reserve(member, Phrase("reserve", wish, None), "update:1")
    assert isinstance(outcome, NotBooked)
    said = [Voice(language, ZoneInfo("UTC")).plain(not_booked(outcome).saying) for language in ("en", "zh")]
    assert [words in text for words, text in zip(SENTENCES[sample], said, strict=True)] == [True, True]
