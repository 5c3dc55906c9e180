"""Snapshots that LXD takes and deletes by itself."""

from __future__ import annotations

import re
from dataclasses import dataclass

SCHEDULES = {"hourly": "@hourly", "daily": "@daily", "weekly": "@weekly"}
SCHEDULES |= {"每小时": "@hourly", "每天": "@daily", "每周": "@weekly"}
OFF = frozenset({"off", "none", "关", "关闭"})
KEPT = {"@hourly": "24H", "@daily": "7d", "@weekly": "5w"}
UNITS = {"h": "H", "小时": "H", "d": "d", "天": "d", "w": "w", "周": "w"}
PATTERN = "auto-{{ creation_date|date:'060102-1504' }}"


@dataclass(frozen=True)
class Schedule:
    """`every` in LXD's notation ("@daily", "" = none); `kept` too ("7d")."""

    every: str
    kept: str = ""

    def config(self) -> dict[str, str | None]:
        if not self.every:
            return {"snapshots.schedule": None, "snapshots.expiry": None, "snapshots.pattern": None}
        return {"snapshots.schedule": self.every, "snapshots.expiry": self.kept, "snapshots.pattern": PATTERN}


def read_schedule(words: list[str]) -> Schedule | None:
    """ "daily", "daily 14d", "每天 保留 14天", "off"; None if it is none of these."""
    words = [word for word in words if word.lower() not in ("keep", "保留")]
    if len(words) == 1 and words[0].lower() in OFF:
        return Schedule("")
    every = SCHEDULES.get(words[0].lower()) if words else None
    if every is None or len(words) > 2:
        return None
    if len(words) == 1:
        return Schedule(every, KEPT[every])
    match = re.fullmatch(r"([1-9][0-9]{0,2})(h|小时|d|天|w|周)", words[1].lower())
    return Schedule(every, f"{match[1]}{UNITS[match[2]]}") if match else None
