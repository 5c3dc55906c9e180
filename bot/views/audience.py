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
    # A promise made, changed or given back; "public.": the one line of it, where the whole is one person's to read.
    "public.": Audience.PUBLIC,
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
    # The notice board and what is posted on it.
    "live.": Audience.PUBLIC,
    "digest.": Audience.PUBLIC,
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
    "card.": Audience.PERSONAL,
    "ics.": Audience.PERSONAL,
    "offer.": Audience.PERSONAL,
    "option.": Audience.PERSONAL,
    "outage.": Audience.PERSONAL,
    "runs.": Audience.PERSONAL,
    "sick.": Audience.PERSONAL,
    "topic.": Audience.PERSONAL,
    "forum.": Audience.PERSONAL,
    # Containers, one's own and everybody's: private matters.
    "adopt.": Audience.PERSONAL,
    "archive.": Audience.PERSONAL,
    "assign.": Audience.PERSONAL,
    "batch.": Audience.PERSONAL,
    "deluser.": Audience.PERSONAL,
    "doctor_chat.": Audience.PERSONAL,
    "inventory.": Audience.PERSONAL,
    "limit.": Audience.PERSONAL,
    "mount.": Audience.PERSONAL,
    "operation.": Audience.PERSONAL,
    "port.": Audience.PERSONAL,
    "power.": Audience.PERSONAL,
    "snapshot.": Audience.PERSONAL,
    "sshkey.": Audience.PERSONAL,
    "upkeep.": Audience.PERSONAL,
    "backup.": Audience.PERSONAL,
    "disk.": Audience.PERSONAL,
    "noticed.": Audience.PERSONAL,
    "template.": Audience.PERSONAL,
}


def row_of(key: str) -> str | None:
    """The longest row that fits; None for an outcome without a row (a test finds it)."""
    return max((row for row in TABLE if key.startswith(row)), key=len, default=None)


def audience_of(message: Message) -> Audience:
    """What has no row is nobody's business but the asker's."""
    row = row_of(message.saying.key)
    return Audience.PERSONAL if row is None else TABLE[row]
