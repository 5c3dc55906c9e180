"""Looks at the file without changing it: is it there, whole, and is there room beside it?"""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from bot.domain.health import DatabaseState
from storage import codec
from storage.database import NewerDatabase, refuse_newer


def examine(path: Path) -> DatabaseState:
    """Reads the whole file once (quick_check); a running bot is not held up by it."""
    folder = next(parent for parent in path.absolute().parents if parent.is_dir())
    writable = os.access(path if path.exists() else folder, os.W_OK) and os.access(folder, os.W_OK | os.X_OK)
    free = shutil.disk_usage(folder).free
    if not path.is_file():
        return DatabaseState(False, writable, free)
    size = path.stat().st_size
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=20)) as connection:
            verdict = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0]).replace("\n", " ")
            if verdict != "ok":
                return DatabaseState(True, writable, free, size, verdict)
            refuse_newer(connection)
            (admins,) = connection.execute(
                "SELECT count(*) FROM members WHERE role = 'admin' AND telegram_id IS NOT NULL"
            ).fetchone()
            refused = _fact(connection, "group.topic_refused")
            template = _fact(connection, "template.default")
            rival_at = _fact(connection, "telegram.rival_at")
            ports = frozenset(
                row[0]
                for row in connection.execute(
                    "SELECT ssh_port FROM instances WHERE state <> 'gone' AND ssh_port IS NOT NULL"
                )
            )
    except NewerDatabase:
        return DatabaseState(True, writable, free, size, is_newer=True)
    except sqlite3.Error as error:
        return DatabaseState(True, writable, free, size, str(error))
    return DatabaseState(True, writable, free, size, None, admins, ports, refused, template=template, rival_at=rival_at)


def _fact(connection: sqlite3.Connection, name: str) -> Any:
    row = connection.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
    return row and codec.decode(row[0])
