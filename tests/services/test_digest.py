"""The digest in the group: once a week, also after a fault or a pause, never twice and never stale."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain.asked import Asked
from bot.domain.bucket import COARSE, CardUse, Level, MemberUse
from bot.domain.card import Card, CardId
from bot.domain.errors import NotYet
from bot.domain.member import Role
from bot.domain.reservation import Request
from bot.domain.saying import Message
from bot.domain.window import Window
from bot.jobs.due import last_due
from bot.ports import Voice
from bot.services.digest import DigestService
from bot.services.drawing import DrawingService
from bot.services.history import HistoryService
from bot.texts import LabVoices
from storage.database import Database
from tests.conftest import NOON, FakeClock

GROUP = -100
ZONE = ZoneInfo("Asia/Shanghai")
CARD = Card(CardId("host", "GPU-0"), 0, "NVIDIA A100", 80 << 30, "0000:1b:00.0")
MONDAY_9 = NOON - timedelta(days=2, hours=11)  # in Shanghai; NOON is a Wednesday, 20:00 there


@dataclass
class FakeMessenger:
    photos: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    trouble: Exception | None = None
    knows_tables: bool = False
    pages: list[str] = field(default_factory=list)

    async def send_page(self, chat_id: int, png: bytes, message: Message, voice: Voice) -> int | None:
        if not self.knows_tables:
            return None
        assert message.rich is not None
        self.pages.append(voice.say(message.rich))
        return 6

    async def send_photo(
        self, chat_id: int, png: bytes, message: Message, voice: Voice, *, asked: Asked | None = None
    ) -> int:
        if self.trouble is not None:
            trouble, self.trouble = self.trouble, None
            raise trouble
        assert png.startswith(b"\x89PNG")
        self.photos.append(voice.say(message.saying))
        return 7

    async def send(self, chat_id: int, message: Message, voice: Voice, *, asked: Asked | None = None) -> int:
        assert asked == Asked(7)
        self.texts.append(voice.say(message.saying))
        return 8


@dataclass
class Lab:
    service: DigestService
    messenger: FakeMessenger
    clock: FakeClock
    database: Database

    async def tick(self, cron: str = "0 9 * * 1") -> None:
        await self.service.post(lambda after, until: last_due(cron, ZONE, after, until))


@pytest.fixture
def lab(database: Database, clock: FakeClock) -> Iterator[Lab]:
    clock.instant = MONDAY_9 - timedelta(minutes=1)
    messenger = FakeMessenger()
    drawing = DrawingService(HistoryService(database, clock), clock, ZONE)
    service = DigestService(
        database,
        clock,
        messenger,  # type: ignore[arg-type]
        LabVoices(ZONE, "zh"),
        drawing,
        GROUP,
        ZONE,
    )
    yield Lab(service, messenger, clock, database)
    drawing.close()


def lived_in(lab: Lab, people: int) -> None:
    """A week in which each of so many people booked a day and used half of it."""
    begin = MONDAY_9 - timedelta(days=7)

    def fill(books) -> None:  # type: ignore[no-untyped-def]
        books.cards.see([CARD], begin)
        for number in range(people):
            member = books.members.add(f"student{number:02}", Role.STUDENT, begin, display_name=f"同学 {number:02}")
            window = Window.lasting(begin + timedelta(hours=2 * number), timedelta(hours=2))
            books.ledger.add(Request(member, (CARD,), window), begin, origin=None)
            use = CardUse(CARD.id, window.start, COARSE.length, 3600, 0, Level(3600 * 50, 3600, 90), Level(), 60, 3600)
            used = MemberUse(member.id, CARD.id, window.start, COARSE.length, used_seconds=3600)
            books.usage.add([use], [used])

    lab.database.write_now(fill)


async def test_it_is_posted_once_when_it_is_due(lab: Lab) -> None:
    lived_in(lab, 3)
    await lab.tick()
    assert lab.messenger.photos == []
    for _ in range(3):
        lab.clock.advance(minutes=1)
        await lab.tick()
    (caption,) = lab.messenger.photos
    assert "11月16日 周一 – 11月22日 周日" in caption
    assert "同学 01：预约 2，在用 1" in caption
    assert "3 个整卡预约全都没被打扰" in caption
    assert lab.messenger.texts == []


async def test_where_tables_are_known_all_of_it_is_one_message(lab: Lab) -> None:
    lab.messenger.knows_tables = True
    lived_in(lab, 60)
    await lab.tick()
    lab.clock.advance(minutes=2)
    await lab.tick()
    (page,) = lab.messenger.pages
    assert '<img src="tg://photo?id=picture"/>' in page
    assert '<tr><td>同学 59</td><td align="right">2</td><td align="right">1</td></tr>' in page
    assert lab.messenger.photos == lab.messenger.texts == []


async def test_thirty_people_are_a_table_of_their_own(lab: Lab) -> None:
    lived_in(lab, 60)
    await lab.tick()
    lab.clock.advance(minutes=2)
    await lab.tick()
    (caption,), (table,) = lab.messenger.photos, lab.messenger.texts
    assert "同学" not in caption
    assert "同学 59：预约 2，在用 1" in table


async def test_a_fault_is_tried_again(lab: Lab) -> None:
    await lab.tick()
    lab.clock.advance(minutes=2)
    lab.messenger.trouble = NotYet("no route")
    await lab.tick()
    await lab.tick()
    await lab.tick()
    assert len(lab.messenger.photos) == 1


async def test_after_a_pause_it_is_late_but_not_stale(lab: Lab) -> None:
    await lab.tick()
    lab.clock.advance(hours=11)
    await lab.tick()
    assert len(lab.messenger.photos) == 1
    lab.clock.advance(days=7, hours=5)
    await lab.tick()
    assert len(lab.messenger.photos) == 1


async def test_a_new_lab_starts_with_the_next_one(lab: Lab) -> None:
    lab.clock.advance(minutes=5)
    await lab.tick()
    assert lab.messenger.photos == []
