"""Where something was asked, so that the answer comes there."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Asked:
    """`message_id`: what is answered; None for a command or a press that only the bot saw.

    `topic`: of a forum group, by the number of the message that began it; None for General, and where there are none.
    """

    message_id: int | None = None
    topic: int | None = None
