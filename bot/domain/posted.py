"""A message of junzi's own that it comes back to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class PostedBoard:
    """The board in the group: which message it is, what it says (as a digest), and when that was said.

    `topic`: the one that was configured then, wherever in the group the message lies.
    """

    chat_id: int
    message_id: int
    shown: str
    at: datetime
    topic: int | None = None
