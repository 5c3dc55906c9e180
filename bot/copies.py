"""`junzi backup` and `junzi export`: the database, copied whole or told as JSON lines."""

from __future__ import annotations

import json
import sqlite3
import sys
from pathlib import Path

from storage.backup import back_up
from storage.export import rows


def backup(source: Path, target: Path, *, force: bool) -> int:
    """0 when the copy is whole and on the disk; 1 with the reason otherwise."""
    if target.exists() and not force:
        return _failed(f"{target} exists already; name another file, or add --force to write over it")
    try:
        size = back_up(source, target)
    except FileNotFoundError as error:
        if error.filename is not None:
            return _failed(f"{target} can't be written: its folder does not exist")
        return _no_database(source)
    except (OSError, sqlite3.Error) as error:
        return _failed(f"the copy failed, and {target} is as it was: {error}")
    print(f"{target}: {size:,} bytes, readable by its owner only")
    return 0


def export(source: Path) -> int:
    """One object a line, on standard output."""
    try:
        for row in rows(source):
            print(json.dumps(row, ensure_ascii=False))
    except FileNotFoundError:
        return _no_database(source)
    except sqlite3.Error as error:
        return _failed(f"{source} can't be read: {error}; see junzi doctor")
    return 0


def _no_database(path: Path) -> int:
    return _failed(f"there is no database at {path} yet; storage.path in the configuration says where it lies")


def _failed(words: str) -> int:
    print(f"junzi: {words}", file=sys.stderr)
    return 1
