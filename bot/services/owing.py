"""Who is owed a message, and how long it is worth sending."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.books import Books
from bot.domain.member import Member
from bot.domain.notice import Audience, Notice
from bot.domain.saying import Message

LASTING = timedelta(days=7)
TIMELY = timedelta(hours=1)


def owe_group(
    books: Books, message: Message, now: datetime, *, story: str | None = None, lasts: timedelta = TIMELY
) -> None:
    books.outbox.owe(Notice(Audience.GROUP, message, now + lasts, story=story), now)


def owe_member(
    books: Books,
    member: Member,
    message: Message,
    now: datetime,
    *,
    story: str | None = None,
    lasts: timedelta = TIMELY,
) -> None:
    """Nothing is owed to somebody who never opened their claim link: there is no chat to send it to."""
    if member.telegram_id is not None and not member.has_left:
        books.outbox.owe(Notice(Audience.MEMBER, message, now + lasts, member.id, story), now)


def owe_admins(
    books: Books, message: Message, now: datetime, *, story: str | None = None, lasts: timedelta = LASTING
) -> None:
    for member in books.members.all():
        if member.is_admin:
            owe_member(books, member, message, now, story=story, lasts=lasts)
