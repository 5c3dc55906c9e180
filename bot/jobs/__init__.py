"""The timetable: what is looked at how often. Every tick asks what is due and converges; it may run late or twice.

APScheduler of our own rather than python-telegram-bot's JobQueue (which wraps the same library): the jobs know no
Telegram context, the demo can run them on its fast clock, and a tick that was held up is run late instead of dropped
(`misfire_grace_time`, 1 s by default, would lose it).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.jobs.daily import checkup, count_disks
from bot.jobs.digest import digest
from bot.jobs.enforce import enforce
from bot.jobs.housekeeping import housekeeping
from bot.jobs.poll import poll
from bot.jobs.post import post
from bot.jobs.reconcile import reconcile
from bot.jobs.remind import remind
from bot.jobs.show import show
from bot.jobs.tags import tags
from bot.jobs.waiting import waiting
from bot.services.lab import Lab

logger = logging.getLogger("junzi.jobs")

Tick = Callable[[Lab], Awaitable[None]]


@dataclass(frozen=True)
class Job:
    """`every_seconds` on the lab's clock, or in real time: Telegram's limits don't hurry with a fast clock."""

    name: str
    tick: Tick
    every_seconds: float
    in_real_time: bool = False


def timetable(poll_seconds: float) -> tuple[Job, ...]:
    return (
        Job("poll", poll, poll_seconds),
        Job("deliver", deliver, 1),
        Job("tags", tags, 15),
        Job("waiting", waiting, 5),
        Job("remind", remind, 15),
        Job("show", show, 30, in_real_time=True),
        Job("post", post, 20),
        Job("digest", digest, 60),
        Job("enforce", enforce, 15),
        Job("checkup", checkup, 300),
        Job("count_disks", count_disks, 300),
        Job("reconcile", reconcile, 60),
        Job("housekeeping", housekeeping, 3600),
    )


async def deliver(lab: Lab) -> None:
    """Send what the outbox owes."""
    await lab.delivery.deliver()


def schedule(lab: Lab, jobs: tuple[Job, ...], speed: float = 1.0) -> AsyncIOScheduler:
    """A scheduler with these jobs, not started yet. A clock that runs `speed` times as fast ticks as much oftener."""
    scheduler = AsyncIOScheduler(
        timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    )
    for job in jobs:
        seconds = max(job.every_seconds / (1 if job.in_real_time else speed), 0.25)
        scheduler.add_job(_run, "interval", seconds=seconds, args=(job, lab), id=job.name)
    return scheduler


async def _run(job: Job, lab: Lab) -> None:
    """A tick that fails is logged with its cause; the next one tries again. One that is cut short by the end of the
    bot is no trouble: every tick may be lost without harm."""
    try:
        await job.tick(lab)
    except asyncio.CancelledError:
        logger.info("the job %s was cut short: junzi stops", job.name)
    except Exception:
        logger.exception("the job %s failed; it runs again at its next tick", job.name)
