"""Messages about exports, scheduled snapshots and disks."""

from __future__ import annotations

from bot.domain.saying import Bytes, Code, Listing, Saying
from bot.domain.schedule import Schedule
from bot.domain.upkeep import BackedUp, Batch, DiskSeen
from bot.views.assignment import batch

EVERY = {"@hourly": "backup.hourly", "@daily": "backup.daily", "@weekly": "backup.weekly"}


def exporting(name: str, written: int) -> Saying:
    if not written:
        return Saying("backup.packing", {"name": Code(name)})
    return Saying("backup.fetching", {"name": Code(name), "written": Bytes(written)})


def exported(outcome: BackedUp) -> Saying:
    values = {"name": Code(outcome.record.name), "path": Code(outcome.path), "size": Bytes(outcome.size_bytes)}
    return Saying("backup.done", {**values, "back": Code(f"lxc import {outcome.path}")})


def scheduled(outcome: Batch, schedule: Schedule) -> Saying:
    names = Listing(tuple(Code(name) for name in outcome.done), in_a_row=True)
    if not outcome.done:
        return batch(outcome, Saying("mount.done_nowhere"))
    if not schedule.every:
        return batch(outcome, Saying("backup.schedule_off", {"names": names}))
    values = {"names": names, "every": Saying(EVERY[schedule.every]), "kept": _length(schedule.kept)}
    return batch(outcome, Saying("backup.schedule_on", values))


def _length(kept: str) -> Saying:
    unit = {"H": "backup.hours", "d": "backup.days", "w": "backup.weeks"}[kept[-1]]
    return Saying(unit, {"count": int(kept[:-1])})


def disk(seen: DiskSeen) -> Saying:
    lines = tuple(
        Saying("disk.line", {"size": Bytes(folder.size_bytes), "path": Code(folder.path)})
        if folder.path
        else Saying("disk.rest", {"size": Bytes(folder.size_bytes)})
        for folder in seen.use.folders
    )
    values = {
        "home": Code(seen.use.home),
        "total": Bytes(seen.use.total_bytes),
        "limit": Saying("disk.limit", {"limit": seen.limit}) if seen.limit else Saying("common.nothing"),
        "lines": Listing(lines) if lines else Saying("disk.empty"),
        "partly": Saying("common.nothing") if seen.use.whole else Saying("disk.partly"),
    }
    return Saying("disk.view", values)
