"""The pinned board: one message, edited when it says something new, never late and never twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain.asked import Asked
from bot.domain.board import Board
from bot.domain.card import Card, CardId
from bot.domain.errors import Never, NotYet
from bot.domain.sample import CardReading, Sample, Unread
from bot.domain.saying import Message
from bot.ports import Voice
from bot.services.board import BoardService
from bot.services.live_board import HEARTBEAT, LiveBoardService
from bot.services.observed import Observed
from bot.texts import LabVoices
from bot.views.live import live_board
from storage.database import Database
from tests.conftest import NOON, FakeClock

GROUP = -100
CARD = Card(CardId("host", "GPU-0"), 0, "NVIDIA A100", 80 << 30, "0000:1b:00.0")
VOICES = LabVoices(ZoneInfo("Asia/Shanghai"), "en")


@dataclass
class FakeMessenger:
    """A group as the board sees it. `trouble` is raised by the next call."""

    posts: dict[int, str] = field(default_factory=dict)
    pinned: list[int] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    may_pin: bool = True
    wait: float = 0.0
    trouble: Exception | None = None

    async def send(self, chat_id: int, message: Message, voice: Voice, *, asked: Asked | None = None) -> int:
        self._called("send")
        assert message.silent
        number = len(self.calls)
        self.posts[number] = voice.say(message.saying)
        return number

    async def edit(self, chat_id: int, message_id: int, message: Message, voice: Voice) -> None:
        self._called("edit")
        if message_id not in self.posts:
            raise Never("message to edit not found")
        self.posts[message_id] = voice.say(message.saying)

    def wait_seconds(self, chat_id: int) -> float:
        return self.wait

    async def pin(self, chat_id: int, message_id: int) -> None:
        self._called("pin")
        if not self.may_pin:
            raise Never("not enough rights")
        self.pinned.append(message_id)

    async def unpin(self, chat_id: int, message_id: int) -> None:
        self._called("unpin")
        if message_id not in self.pinned:
            raise Never("message to unpin not found")
        self.pinned.remove(message_id)

    def _called(self, name: str) -> None:
        self.calls.append(name)
        if self.trouble is not None:
            trouble, self.trouble = self.trouble, None
            raise trouble


class Lab:
    def __init__(self, database: Database, clock: FakeClock, cards: Sequence[Card] = (CARD,)) -> None:
        self.database, self.clock = database, clock
        self.messenger, self.observed = FakeMessenger(), Observed()
        database.write_now(lambda books: books.cards.see(cards, NOON))
        self.polled(10)
        self.restart()

    def restart(self, *, group: int | None = GROUP, topic: int | None = None, is_wanted: bool = True) -> None:
        board = BoardService(self.database, self.clock, self.observed)
        self.service = LiveBoardService(
            self.database,
            self.clock,
            self.messenger,  # type: ignore[arg-type]
            VOICES,
            board,
            group,
            topic=topic,
            is_wanted=is_wanted,
        )

    def polled(self, load: int, at: datetime | None = None) -> None:
        reading = CardReading(CARD, 1 << 30, 80 << 30, load, 40, processes=())
        self.observed.saw_sample(Sample("host", at or self.clock.now(), (reading,)))

    async def shows(self, load: int | None = None) -> str:
        if load is not None:
            self.polled(load)
        await self.service.show()
        return list(self.messenger.posts.values())[-1]


@pytest.fixture
def lab(database: Database, clock: FakeClock) -> Lab:
    return Lab(database, clock)


async def test_it_is_posted_once_pinned_and_then_edited(lab: Lab) -> None:
    assert "10%" in await lab.shows()
    assert "55%" in await lab.shows(55)
    assert lab.messenger.calls == ["send", "pin", "edit"]


async def test_no_board_of_nothing_is_pinned_where_there_is_no_card(database: Database, clock: FakeClock) -> None:
    lab = Lab(database, clock, cards=())
    lab.observed.saw_sample(Sample("host", clock.now()))
    await lab.service.show()
    assert lab.messenger.calls == []


async def test_what_has_not_changed_is_not_edited_but_for_a_sign_of_life(lab: Lab) -> None:
    await lab.shows()
    for _ in range(9):
        lab.clock.advance(seconds=30)
        await lab.shows(10)
    assert lab.messenger.calls == ["send", "pin"]
    lab.clock.advance(seconds=HEARTBEAT.total_seconds() - 270)
    assert "20:05" in await lab.shows(10)
    assert lab.messenger.calls == ["send", "pin", "edit"]


async def test_it_is_the_same_message_after_a_restart(lab: Lab) -> None:
    await lab.shows()
    lab.restart()
    await lab.shows(55)
    assert lab.messenger.calls == ["send", "pin", "edit"]


async def test_with_another_topic_it_moves_and_the_old_one_says_so(lab: Lab) -> None:
    await lab.shows()
    lab.restart(topic=17)
    await lab.shows()
    await lab.shows(55)
    assert lab.messenger.calls == ["send", "pin", "send", "pin", "edit", "unpin", "edit"]
    old, new = lab.messenger.posts.values()
    assert lab.messenger.pinned == [list(lab.messenger.posts)[1]]
    assert "another topic" in old
    assert "55%" in new


async def test_it_comes_back_when_it_was_deleted(lab: Lab) -> None:
    await lab.shows()
    lab.messenger.posts.clear()
    assert "55%" in await lab.shows(55)
    assert lab.messenger.calls == ["send", "pin", "edit", "send", "pin"]
    await lab.shows(60)
    assert lab.messenger.calls[-1] == "edit"


async def test_without_the_right_to_pin_it_is_edited_all_the_same(lab: Lab) -> None:
    lab.messenger.may_pin = False
    await lab.shows()
    assert "55%" in await lab.shows(55)
    assert lab.messenger.calls == ["send", "pin", "edit"]
    assert lab.messenger.pinned == []


async def test_while_people_are_answered_it_waits_and_then_says_what_is_true(lab: Lab) -> None:
    """The group's limit is used up: what would be sent in a minute is not written down now."""
    await lab.shows()
    lab.messenger.wait = 40
    for load in (20, 30, 40):
        lab.clock.advance(seconds=30)
        await lab.shows(load)
    assert lab.messenger.calls == ["send", "pin"]
    lab.messenger.wait = 0
    assert "55%" in await lab.shows(55)
    assert lab.messenger.calls == ["send", "pin", "edit"]


async def test_a_group_that_never_rests_does_not_stop_it_for_good(lab: Lab) -> None:
    await lab.shows()
    lab.messenger.wait = 40
    lab.clock.advance(seconds=HEARTBEAT.total_seconds())
    assert "55%" in await lab.shows(55)


async def test_when_telegram_asks_to_wait_the_newest_state_wins(lab: Lab) -> None:
    await lab.shows()
    lab.messenger.trouble = NotYet("flood", 60)
    await lab.shows(20)
    lab.clock.advance(seconds=30)
    await lab.shows(30)
    assert lab.messenger.calls == ["send", "pin", "edit"]
    lab.clock.advance(seconds=31)
    assert "40%" in await lab.shows(40)
    assert lab.messenger.calls == ["send", "pin", "edit", "edit"]


async def test_a_network_fault_is_over_at_the_next_call(lab: Lab) -> None:
    await lab.shows()
    lab.messenger.trouble = NotYet("no route")
    assert "10%" in await lab.shows(20)
    assert "20%" in await lab.shows()


async def test_old_data_says_how_old_it_is_at_once(lab: Lab) -> None:
    await lab.shows()
    lab.clock.advance(minutes=2, seconds=1)
    assert "old data</b>: read 2 min ago" in await lab.shows()
    lab.clock.advance(seconds=HEARTBEAT.total_seconds())
    assert "read 7 min ago" in await lab.shows()


@pytest.mark.parametrize("switched", [{"group": None}, {"is_wanted": False}])
async def test_no_group_or_not_wanted_is_no_board(lab: Lab, switched: dict[str, bool | None]) -> None:
    lab.restart(**switched)  # type: ignore[arg-type]
    await lab.service.show()
    assert lab.messenger.calls == []


async def test_a_lost_card_is_unreadable_not_idle(lab: Lab) -> None:
    await lab.shows()
    lab.clock.advance(minutes=1)
    reading = CardReading(CARD, lost=Unread("lost"))
    lab.observed.saw_sample(Sample("host", lab.clock.now(), (reading,)))
    text = await lab.shows()
    assert "unreadable" in text
    assert "last read Wed 25 Nov 20:00" in text
    assert "%" not in text


async def test_nothing_on_it_changes_by_itself(lab: Lab) -> None:
    """Two minutes later, with the same reading and the same bookings, the rows say the same."""
    board = await BoardService(lab.database, lab.clock, lab.observed).board()
    later: Board = replace(board, now=board.now + timedelta(seconds=100))
    voice = VOICES.for_group()
    assert voice.say(live_board(board).rows) == voice.say(live_board(later).rows)
