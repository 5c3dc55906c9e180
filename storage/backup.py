"""A consistent copy of the file, made while the bot goes on writing."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from storage.database import BUSY_TIMEOUT_SECONDS


def back_up(source: Path, target: Path) -> int:
    """The size of the copy. FileNotFoundError without a source, sqlite3.Error if it can't be read or written.

    The copy is one file (no -wal beside it) that only its owner may read. It appears under its name when it is whole
    and on the disk, not before: a power cut leaves the old copy or the new one.
    """
    if not source.is_file():
        raise FileNotFoundError(source)
    unfinished = target.with_name(f"{target.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        _copy(source, unfinished)
        _to_the_disk(unfinished)
        unfinished.replace(target)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    _to_the_disk(target.parent)
    return target.stat().st_size


def _copy(source: Path, target: Path) -> None:
    uri = f"{source.absolute().as_uri()}?mode=ro"
    with (
        closing(sqlite3.connect(uri, uri=True, timeout=BUSY_TIMEOUT_SECONDS)) as reading,
        closing(sqlite3.connect(target)) as writing,
    ):
        # In one step: a copy in many starts over whenever the bot writes.
        reading.backup(writing, pages=-1)
        # The copy says WAL as its source does; as a plain file it can be opened from a read-only place.
        writing.execute("PRAGMA journal_mode = DELETE")


def _to_the_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
