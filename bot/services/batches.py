"""Many new users at once: a table is checked whole, shown, and on a press made side by side, a few at a time."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import replace

from bot.books import Books, Store
from bot.domain.batch import Batch, BatchFault, BatchRow, BatchState, Planned, read_batch
from bot.domain.container import NotAdded, UserAdded
from bot.domain.errors import InstanceError
from bot.domain.instance import listening_ports
from bot.domain.member import Member
from bot.domain.saying import Saying
from bot.domain.user_options import wish_of
from bot.ports import Clock, Instances
from bot.services.faults import fault
from bot.services.new_users import HostTools, NewUserService
from bot.services.wishes import Decided, HostFacts, decide

AT_ONCE = 4
SECONDS_BETWEEN_EDITS = 1.0


OnChange = Callable[[BatchState], Awaitable[None]]


class BatchService:
    def __init__(
        self,
        store: Store,
        clock: Clock,
        instances: Instances,
        host: HostFacts,
        tools: HostTools,
        new_users: NewUserService,
    ) -> None:
        self._store = store
        self._clock = clock
        self._instances = instances
        self._host = host
        self._tools = tools
        self._new_users = new_users

    async def plan(self, admin: Member, content: bytes) -> Planned | tuple[BatchFault, ...]:
        """Check it whole; nothing is made. The newest table of an admin is the one that counts."""
        batch = read_batch(content)
        if batch.faults:
            return batch.faults
        try:
            present = await self._instances.list()
        except InstanceError as error:
            return (BatchFault(1, fault(error)),)
        names = frozenset(instance.name for instance in present)
        taken = frozenset().union(*(listening_ports(instance.expanded_devices) for instance in present))
        return await self._plan_ports(admin, batch, names, taken)

    async def _plan_ports(
        self, admin: Member, batch: Batch, names: frozenset[str], taken: frozenset[int]
    ) -> Planned | tuple[BatchFault, ...]:
        """The registry knows what junzi gave away; only a bind knows what anybody else on the host took."""
        occupied: set[int] = set()
        while True:
            plan = await self._store.write(lambda books: self._plan(books, admin, batch, names, taken | occupied))
            if not isinstance(plan, Planned):
                return plan
            ports = list(plan.ports.values())
            free = await asyncio.gather(*(self._tools.is_bindable(port) for port in ports))
            if all(free):
                return plan
            occupied.update(port for port, is_free in zip(ports, free, strict=True) if not is_free)

    def _plan(
        self, books: Books, admin: Member, batch: Batch, names: frozenset[str], taken: frozenset[int]
    ) -> Planned | tuple[BatchFault, ...]:
        """Ports that are asked for by number are kept from those who take any."""
        wished = {row.wish.port for row in batch.rows if row.wish.port is not None}
        faults: list[BatchFault] = []
        ports: dict[str, int] = {}
        for row in batch.rows:
            others = wished - {row.wish.port}
            decided = self._decide(books, row, names, taken | others | set(ports.values()))
            if isinstance(decided, Saying):
                faults.append(BatchFault(row.line, decided))
            else:
                ports[row.wish.name] = decided.port
        if faults:
            return tuple(faults)
        token = secrets.token_hex(6)
        # With the ports that are shown: rows that take any must not take one that another row asks for.
        rows = [{**row.cells, "port": str(ports[row.wish.name])} for row in batch.rows]
        kept = {"token": token, "rows": rows}
        books.facts.put(_fact(admin), kept)
        return Planned(token, batch.rows, ports)

    def _decide(self, books: Books, row: BatchRow, names: frozenset[str], taken: frozenset[int]) -> Decided | Saying:
        if row.wish.name in names:
            return Saying("adduser.exists", {"name": row.wish.name})
        return decide(books, self._host, row.wish, names, taken)

    async def run(self, admin: Member, token: str, on_change: OnChange, origin: str) -> BatchState | None:
        """Make them all; what fails is taken back by itself and told. None: this table counts no more."""
        kept = await self._store.read(lambda books: books.facts.get(_fact(admin)))
        if kept is None or kept["token"] != token:
            return None
        rows = [dict(cells) for cells in kept["rows"]]
        work = _Work(BatchState(tuple(cells["name"] for cells in rows)), on_change, self._clock)
        slots = asyncio.Semaphore(AT_ONCE)
        await asyncio.gather(*(self._one(admin, cells, work, slots, origin) for cells in rows))
        await work.close()
        await self._store.write(lambda books: books.facts.put(_fact(admin), None))
        return work.state

    async def _one(
        self, admin: Member, cells: dict[str, str], work: _Work, slots: asyncio.Semaphore, origin: str
    ) -> None:
        name = cells.pop("name")
        async with slots:
            work.begin(name)
            outcome = await self._new_users.add(admin, wish_of(name, cells), _unseen, f"{origin}:{name}")
            work.end(name, outcome)


class _Work:
    """The state of a batch, told to `on_change` without holding up the work, a second apart at least."""

    def __init__(self, state: BatchState, on_change: OnChange, clock: Clock) -> None:
        self.state = state
        self._on_change = on_change
        self._clock = clock
        self._changed = asyncio.Event()
        self._telling = asyncio.create_task(self._tell())

    def begin(self, name: str) -> None:
        self._change(replace(self.state, doing=self.state.doing | {name}))

    def end(self, name: str, outcome: UserAdded | NotAdded) -> None:
        state = replace(self.state, doing=self.state.doing - {name})
        if isinstance(outcome, UserAdded):
            self._change(replace(state, done={**state.done, name: outcome}))
        else:
            self._change(replace(state, failed={**state.failed, name: outcome}))

    def _change(self, state: BatchState) -> None:
        self.state = state
        self._changed.set()

    async def _tell(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            await self._on_change(self.state)
            await self._clock.sleep(SECONDS_BETWEEN_EDITS)

    async def close(self) -> None:
        self._telling.cancel()
        await asyncio.wait([self._telling])


async def _unseen(_step: object) -> None:
    """A batch tells by names, not by steps."""


def _fact(admin: Member) -> str:
    return f"batch.{admin.id}"
