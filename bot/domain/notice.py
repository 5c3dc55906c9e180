"""A message owed to somebody, kept in the outbox until it is sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from bot.domain.saying import Message


class Audience(str, Enum):
    GROUP = "group"
    MEMBER = "member"


@dataclass(frozen=True)
class Notice:
    """`story`: notices of one story to one audience are one message, edited as the story goes on.

    `expires_at`: after that it is stale and dropped, never sent late. `member_id` is set for Audience.MEMBER only.
    """

    audience: Audience
    message: Message
    expires_at: datetime
    member_id: int | None = None
    story: str | None = None


@dataclass(frozen=True)
class OwedNotice:
    """A notice as the outbox holds it. `message_id` is the message to edit, when its story has been told before."""

    id: int
    notice: Notice
    created_at: datetime
    attempts: int
    chat_id: int | None
    message_id: int | None
