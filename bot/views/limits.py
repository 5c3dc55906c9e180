"""Messages about CPU, memory and disk."""

from __future__ import annotations

from bot.domain.saying import Bytes, Code, Saying
from bot.domain.upkeep import Limited


def limits(outcome: Limited, *, changed: bool) -> Saying:
    used = Saying("common.unknown") if outcome.used_bytes is None else Bytes(outcome.used_bytes)
    values = {
        "name": Code(outcome.record.name),
        "cpu": _limit(outcome.limits.cpu),
        "memory": _limit(outcome.limits.memory),
        "disk": _limit(outcome.limits.disk),
        "used": used,
    }
    return Saying("limit.done" if changed else "limit.view", values)


def _limit(value: str) -> object:
    return Code(value) if value else Saying("container.no_limit")
