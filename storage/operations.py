"""The journal of changes to containers: written before each step, so that the next start knows what was half-done."""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime

from bot.domain.errors import InstanceBusy
from bot.domain.operation import Operation, OperationState
from storage.instants import instant, seconds


def _operation(row: sqlite3.Row) -> Operation:
    return Operation(
        id=row["id"],
        kind=row["kind"],
        server=row["server"],
        name=row["name"],
        begun_at=instant(row["begun_at"]),
        actor=row["actor"],
        origin=row["origin"],
        detail=json.loads(row["detail"]),
        step=row["step"],
        state=OperationState(row["state"]),
    )


class OperationTable:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def begin(self, operation: Operation) -> None:
        """InstanceBusy if another one on that container is not over yet: the second lock."""
        other = self._connection.execute(
            "SELECT kind FROM operations WHERE server = ? AND name = ? AND state IN ('running', 'undoing')",
            (operation.server, operation.name),
        ).fetchone()
        if other is not None:
            raise InstanceBusy(f"{other['kind']} of {operation.name} is not over yet")
        self._connection.execute(
            "INSERT INTO operations (id, kind, server, name, actor, origin, detail, step, state, begun_at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                operation.id,
                operation.kind,
                operation.server,
                operation.name,
                operation.actor,
                operation.origin,
                json.dumps(operation.detail, ensure_ascii=False),
                operation.step,
                operation.state.value,
                seconds(operation.begun_at),
            ),
        )

    def reach(self, operation_id: str, step: str) -> None:
        self._connection.execute("UPDATE operations SET step = ? WHERE id = ?", (step, operation_id))

    def set_state(self, operation_id: str, state: OperationState, now: datetime, why: str = "") -> None:
        """`why` is for whoever reads the file: what made it fail."""
        over = state in (OperationState.DONE, OperationState.UNDONE)
        self._connection.execute(
            "UPDATE operations SET state = ?, why = CASE WHEN ? = '' THEN why ELSE ? END, ended_at = ? WHERE id = ?",
            (state.value, why, why, seconds(now) if over else None, operation_id),
        )

    def unfinished(self) -> list[Operation]:
        """The oldest first."""
        rows = self._connection.execute(
            "SELECT * FROM operations WHERE state IN ('running', 'undoing') ORDER BY begun_at, rowid"
        )
        return [_operation(row) for row in rows]

    def of_origin(self, origin: str) -> Operation | None:
        """What the same message or press led to before: a second delivery must not do it again."""
        row = self._connection.execute(
            "SELECT * FROM operations WHERE origin = ? ORDER BY rowid DESC LIMIT 1", (origin,)
        ).fetchone()
        return None if row is None else _operation(row)
