"""Who did what, when, through which message. Nothing is ever deleted from it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from datetime import datetime

from bot.books import Change
from bot.domain.card import CardId
from bot.domain.outcome import UNDOABLE
from bot.domain.window import Window
from storage.instants import seconds

CHANGES = (*UNDOABLE, "undo")  # of the ledger, by its members and admins


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

    def last_id(self) -> int:
        """0 if nothing is written yet."""
        return int(self._connection.execute("SELECT COALESCE(MAX(id), 0) FROM audit").fetchone()[0])

    def subjects_since(self, entry_id: int) -> list[str]:
        """What was acted on after that entry, each once."""
        rows = self._connection.execute("SELECT DISTINCT subject FROM audit WHERE id > ?", (entry_id,))
        return [row["subject"] for row in rows]

    def last_change(self, actor: int) -> Change | None:
        """What this member did to the ledger last, if that was not taking something back."""
        row = self._connection.execute(
            f"""
            SELECT action, subject, detail FROM audit
            WHERE actor = ? AND subject LIKE 'booking:%' AND action IN ({", ".join("?" for _ in CHANGES)})
            ORDER BY id DESC LIMIT 1
            """,  # noqa: S608 - only marks are put in
            (actor, *CHANGES),
        ).fetchone()
        if row is None or row["action"] == "undo":
            return None
        parts = json.loads(row["detail"]).get("before", ())
        before = tuple(
            (part["id"], Window(datetime.fromisoformat(part["start"]), datetime.fromisoformat(part["end"])))
            for part in parts
        )
        cards = {part["id"]: CardId(part["host"], part["uuid"]) for part in parts if "host" in part}
        return Change(row["action"], int(row["subject"].removeprefix("booking:")), before, cards)
