"""A container's snapshots: their names, and what going back to one costs."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone

from bot.domain.instance import Snapshot

# LXD takes more; what is short and plain fits on a button together with the container's name.
SNAPSHOT_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,22}[A-Za-z0-9])?")

# How many a member may keep: each holds on to every block that was changed since.
MOST_SNAPSHOTS = 20

BEFORE_ALL = datetime(1970, 1, 1, tzinfo=timezone.utc)


@dataclass(frozen=True)
class WayBack:
    """What going back to a snapshot does to the others.

    `lost`: newer snapshots that have to go first. `keeps_now`: whether a snapshot of now can be kept.
    """

    to: Snapshot
    lost: tuple[Snapshot, ...] = ()
    keeps_now: bool = True


def snapshot_name_fault(name: str) -> str | None:
    """Why `name` can't be a snapshot's ("too_long", "bad_characters"); None if it can."""
    if len(name) > 24:
        return "too_long"
    return None if SNAPSHOT_NAME.fullmatch(name) else "bad_characters"


def free_name(wanted: str, taken: Collection[str]) -> str:
    """ "before-restore", and if that is taken "before-restore-2", and so on."""
    numbered = (f"{wanted}-{number}" for number in range(2, len(taken) + 3))
    return wanted if wanted not in taken else next(name for name in numbered if name not in taken)


def way_back(snapshots: Sequence[Snapshot], name: str, pool_driver: str) -> WayBack | None:
    """None if there is no such snapshot.

    ZFS rolls back to the newest snapshot only: newer ones must go, so neither can one of now be kept (LXD: "cannot be
    restored due to subsequent snapshot(s)"). The other pools copy, and lose nothing.
    """
    to = next((snapshot for snapshot in snapshots if snapshot.name == name), None)
    if to is None:
        return None
    if pool_driver != "zfs":
        return WayBack(to)
    newer = sorted((s for s in snapshots if _age(s) > _age(to)), key=_age)
    return WayBack(to, tuple(newer), keeps_now=False)


def _age(snapshot: Snapshot) -> datetime:
    return snapshot.created_at or BEFORE_ALL
