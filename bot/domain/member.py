"""A person known to the bot, and what their role lets them do."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

LONGEST_NAME = 32  # characters of a person's name that are shown


class Role(str, Enum):
    STUDENT = "student"
    ADMIN = "admin"


@dataclass(frozen=True)
class Member:
    """`unix_name` is their account in their container; `telegram_id` is None until they opened their claim link.

    Whoever has left (`left_at`) may do nothing any more, and is remembered by name.
    """

    id: int
    unix_name: str
    role: Role
    telegram_id: int | None
    display_name: str
    language: str | None
    left_at: datetime | None = None

    @property
    def has_left(self) -> bool:
        return self.left_at is not None

    @property
    def is_admin(self) -> bool:
        return self.role is Role.ADMIN


def told_apart(name: str, unix_name: str) -> str:
    """ "李四 (lisi)": for a name that somebody else bears too, or that reads like somebody's account."""
    room = LONGEST_NAME - len(unix_name) - len(" ()")
    return f"{name[:room].strip()} ({unix_name})" if room > 0 else unix_name


def are_alike(name: str, member: Member) -> bool:
    """Whether people would take that name for this member's: a warning is read by name."""
    own = member.display_name.removesuffix(f" ({member.unix_name})")
    return _as_read(name) in (_as_read(own), _as_read(member.unix_name))


def _as_read(name: str) -> str:
    """Letters and digits alone, whatever their case and width; of a name without any, all of it."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(letter for letter in folded if letter.isalnum()) or folded.strip()
