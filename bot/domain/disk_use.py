"""How full a disk is, and what fills a home: the answers of `du`, read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

SHOWN = 10


@dataclass(frozen=True)
class DiskFigure:
    """How much a container has on its disk. `counted_at`: it was counted inside, then; None: LXD says so now."""

    used_bytes: int
    counted_at: datetime | None = None


def of_this_one(count: DiskFigure | None, created_at: datetime | None) -> DiskFigure | None:
    """A count that is older than the container was of another one that had its name."""
    if count is None or count.counted_at is None:
        return None
    return None if created_at is not None and created_at > count.counted_at else count


@dataclass(frozen=True)
class Folder:
    path: str
    size_bytes: int


@dataclass(frozen=True)
class DiskUse:
    """`folders`: the largest right below it, the largest first. `whole` False: some could not be read."""

    home: str
    total_bytes: int
    folders: tuple[Folder, ...]
    whole: bool = True


def du_command(home: str) -> list[str]:
    """One file system only: shared datasets are nobody's own. Null bytes, since a folder may have a line break."""
    return ["du", "-0", "-x", "-d", "1", "--block-size=1", "--", home]


def read_du(home: str, output: str, *, whole: bool) -> DiskUse | None:
    """None if there is no total in it."""
    found: dict[str, int] = {}
    for line in output.split("\0"):
        size, tab, path = line.partition("\t")
        if tab and size.isdecimal():
            found[path] = int(size)
    if home not in found:
        return None
    total = found.pop(home)
    folders = [Folder(path.removeprefix(f"{home}/"), size) for path, size in found.items()]
    rest = total - sum(folder.size_bytes for folder in folders)
    if rest > 0:
        folders.append(Folder("", rest))
    return DiskUse(home, total, tuple(sorted(folders, key=lambda f: -f.size_bytes)[:SHOWN]), whole)
