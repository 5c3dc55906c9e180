"""What is done once a day at its time; late if junzi was off, but not by the time it would be no use any more."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from bot.jobs.due import is_due
from bot.services.lab import Lab


@dataclass(frozen=True)
class Daily:
    """A tick that asks whether it is time. `cron`: in the lab's zone. `fact`: under which it is noted."""

    cron: str
    latest: timedelta
    fact: str
    work: Callable[[Lab], Awaitable[object]]

    async def __call__(self, lab: Lab) -> None:
        now = lab.clock.now()
        if await lab.store.write(lambda books: is_due(books, self.fact, self.cron, lab.zone, now, self.latest)):
            await self.work(lab)


async def _tell_changes(lab: Lab) -> None:
    await lab.configuration.health.tell_changes()


async def _count_disks(lab: Lab) -> None:
    await lab.configuration.disk_counts.count_all()


checkup = Daily("0 8 * * *", timedelta(hours=12), "checkup.considered_until", _tell_changes)
# At night, when `du` is in nobody's way.
count_disks = Daily("30 4 * * *", timedelta(hours=3), "disks.considered_until", _count_disks)
