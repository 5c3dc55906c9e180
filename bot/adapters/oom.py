"""The kernel's own count of what it killed in a container for want of memory, from the container's cgroup.

`memory.events` (cgroup v2, the whole tree below) and `memory.oom_control` (v1, since Linux 4.13) both have a line
`oom_kill N`, readable by everybody.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from pathlib import Path

FILES = ("lxc.payload.{name}/memory.events", "memory/lxc.payload.{name}/memory.oom_control")
KILLS = re.compile(r"^oom_kill (\d+)$", re.MULTILINE)


class CgroupOomKills:
    """`bot.ports.OomKills`."""

    def __init__(self, root: str | Path = "/sys/fs/cgroup", *, project: str = "default") -> None:
        self._root = Path(root)
        self._prefix = "" if project == "default" else f"{project}_"

    def counts(self, instances: Collection[str]) -> Mapping[str, int]:
        found = {instance: self._count(instance) for instance in instances}
        return {instance: count for instance, count in found.items() if count is not None}

    def _count(self, instance: str) -> int | None:
        for pattern in FILES:
            try:
                text = (self._root / pattern.format(name=self._prefix + instance)).read_text("utf-8")
            except (OSError, UnicodeDecodeError):
                continue
            match = KILLS.search(text)
            if match is not None:
                return int(match[1])
        return None
