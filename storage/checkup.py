"""Looks at the file without changing it: is it there, whole, and is there room beside it?"""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from bot.domain.health import DatabaseState
from storage import codec


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
            verdict = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
            if verdict != "ok":
                return DatabaseState(True, writable, free, size, verdict)
            (admins,) = connection.execute(
                "SELECT count(*) FROM members WHERE role = 'admin' AND telegram_id IS NOT NULL"
            ).fetchone()
            refused = connection.execute("SELECT value FROM facts WHERE name = 'group.topic_refused'").fetchone()
            ports = frozenset(
                row[0]
                for row in connection.execute(
                    "SELECT ssh_port FROM instances WHERE state <> 'gone' AND ssh_port IS NOT NULL"
                )
            )
    except sqlite3.Error as error:
        return DatabaseState(True, writable, free, size, str(error))
    return DatabaseState(True, writable, free, size, None, admins, ports, refused and codec.decode(refused[0]))
