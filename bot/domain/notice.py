"""A message owed to somebody, kept in the outbox until it is sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from bot.domain.saying import Listing, Message, Saying


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

    @property
    def is_a_line(self) -> bool:
        """Nothing but words that nobody comes back to: several of them fit into one message."""
        message = self.notice.message
        return self.notice.story is None and message.silent and not message.buttons and message.rich is None


MOST_LINES = 10


@dataclass(frozen=True)
class Parcel:
    """What one addressee gets as one message: a notice, or several lines that waited together."""

    notices: tuple[OwedNotice, ...]

    @property
    def first(self) -> OwedNotice:
        return self.notices[0]

    @property
    def message(self) -> Message:
        if len(self.notices) == 1:
            return self.first.notice.message
        lines = Listing(tuple(owed.notice.message.saying for owed in self.notices))
        return Message(Saying("public.several", {"lines": lines}), silent=True)


def parcels(line: Sequence[OwedNotice]) -> list[Parcel]:
    """One addressee's notices in their order; lines that follow each other together."""
    found: list[tuple[OwedNotice, ...]] = []
    for owed in line:
        last = found[-1] if found else ()
        if last and owed.is_a_line and last[-1].is_a_line and len(last) < MOST_LINES:
            found[-1] = (*last, owed)
        else:
            found.append((owed,))
    return [Parcel(notices) for notices in found]
