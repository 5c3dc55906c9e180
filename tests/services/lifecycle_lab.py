"""A lab for tests of what happens to containers: a made-up LXD, a real SQLite file, services that can be killed.

`Lab.killed_at` is kill -9 as far as one process can tell: the work stops dead at that call, nothing is tidied up, and
new services on the same file and the same LXD take over.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from bot.books import Books
from bot.demo.lxd import MadeUpInstances
from bot.domain.card import Card, CardId
from bot.domain.container import InstanceRecord, InstanceState
from bot.domain.instance import Dataset, all_cards_device, proxy_to_ssh
from bot.domain.member import Member, Role
from bot.domain.provisioning import HostKey
from bot.domain.reservation import Request
from bot.domain.window import Window
from bot.ports import Clock
from bot.services.adopting import AdoptionService
from bot.services.archives import ArchiveService
from bot.services.at_work import AtWork
from bot.services.batches import BatchService
from bot.services.deletion import DeletionService
from bot.services.inventory import InventoryService
from bot.services.leaving import OnFreed
from bot.services.lifecycle import Lifecycle
from bot.services.new_users import HostFacts, HostTools, NewUserService
from bot.services.noticing import NoticingService
from bot.services.operations import OperationService
from bot.services.returning import ReturnService
from storage.database import Database
from tests.conftest import FakeClock

GIB = 1 << 30
CARDS = tuple(
    Card(CardId("lab", f"GPU-{n}"), n, "A100", 80 * GIB, f"0000:{bus}:00.0")
    for n, bus in enumerate(("17", "31", "b1", "ca"))
)
DATASETS = Dataset("/srv/datasets", "/mnt/datasets")


class Killed(BaseException):
    """No `except Exception` catches it, as nothing catches SIGKILL."""


class Dying:
    """The port `Instances`, until the call at which the process dies; `after`: LXD does it all the same."""

    def __init__(self, lxd: MadeUpInstances) -> None:
        self._lxd = lxd
        self.call = ""
        self.skip = 0
        self.after = False

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._lxd, name)
        if name != self.call:
            return method

        async def dying(*arguments: Any, **named: Any) -> Any:
            if self.skip:
                self.skip -= 1
                return await method(*arguments, **named)
            if self.after:
                await method(*arguments, **named)
            raise Killed(name)

        return dying


class Services:
    """The use cases of one process, as `bot.app` builds them."""

    def __init__(
        self, store: Database, clock: Clock, lxd: Any, host: HostFacts, tools: HostTools, on_freed: OnFreed
    ) -> None:
        self.at_work = AtWork()
        life = Lifecycle(store, clock, lxd, host, tools, self.at_work, on_freed)
        self.new_users = NewUserService(store, clock, lxd, host, tools, self.at_work)
        self.batches = BatchService(store, clock, lxd, host, tools, self.new_users)
        self.adopting = AdoptionService(life)
        self.archives = ArchiveService(life, timedelta(days=90))
        self.returning = ReturnService(life)
        self.deletion = DeletionService(life)
        self.inventory = InventoryService(life)
        self.noticing = NoticingService(life, self.inventory)
        settles = {
            "adduser": self.new_users.settle,
            "adopt": self.adopting.settle,
            "archive": self.archives.settle,
            "restoreuser": self.returning.settle,
            "deluser": self.deletion.settle,
        }
        self.operations = OperationService(store, clock, self.at_work, settles)


class Lab:
    """One LXD and one file; `start` is a new process of junzi on them."""

    def __init__(self, database: Database, clock: FakeClock) -> None:
        self.store = database
        self.clock = clock
        self.lxd = MadeUpInstances()
        self.in_use: set[int] = set()
        self.freed = 0
        self.admin = self.write(self._found)
        self.start()

    def _found(self, books: Books) -> Member:
        books.cards.see(CARDS, self.clock.now())
        admin = books.members.add("boss", Role.ADMIN, self.clock.now(), telegram_id=1, display_name="Boss")
        return books.members.get(admin.id) or admin

    def start(self) -> None:
        """Services as `bot.app` builds them."""
        self.dying = Dying(self.lxd)
        tools = HostTools(_host_keys, self._wait_for_ssh, self._is_bindable)
        host = HostFacts("lab", range(10001, 10010), "template", (DATASETS,))
        services = Services(self.store, self.clock, self.dying, host, tools, self._on_freed)
        self.at_work = services.at_work
        self.new_users, self.adopting, self.archives = services.new_users, services.adopting, services.archives
        self.returning, self.deletion, self.inventory = services.returning, services.deletion, services.inventory
        self.operations, self.noticing = services.operations, services.noticing

    def _on_freed(self, _books: Books, _now: object) -> None:
        self.freed += 1

    async def _wait_for_ssh(self, port: int) -> bool:
        return await self.lxd.wait_for_ssh(port)

    async def _is_bindable(self, port: int) -> bool:
        return port not in self.in_use

    def write(self, work: Callable[[Any], Any]) -> Any:
        return self.store.write_now(work)

    def plant(self, name: str, port: int, *, running: bool = True, telegram_id: int | None = None) -> Member:
        """A member with a container, as /adduser would have left them."""
        devices = {"ssh": proxy_to_ssh(port), "gpu": all_cards_device()}
        self.lxd.plant(name, devices=devices, config={"user.junzi.member": name}, running=running)

        def remember(books: Books) -> Member:
            now = self.clock.now()
            member = books.members.add(name, Role.STUDENT, now, telegram_id=telegram_id)
            ready = InstanceState.READY
            books.instances.add(InstanceRecord("local", name, member.id, port, "template", ready, "planted", now))
            return member

        member: Member = self.write(remember)
        return member

    def book(self, member: Member, hours: int = 4, card: Card = CARDS[0]) -> None:
        now = self.clock.now()
        window = Window(now - timedelta(hours=1), now + timedelta(hours=hours))
        self.write(lambda books: books.ledger.add(Request(member, (card,), window, None, ""), now, origin=None))

    async def killed_at(self, call: str, work: Callable[[], Awaitable[Any]], *, skip: int = 0, after: bool) -> None:
        """Do this until that call of LXD, die there, and start anew."""
        self.dying.call, self.dying.skip, self.dying.after = call, skip, after
        try:
            await work()
        except Killed:
            self.start()
        else:
            raise AssertionError(f"{call} was not reached")

    def told(self, member: Member | None = None) -> list[str]:
        """The keys of what is owed to somebody (the admin)."""
        who = (member or self.admin).id
        due = self.write(lambda books: books.outbox.due(self.clock.now()))
        return [owed.notice.message.saying.key for owed in due if owed.notice.member_id == who]

    def names(self) -> list[str]:
        return sorted(set(self.lxd._containers))


async def _host_keys() -> list[HostKey]:

    return [HostKey("ssh_host_ed25519_key", b"private", b"ssh-ed25519 AAAA\n")]


async def quiet(_step: object) -> None:
    return None
