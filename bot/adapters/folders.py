"""Folders of this machine, when LXD runs on it: looked at on threads, with a time limit."""

from __future__ import annotations

import asyncio
import os
import shutil
import stat
import time
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path

MOST_READ = 2000


def is_folder(path: str) -> bool | None:
    """None if a folder above it is closed to us, as a home is to the service's user since Ubuntu 21.04."""
    try:
        return stat.S_ISDIR(Path(path).stat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return None


class LocalFolders:
    def here(self) -> Callable[[str], bool | None] | None:
        return is_folder

    async def is_folder(self, path: str) -> bool | None:
        return await asyncio.to_thread(is_folder, path)

    async def real(self, path: str) -> str:
        return await asyncio.to_thread(os.path.realpath, path)

    async def size(self, path: str, timeout_seconds: float) -> int | None:
        return await asyncio.to_thread(_size, path, time.monotonic() + timeout_seconds)

    async def names(self, path: str, most: int) -> Sequence[str] | None:
        try:
            return await asyncio.to_thread(_names, path, most)
        except OSError:
            return None

    async def free_bytes(self, path: str) -> int | None:
        try:
            return await asyncio.to_thread(_room, path)
        except OSError:
            return None


class DistantFolders:
    """LXD is another machine's: nothing of it can be seen."""

    def here(self) -> Callable[[str], bool | None] | None:
        return None

    async def is_folder(self, path: str) -> bool | None:  # noqa: ARG002
        return None

    async def real(self, path: str) -> str:
        return path

    async def size(self, path: str, timeout_seconds: float) -> int | None:  # noqa: ARG002
        return None

    async def names(self, path: str, most: int) -> Sequence[str] | None:  # noqa: ARG002
        return None

    async def free_bytes(self, path: str) -> int | None:
        return await LocalFolders().free_bytes(path)  # what is fetched is written here


def _names(path: str, most: int) -> list[str]:
    """A folder of a million pictures is not read to its end."""
    with os.scandir(path) as entries:
        found = [entry.name for entry in islice(entries, MOST_READ) if not entry.name.startswith(".")]
    return sorted(found, key=str.casefold)[:most]


def _room(path: str) -> int | None:
    """systemd's ProtectSystem makes folders read-only that look writable: it is asked for, not read from the mode."""
    may_write = os.access(path, os.W_OK | os.X_OK, effective_ids=True)
    return shutil.disk_usage(path).free if may_write else None


def _size(path: str, deadline: float) -> int | None:
    """As `du -x`: blocks, hard links once, no other file systems. What can't be read makes it unknown."""
    try:
        device = Path(path).stat().st_dev
        folders, seen, total = [path], set(), 0
        while folders:
            if time.monotonic() > deadline:
                return None
            with os.scandir(folders.pop()) as entries:
                for entry in entries:
                    found = entry.stat(follow_symlinks=False)
                    if found.st_dev != device or (found.st_nlink > 1 and found.st_ino in seen):
                        continue
                    seen.add(found.st_ino) if found.st_nlink > 1 else None
                    total += found.st_blocks * 512
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
    except OSError:
        return None
    return total
