"""A poll's whole way, from the made-up cards to the outbox: who is told what, once, over restarts too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest

from bot.books import Books
from bot.demo.cards import MadeUpCards
from bot.demo.hardware import A100, GIB
from bot.demo.lxd import MadeUpInstances
from bot.demo.simulation import World
from bot.domain.case import Answered
from bot.domain.container import InstanceRecord, InstanceState
from bot.domain.member import Member, Role
from bot.domain.notice import OwedNotice
from bot.domain.policy import BookingPolicy, RunPolicy, WatchPolicy
from bot.domain.reminder import ReminderKind, Told
from bot.domain.reservation import Request
from bot.domain.sample import Sample
from bot.domain.waiting import Wish
from bot.domain.window import Window
from bot.services.answers import AnswerService, NotYours
from bot.services.following import RunFollower
from bot.services.observed import Observed
from bot.services.policies import Policies
from bot.services.reservations import ReservationService
from bot.services.telling import Teller
from bot.services.watch import WatchService
from bot.texts import Voice
from storage.database import Database
from tests.conftest import FakeClock

HOUR = timedelta(hours=1)
NAMES = ("prof", "zhangsan", "lisi")


@dataclass
class Without:
    """Cards of which some are not listed any more."""

    cards: MadeUpCards
    gone: frozenset[int] = frozenset()

    async def sample(self) -> Sample:
        sample = await self.cards.sample()
        return replace(sample, cards=tuple(row for row in sample.cards if row.card.index not in self.gone))

    async def close(self) -> None: ...


class WatchedLab:
    """Two students, an admin, four cards. Nothing is sent: the outbox is read."""

    def __init__(
        self, database: Database, *, policy: WatchPolicy, has_group: bool = True, project: str = "default"
    ) -> None:
        self.clock = FakeClock()
        self.database = database
        self.world = World(self.clock.now, lambda: NAMES, makes=(A100,) * 4, habits=())
        self.cards = Without(MadeUpCards(self.world))
        self.policy, self.has_group, self.project = policy, has_group, project
        self.freed: list[datetime] = []
        self.members = {name: self.database.write_now(partial(self._join, name)) for name in NAMES}
        self.start()

    def start(self) -> None:
        """As at a restart: nothing is remembered but the database."""
        self.observed = observed = Observed()
        teller = Teller(observed, self.policy, self.has_group)
        runs = RunFollower(observed, self.world, RunPolicy(), self.policy, self.project)
        self.watch = WatchService(
            self.database, self.clock, self.cards, MadeUpInstances(clock=self.clock), observed, teller, runs,
            self.nobody_waits, project=self.project,
        )  # fmt: skip

    async def look(self, times: int = 1, every: timedelta = timedelta(seconds=30)) -> None:
        for _ in range(times):
            self.clock.advance(seconds=every.total_seconds())
            await self.watch.poll()

    def book(self, name: str, card: int, hours: float) -> None:
        now = self.clock.now()
        request = Request(self.members[name], (self.world.cards[card],), Window.lasting(now, hours * HOUR))
        self.database.write_now(lambda books: books.cards.see(self.world.cards, now))
        self.database.write_now(lambda books: books.ledger.add(request, now, origin=None))

    def nobody_waits(self, _books: Books, now: datetime) -> None:
        self.freed.append(now)

    def no_promise(self, _books: Books, _request: Request, _now: datetime) -> bool:
        return False

    def owed(self, to: str | None) -> Sequence[OwedNotice]:
        """What is owed to somebody, or to the group, newest state of each message."""
        number = None if to is None else self.members[to].id
        due = self.database.read_now(lambda books: books.outbox.due(self.clock.now(), 1000))
        return [owed for owed in due if owed.notice.member_id == number]

    def keys(self, to: str | None) -> list[str]:
        return [owed.notice.message.saying.key for owed in self.owed(to)]

    def _join(self, name: str, books: Books) -> Member:
        role = Role.ADMIN if name == "prof" else Role.STUDENT
        member = books.members.add(name, role, self.clock.now(), telegram_id=NAMES.index(name) + 1)
        books.instances.add(
            InstanceRecord("local", name, member.id, None, "template", InstanceState.READY, name, self.clock.now())
        )
        return member


@pytest.fixture
def lab(database: Database) -> WatchedLab:
    return WatchedLab(database, policy=WatchPolicy())


async def test_whoever_booked_another_card_is_told_which_and_nobody_else_is(lab: WatchedLab) -> None:
    lab.book("lisi", 0, 9)
    lab.book("zhangsan", 2, 9)
    lab.book("zhangsan", 3, 0.001)  # over by the time that is looked
    lab.world.start_run("lisi", 0, "python a.py", GIB)
    lab.world.start_run("zhangsan", 0, "python b.py", GIB)
    await lab.look(3)
    (warned,) = [owed for owed in lab.owed("zhangsan") if owed.notice.message.saying.key == "warning.private"]
    assert Voice("en", ZoneInfo("UTC")).plain(warned.notice.message.saying.values["own"]).strip() == (
        "You booked gpu2: /mine has the line that uses it."
    )


async def test_a_restart_neither_forgets_a_warning_nor_repeats_it(lab: WatchedLab) -> None:
    lab.book("lisi", 0, 9)
    lab.world.start_run("lisi", 0, "python a.py", GIB)
    pid = lab.world.start_run("zhangsan", 0, "python b.py", GIB)
    await lab.look(3)
    (told,) = lab.owed(None)
    for _ in range(5):
        lab.start()
        await lab.look(3)
    assert [owed.id for owed in lab.owed(None)] == [told.id]
    lab.world.end_run(pid)
    lab.start()
    await lab.look(2)
    assert lab.keys(None) == ["warning.trespass_resolved"]
    assert lab.owed(None)[0].notice.story == told.notice.story


async def test_an_xid_is_told_once_to_the_holder_and_the_admins(lab: WatchedLab) -> None:
    lab.book("lisi", 1, 9)
    await lab.look(2)
    lab.world.xid(1, 31)
    await lab.look(2)
    (holder,), (admin,) = lab.owed("lisi"), lab.owed("prof")
    assert (lab.keys("lisi"), lab.keys("prof")) == (["sick.xid"], ["sick.for_admin"])
    lab.start()
    await lab.look(5)
    lab.world.xid(1, 48)  # a worse one meanwhile: the same message shows it
    await lab.look(1)
    assert lab.owed("lisi")[0].notice.message != holder.notice.message
    await lab.look(21)
    assert (lab.keys("lisi"), lab.keys("prof"), lab.keys("zhangsan")) == (["sick.xid_over"], ["sick.xid_over"], [])
    await lab.look(200)
    now = [one.notice.story for name in ("lisi", "prof") for one in lab.owed(name)]
    assert now == [holder.notice.story, admin.notice.story]


async def test_a_card_that_vanished_is_told_to_its_holder_and_stays_booked(lab: WatchedLab) -> None:
    lab.book("lisi", 1, 9)
    await lab.look(2)
    lab.cards.gone = frozenset({1})
    await lab.look(2)
    assert lab.keys("lisi") == ["sick.lost"]
    assert lab.keys("prof") == ["sick.for_admin"]
    assert lab.keys("zhangsan") == []
    assert len(lab.database.read_now(lambda books: books.ledger.standing(lab.clock.now()))) == 1
    lab.cards.gone = frozenset()
    await lab.look()
    assert lab.keys("lisi") == ["sick.over"]


async def test_the_admins_hear_of_what_was_said_three_times(lab: WatchedLab) -> None:
    lab.book("lisi", 0, 90)
    lab.world.start_run("zhangsan", 0, "python b.py", GIB)
    await lab.look(2)
    await lab.look(61)
    assert "warning.escalated" not in lab.keys("prof")
    await lab.look(121)
    assert lab.keys("prof") == ["warning.escalated"]


async def test_without_a_group_the_holder_hears_it_in_private(database: Database) -> None:
    lab = WatchedLab(database, policy=WatchPolicy(), has_group=False)
    lab.book("lisi", 0, 9)
    lab.world.start_run("zhangsan", 0, "python b.py", GIB)
    await lab.look(2)
    assert lab.keys("lisi") == ["warning.trespass"]
    assert lab.keys("zhangsan") == ["warning.private"]
    assert lab.keys(None) == []


async def test_another_lxd_project_is_nobodys(database: Database) -> None:
    lab = WatchedLab(database, policy=WatchPolicy(), project="lab")
    lab.book("lisi", 0, 9)
    lab.world.start_run("zhangsan", 0, "python b.py", GIB)  # of the project "default"
    await lab.look(4)
    assert lab.keys(None) == []
    lab.cards.cards = MadeUpCards(lab.world, project="lab")
    await lab.look(2)
    assert lab.keys(None) == ["warning.trespass"]


def answer_service(lab: WatchedLab) -> AnswerService:
    observed, policies = Observed(), Policies(BookingPolicy())
    reservations = ReservationService(lab.database, lab.clock, policies, observed, lab.nobody_waits, lab.no_promise)
    teller = Teller(observed, lab.policy, has_group=True)
    return AnswerService(lab.database, lab.clock, reservations, teller, lab.nobody_waits)


RELEASING = WatchPolicy(idle_after=timedelta(minutes=10), release_idle=timedelta(minutes=20))


def wait_for_a_card(lab: WatchedLab, name: str) -> None:
    wish = Wish(HOUR, (lab.world.cards[2].id,))
    lab.database.write_now(lambda books: books.waiting.add(lab.members[name].id, wish, lab.clock.now()))


def held(lab: WatchedLab) -> int:
    return len(lab.database.read_now(lambda books: books.ledger.standing(lab.clock.now())))


async def test_an_idle_booking_goes_to_whoever_waits_where_the_lab_wants_it(database: Database) -> None:
    lab = WatchedLab(database, policy=RELEASING)
    lab.book("lisi", 2, 9)
    await lab.look(25)
    assert lab.keys("lisi") == ["offer.idle"]
    await lab.look(60)
    assert held(lab) == 1, "nobody waits"
    wait_for_a_card(lab, "zhangsan")
    await lab.look()
    assert held(lab) == 0
    assert lab.keys("lisi") == ["offer.idle_left"]
    assert lab.freed


async def test_whoever_keeps_it_keeps_it(database: Database) -> None:
    lab = WatchedLab(database, policy=RELEASING)
    lab.book("lisi", 2, 9)
    wait_for_a_card(lab, "zhangsan")
    await lab.look(25)
    answers = answer_service(lab)
    case = lab.database.read_now(lambda books: books.cases.not_over_since(lab.clock.now()))[0]
    kept = await answers.keep(lab.members["lisi"], case.id or 0)
    assert not isinstance(kept, NotYours)
    await lab.look(60)
    assert held(lab) == 1


async def test_by_default_nothing_is_taken_from_anybody(lab: WatchedLab) -> None:
    lab.book("lisi", 2, 9)
    wait_for_a_card(lab, "zhangsan")
    await lab.look(400, every=timedelta(minutes=1))
    assert held(lab) == 1


async def test_what_a_reminder_said_is_not_said_again(lab: WatchedLab) -> None:
    lab.book("lisi", 0, 0.5)
    lab.world.start_run("lisi", 0, "python a.py", GIB)
    end = lab.clock.now() + timedelta(minutes=30)
    lab.database.write_now(lambda books: books.reminders.tell(Told(ReminderKind.ENDED, 1, end, end)))
    await lab.look(90)
    assert lab.keys("lisi") == []


async def test_what_no_reminder_said_is_said(lab: WatchedLab) -> None:
    lab.book("lisi", 0, 0.5)
    lab.world.start_run("lisi", 0, "python a.py", GIB)
    await lab.look(90)
    assert lab.keys("lisi") == ["offer.overrun"]


async def test_only_whom_it_is_about_may_answer_and_only_while_it_goes_on(lab: WatchedLab) -> None:
    lab.book("lisi", 0, 9)
    pid = lab.world.start_run("zhangsan", 0, "python b.py", GIB)
    await lab.look(2)
    answers, who = answer_service(lab), lab.members
    for member, press in (("zhangsan", answers.allow), ("prof", answers.allow), ("lisi", answers.stopping)):
        refused = await press(who[member], 1)
        assert isinstance(refused, NotYours)
        assert [one.unix_name for one in refused.whose] == ["lisi" if press == answers.allow else "zhangsan"]
    said = await answers.stopping(who["zhangsan"], 1)
    assert not isinstance(said, NotYours)
    assert said.answer is not None
    assert said.answer.what is Answered.STOPPING
    lab.world.end_run(pid)
    await lab.look(2)
    assert await answers.stopping(who["zhangsan"], 1) == NotYours()
    assert await answers.allow(who["lisi"], 1) == NotYours()
    assert await answers.allow(who["lisi"], 99) == NotYours()


async def test_a_bell_does_not_ring_for_what_can_not_be_seen(lab: WatchedLab) -> None:
    await lab.look()
    member, card = lab.members["zhangsan"].id, lab.world.cards[3].id
    lab.database.write_now(lambda books: books.wishes.hang_bell(member, card, lab.clock.now()))
    lab.world.lose_card(3)
    await lab.look(2)
    lab.world.hang()
    await lab.look(2)
    assert "runs.free_now" not in lab.keys("zhangsan")
    lab.world.wake()
    lab.world.restore_card(3)
    await lab.look()
    assert lab.keys("zhangsan") == ["runs.free_now"]


async def test_fine_holds_until_the_end_that_both_read_and_not_longer(lab: WatchedLab) -> None:
    """The holder kept the card two hours longer than they had said that it is fine."""
    lab.book("lisi", 0, 1)
    lab.world.start_run("zhangsan", 0, "python b.py", GIB)
    await lab.look(2)
    assert not isinstance(await answer_service(lab).allow(lab.members["lisi"], 1), NotYours)
    longer = lab.database.read_now(lambda books: books.ledger.get(1))
    assert longer is not None
    window = Window(longer.window.start, longer.window.end + 2 * HOUR)
    lab.database.write_now(lambda books: books.ledger.move(1, window))
    await lab.look(100)
    assert lab.keys(None) == ["warning.trespass_fine"]
    await lab.look(30)
    assert "warning.trespass" in lab.keys(None)
