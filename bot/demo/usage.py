"""Numbers of a made-up container that look alive: they wander, and are the same for the same container and moment."""

from __future__ import annotations

import math
import zlib
from datetime import datetime

from bot.domain.instance import InstanceUsage

GIB = 1024**3


def made_up_usage(name: str, number: int, started_at: datetime | None, now: datetime) -> InstanceUsage:
    """`number` gives it its address. A stopped one has a disk and nothing else."""
    seed = zlib.crc32(name.encode()) % 1000
    disk = int((4 + seed % 60) * GIB + seed * 1_000_003)
    if started_at is None:
        return InstanceUsage(disk_bytes=disk)
    seconds = max((now - started_at).total_seconds(), 0.0)
    mood = 1 + math.sin(seconds / 97 + seed)
    return InstanceUsage(
        addresses=(f"10.77.0.{number % 250 + 2}",),
        memory_bytes=int((0.4 + seed % 5 + mood) * GIB),
        disk_bytes=disk,
    )
