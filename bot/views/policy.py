"""The limits as a message."""

from __future__ import annotations

from bot.domain.policy import FIELDS, BookingPolicy, Overrides
from bot.domain.saying import Code, Listing, Message, Saying

NOTHING = Saying("common.nothing")
NAMES = {field: name for name, field in FIELDS.items()}


def policy_message(general: BookingPolicy, overrides: Overrides, *, is_admin: bool) -> Message:
    """What binds a student; for admins the exceptions too, and how to change one."""
    values = {
        "longest": general.longest,
        "ahead": general.horizon,
        "cards": _number(general.cards_at_once),
        "hours": _number(general.card_hours),
        "exceptions": _exceptions(overrides) if is_admin else NOTHING,
        "usage": Saying("policy.usage") if is_admin else NOTHING,
    }
    return Message(Saying("policy.policy", values))


def _number(limit: float | None) -> object:
    return Saying("policy.no_limit") if limit is None else limit


def _exceptions(overrides: Overrides) -> Saying:
    lines = tuple(
        Saying("policy.exception", {"scope": _scope(scope), "name": NAMES[field], "value": _value(value)})
        for scope, limits in sorted(overrides.items())
        for field, value in sorted(limits.items())
    )
    return Saying("policy.exceptions", {"lines": Listing(lines)}) if lines else NOTHING


def _scope(scope: str) -> Code:
    """Whose limit it is, as an admin types it after /policy."""
    kind, _, name = scope.partition(":")
    return Code({"all": "all", "role": f"{name}s"}.get(kind, name))


def _value(value: object) -> object:
    return Saying("policy.no_limit") if value is None else value
