"""`junzi backup` and `junzi export`: the database, copied whole or told as JSON lines."""

from __future__ import annotations

import json
import sqlite3
import sys
from pathlib import Path

from bot.terminal import voice_here
from storage.backup import back_up
from storage.export import rows


def backup(source: Path, target: Path, *, force: bool) -> int:
    """0 when the copy is whole and on the disk; 1 with the reason otherwise."""
    if target.exists() and not force:
        return _failed("exists", file=target)
    try:
        size = back_up(source, target)
    except FileNotFoundError as error:
        if error.filename is not None:
            return _failed("no_folder", file=target)
        return _no_database(source)
    except (OSError, sqlite3.Error) as error:
        return _failed("failed", file=target, words=str(error))
    print(voice_here().plain("copies.done", file=target, size=f"{size:,}"))
    return 0


def export(source: Path) -> int:
    """One object a line, on standard output."""
    try:
        for row in rows(source):
            print(json.dumps(row, ensure_ascii=False))
    except FileNotFoundError:
        return _no_database(source)
    except sqlite3.Error as error:
        return _failed("unreadable", path=source, words=str(error))
    return 0


def _no_database(path: Path) -> int:
    return _failed("no_database", path=path)


def _failed(key: str, **values: object) -> int:
    print(f"junzi: {voice_here().plain(f'copies.{key}', **values)}", file=sys.stderr)
    return 1
