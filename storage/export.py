"""What a lab may want to keep or count elsewhere, as plain rows. No secret is in them: no claims, no passwords."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from storage.database import BUSY_TIMEOUT_SECONDS, transaction
from storage.instants import instant

# Each row says which of these it is ("record"). Columns are named, so that nothing is exported by accident one day.
TABLES = {
    "member": "SELECT id, unix_name, role, telegram_id, display_name, language, created_at, left_at FROM members "
    "ORDER BY id",
    "instance": "SELECT id, server, name, member_id, ssh_port, template, state, created_at, account FROM instances "
    "ORDER BY id",
    "archive": "SELECT id, server, name, original, member_id, ssh_port, template, account, archived_at, keep_until, "
    "state FROM archives ORDER BY id",
    "reservation": "SELECT id, booking, host, uuid, member_id, start_at, end_at, memory_bytes, note, kind, state, "
    "created_at FROM reservations ORDER BY id",
    "audit": "SELECT id, at, actor, action, subject, detail FROM audit ORDER BY id",
}


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """One consistent snapshot of the file, row by row, times as ISO 8601 in UTC. FileNotFoundError without a file."""
    if not path.is_file():
        raise FileNotFoundError(path)
    uri = f"{path.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(uri, uri=True, timeout=BUSY_TIMEOUT_SECONDS, isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row
        with transaction(connection, "DEFERRED"):
            for name, query in TABLES.items():
                yield from ({"record": name, **_plain(row)} for row in connection.execute(query))


def _plain(row: sqlite3.Row) -> dict[str, Any]:
    return {name: _value(name, row[name]) for name in row.keys()}  # noqa: SIM118 - a Row iterates over its values


def _value(name: str, value: Any) -> Any:
    if name == "at" or name.endswith(("_at", "_until")):
        return None if value is None else instant(value).isoformat()
    return json.loads(value) if name == "detail" else value
