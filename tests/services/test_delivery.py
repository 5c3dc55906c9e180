"""What is owed is sent once, in order, as it is true by then, and nothing stands in the way of what is another's."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain.asked import Asked
from bot.domain.errors import NotYet
from bot.domain.member import Member, Role
from bot.domain.saying import Message, Saying
from bot.ports import Voice
from bot.services.delivery import YIELDS_FOR, DeliveryService
from bot.services.owing import owe_group, owe_member
from bot.texts import LabVoices
from storage.database import Database
from tests.conftest import NOON, FakeClock

GROUP, LISI = -100, 100


@dataclass
class FakeMessenger:
    """Chats as the outbox sees them. `waits`: how long each would make one wait; `broken`: words nobody can send."""

    waits: dict[int, float] = field(default_factory=dict)
    broken: str = ""
    never_ends: int | None = None
    chats: dict[int, dict[int, str]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)

    def wait_seconds(self, chat_id: int) -> float:
        return self.waits.get(chat_id, 0)

    async def send(self, chat_id: int, message: Message, voice: Voice, *, asked: Asked | None = None) -> int:
        return await self._say("send", chat_id, len(self.calls) + 1, voice.plain(message.saying))

    async def edit(self, chat_id: int, message_id: int, message: Message, voice: Voice) -> None:
        await self._say("edit", chat_id, message_id, voice.plain(message.saying))

    async def _say(self, how: str, chat_id: int, number: int, words: str) -> int:
        if chat_id == self.never_ends:
            await asyncio.Event().wait()
        if self.broken and self.broken in words:
            raise ValueError("can't parse entities")
        self.calls.append(how)
        self.chats.setdefault(chat_id, {})[number] = words
        return number

    def texts(self, chat_id: int) -> list[str]:
        return list(self.chats.get(chat_id, {}).values())


@dataclass
class Lab:
    database: Database
    clock: FakeClock
    messenger: FakeMessenger
    service: DeliveryService
    lisi: Member

    def owe(self, words: str, to: Member | None = None, story: str | None = None) -> None:
        message, now = line(words), self.clock.now()
        if to is None:
            self.database.write_now(lambda books: owe_group(books, message, now, story=story))
        else:
            self.database.write_now(lambda books: owe_member(books, to, message, now, story=story))


def line(words: str) -> Message:
    return Message(Saying("public.released", {"who": words, "cards": "gpu0"}), silent=True)


@pytest.fixture
def lab(database: Database, clock: FakeClock) -> Lab:
    def join(books: object) -> Member:
        member = books.members.add("lisi", Role.STUDENT, NOON)  # type: ignore[attr-defined]
        books.members.bind(member.id, LISI, "Li Si", "en")  # type: ignore[attr-defined]
        found = books.members.get(member.id)  # type: ignore[attr-defined]
        assert isinstance(found, Member)
        return found

    lisi = database.write_now(join)
    messenger, voices = FakeMessenger(), LabVoices(ZoneInfo("Asia/Shanghai"), "en")
    service = DeliveryService(database, clock, messenger, voices, GROUP)  # type: ignore[arg-type]
    return Lab(database, clock, messenger, service, lisi)


async def test_each_is_sent_once_and_in_order(lab: Lab) -> None:
    for words in ("one", "two"):
        lab.owe(words, story=words)
    assert await lab.service.deliver() == 2
    assert await lab.service.deliver() == 0
    assert [text.split()[1] for text in lab.messenger.texts(GROUP)] == ["one", "two"]


async def test_lines_that_waited_together_are_one_message(lab: Lab) -> None:
    lab.messenger.waits[GROUP] = 30
    for words in ("one", "two", "three"):
        lab.owe(words)
        await lab.service.deliver()
    lab.messenger.waits[GROUP] = 0
    assert await lab.service.deliver() == 3
    assert await lab.service.deliver() == 0
    [text] = lab.messenger.texts(GROUP)
    assert [line.split()[1] for line in text.split("\n")] == ["one", "two", "three"]


async def test_a_story_between_two_lines_keeps_its_place(lab: Lab) -> None:
    for words, story in (("one", None), ("two", "case:2"), ("three", None)):
        lab.owe(words, story=story)
    await lab.service.deliver()
    assert [text.split()[1] for text in lab.messenger.texts(GROUP)] == ["one", "two", "three"]


async def test_what_went_stale_is_dropped_and_not_sent_late(lab: Lab) -> None:
    lab.owe("one")
    lab.clock.advance(hours=2)
    lab.owe("two")
    assert await lab.service.deliver() == 1
    assert [text.split()[1] for text in lab.messenger.texts(GROUP)] == ["two"]


async def test_while_the_group_is_busy_a_story_goes_on_and_only_its_newest_state_is_sent(lab: Lab) -> None:
    lab.messenger.waits[GROUP] = 30
    for state in ("begins", "goes on", "ends"):
        lab.owe(state, story="case:1")
        await lab.service.deliver()
        lab.clock.advance(seconds=10)
    assert lab.messenger.calls == []
    lab.messenger.waits[GROUP] = 0
    await lab.service.deliver()
    assert lab.messenger.calls == ["send"]
    assert "ends" in lab.messenger.texts(GROUP)[0]


async def test_a_group_that_never_rests_does_not_hold_a_notice_back_for_ever(lab: Lab) -> None:
    lab.messenger.waits[GROUP] = 30
    lab.owe("one")
    assert await lab.service.deliver() == 0
    lab.clock.advance(seconds=YIELDS_FOR.total_seconds())
    assert await lab.service.deliver() == 1


async def test_a_busy_group_does_not_keep_a_person_waiting(lab: Lab) -> None:
    lab.messenger.never_ends = GROUP
    lab.owe("everybody")
    lab.owe("lisi", lab.lisi)
    delivery = asyncio.create_task(lab.service.deliver())
    for _ in range(200):
        await asyncio.sleep(0.005)
        if lab.messenger.texts(LISI):
            break
    assert len(lab.messenger.texts(LISI)) == 1
    delivery.cancel()


async def test_one_that_can_not_be_sent_does_not_stop_those_behind_it(
    lab: Lab, caplog: pytest.LogCaptureFixture
) -> None:
    lab.messenger.broken = "oops"
    lab.owe("oops", story="oops")
    lab.owe("two")
    assert await lab.service.deliver() == 1
    assert "could not be sent" in caplog.text
    lab.messenger.broken = ""
    lab.clock.advance(seconds=10)
    assert await lab.service.deliver() == 1


async def test_it_comes_back_when_telegram_says_so(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    async def flooded(*_args: object, **_more: object) -> int:
        raise NotYet("flood", 30)

    lab.owe("one")
    with monkeypatch.context() as patched:
        patched.setattr(lab.messenger, "send", flooded)
        assert await lab.service.deliver() == 0
    lab.clock.instant += timedelta(seconds=29)
    assert await lab.service.deliver() == 0
    lab.clock.instant += timedelta(seconds=1)
    assert await lab.service.deliver() == 1
