"""What the folding of a row of tokens gathers as it goes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.grammar.atoms import CardWish, Memory, Token
from bot.domain.grammar.errors import PhraseError


@dataclass
class Folded:
    """What a row of tokens comes to. `used` had a meaning in it; `rough`: the start's hour was filled in, not said."""

    cards: CardWish | None = None
    memory: Memory | None = None
    duration: timedelta | None = None
    start: datetime | None = None
    end: datetime | None = None
    rough: bool = False
    ago: timedelta | None = None
    errors: list[PhraseError] = field(default_factory=list)
    used: list[Token] = field(default_factory=list)
    length_token: Token | None = None
