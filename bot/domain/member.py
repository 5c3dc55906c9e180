"""A person known to the bot, and what their role lets them do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


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
