"""A person known to the bot, and what their role lets them do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Role(str, Enum):
    STUDENT = "student"
    ADMIN = "admin"


@dataclass(frozen=True)
class Member:
    """`unix_name` is their account in their container; `telegram_id` is None until they opened their claim link."""

    id: int
    unix_name: str
    role: Role
    telegram_id: int | None
    display_name: str
    language: str | None

    @property
    def is_admin(self) -> bool:
        return self.role is Role.ADMIN
