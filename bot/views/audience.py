"""Which outcome is which: what everybody in the group must know, and what concerns the asker alone.

By the key of what is said; the longest row that fits counts. A test reads this table aloud, and fails for an outcome
that has no row.
"""

from __future__ import annotations

from enum import Enum

from bot.domain.saying import Message


class Audience(Enum):
    PUBLIC = "public"
    PERSONAL = "personal"


TABLE = {
    # A promise made, changed or given back.
    "booking.booked": Audience.PUBLIC,
    "booking.booked_later": Audience.PUBLIC,
    "booking.released": Audience.PUBLIC,
    "booking.extended": Audience.PUBLIC,
    "booking.extended_partly": Audience.PUBLIC,
    "booking.moved": Audience.PUBLIC,
    "booking.undone_": Audience.PUBLIC,
    "administration.booked_for": Audience.PUBLIC,
    "administration.revoked": Audience.PUBLIC,
    # Maintenance.
    "administration.blocked": Audience.PUBLIC,
    "administration.unblocked": Audience.PUBLIC,
    # A promise broken and mended.
    "warning.": Audience.PUBLIC,
    "board.": Audience.PERSONAL,  # on demand; the pinned one and the scheduled posts are not answers to anybody
    "booking.": Audience.PERSONAL,
    "refused.": Audience.PERSONAL,
    "dialogue.": Audience.PERSONAL,
    "announcement.": Audience.PERSONAL,
    "looks.": Audience.PERSONAL,
    "policy.": Audience.PERSONAL,
    "phrase.": Audience.PERSONAL,
    "access.": Audience.PERSONAL,
    "administration.": Audience.PERSONAL,
    "start.": Audience.PERSONAL,
    "help.": Audience.PERSONAL,
    "claim.": Audience.PERSONAL,
    "container.": Audience.PERSONAL,
    "fault.": Audience.PERSONAL,
    "adduser.": Audience.PERSONAL,
    "invite.": Audience.PERSONAL,
    "waiting.": Audience.PERSONAL,
    "reminder.": Audience.PERSONAL,
    "calendar.": Audience.PERSONAL,
}


def audience_of(message: Message) -> Audience:
    """KeyError for an outcome without a row."""
    key = message.saying.key
    fitting = [row for row in TABLE if key.startswith(row)]
    if not fitting:
        raise KeyError(f"{key} has no row in the table of who is to see it")
    return TABLE[max(fitting, key=len)]
