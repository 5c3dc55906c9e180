"""The people of the made-up lab, as Telegram shows them to a bot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Persona:
    """Somebody the visitor can be."""

    telegram_id: int
    name: str
    username: str | None = None
    language_code: str | None = None
    note: str | None = None
    group_admin: bool = False


@dataclass(frozen=True)
class Hint:
    """Something for a newcomer to try: who says what, in the group or to the bot alone."""

    persona_id: int
    in_group: bool
    text: str
    en: str
    zh: str


def user_json(persona: Persona) -> dict[str, Any]:
    """Return the Bot API's User; a name of two words is a first and a last name."""
    first, _, last = persona.name.strip().partition(" ")
    user: dict[str, Any] = {"id": persona.telegram_id, "is_bot": False, "first_name": first or "?"}
    if last:
        user["last_name"] = last
    if persona.username:
        user["username"] = persona.username
    if persona.language_code:
        user["language_code"] = persona.language_code
    return user
