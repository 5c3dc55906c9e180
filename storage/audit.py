"""Who did what, when, through which message. Nothing is ever deleted from it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from datetime import datetime

from storage.instants import seconds


class AuditTable:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def record(
        self,
        action: str,
        subject: str,
        now: datetime,
        *,
        actor: int | None = None,
        origin: str | None = None,
        detail: Mapping[str, object] | None = None,
    ) -> None:
        """`actor` is a member's id, None for junzi itself. `detail` holds plain JSON values, never a secret."""
        self._connection.execute(
            "INSERT INTO audit (at, actor, action, subject, detail, origin) VALUES (?, ?, ?, ?, ?, ?)",
            (seconds(now), actor, action, subject, json.dumps(detail or {}, ensure_ascii=False), origin),
        )
