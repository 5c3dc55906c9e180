"""How long a table of new users takes on a private real LXD, in turn and side by side.

    python -m tests.benchmarks.bench_batch [PEOPLE]        (root; see tests/real/lxd_lab.py)

From the press to the last SSH banner, through the journal and the registry. Budget: side by side at least twice as
fast as in turn, on two cores.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from datetime import datetime, timezone
from pathlib import Path

from bot.adapters.lxd import LxdInstances
from bot.domain.batch import BatchState, Planned
from bot.domain.member import Role
from bot.services import batches
from storage.database import Database
from tests.real.lifecycle_worker import services
from tests.real.lxd_lab import Lab, borrowed_lab, free_port, why_not


async def once(lab: Lab, people: int, at_once: int) -> float:
    """Seconds for that many people, so many at a time."""
    batches.AT_ONCE = at_once
    with tempfile.TemporaryDirectory() as folder:
        database = Database(Path(folder) / "junzi.db")
        now = datetime.now(timezone.utc)
        boss = database.write_now(lambda books: books.members.add("boss", Role.ADMIN, now, telegram_id=1))
        lxd = LxdInstances(lab.socket)
        junzi = services(lxd, database, free_port())
        table = "name\n" + "".join(f"s{number}\n" for number in range(people))
        plan = await junzi.batches.plan(boss, table.encode())
        if not isinstance(plan, Planned):
            raise SystemExit(f"the table is refused: {plan}")
        started = time.perf_counter()
        state = await junzi.batches.run(boss, plan.token, _unseen, "update:1")
        seconds = time.perf_counter() - started
        if state is None or state.failed:
            raise SystemExit(f"not all were made: {state}")
        await lxd.close()
        database.close()
    lab.clear()
    return seconds


async def _unseen(_state: BatchState) -> None:
    return None


def main() -> None:
    if (reason := why_not()) is not None:
        raise SystemExit(reason)
    people = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    with borrowed_lab() as lab:
        in_turn = asyncio.run(once(lab, people, 1))
        print(f"{people} people in turn: {in_turn:.1f} s")
        for at_once in (2, 4, 8):
            seconds = asyncio.run(once(lab, people, at_once))
            print(f"{people} people, {at_once} at a time: {seconds:.1f} s, {in_turn / seconds:.2f} times as fast")


if __name__ == "__main__":
    main()
