"""A change to a container that takes several steps, as it is journaled: what kill -9 leaves can be finished or undone.

begun (RUNNING, step by step) -> DONE
                              -> UNDOING -> UNDONE      when a step failed
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any


class OperationState(str, Enum):
    RUNNING = "running"
    UNDOING = "undoing"
    DONE = "done"
    UNDONE = "undone"


@dataclass(frozen=True)
class Operation:
    """`kind`: adduser, adopt, archive, restoreuser, deluser. `step`: the last one that was begun.

    `detail` holds plain JSON values: all that is needed to finish it or to undo it; never a secret.
    """

    id: str
    kind: str
    server: str
    name: str
    begun_at: datetime
    actor: int | None = None
    origin: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)
    step: str = ""
    state: OperationState = OperationState.RUNNING
