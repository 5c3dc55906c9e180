"""People as messages name them."""

from __future__ import annotations

from bot.domain.member import Member
from bot.domain.saying import Person, Saying


def name_of(member: Member | None) -> object:
    """Without a link, so nobody's phone rings. None: a member whose row is gone."""
    return Saying("common.somebody") if member is None else Person(member.display_name)
