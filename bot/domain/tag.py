"""The holder's name carries the promise: a member tag in the group, at most 16 characters and without emoji.

Source: Bot API 9.5, setChatMemberTag. A tag that a person set is theirs: it is kept, and given back afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

LONGEST = 16


@dataclass(frozen=True)
class TagState:
    """What the bot did to one member's tag: what stood there before, and what it set."""

    before: str
    ours: str


@dataclass(frozen=True)
class TagStep:
    """What to do now: set `tag` (empty takes it away), and remember `state` (None: nothing is ours any more)."""

    tag: str | None
    state: TagState | None


def tag_text(indices: Sequence[int], until: str) -> str:
    """ "gpu0 周五18:00", "gpu0,2 周五18:00"; where that is too long, the number of cards ("4x 周五18:00")."""
    named = f"gpu{','.join(str(index) for index in sorted(indices))} {until}"
    return named if len(named) <= LONGEST else f"{len(indices)}x {until}"[:LONGEST]


def next_step(wanted: str, present: str, state: TagState | None) -> TagStep:
    """From what is wanted ("" = no promise), what stands there, and what the bot remembers."""
    if state is not None and present != state.ours:
        return TagStep(None, None)  # a person changed it meanwhile: it is theirs
    if wanted:
        if present == wanted:
            return TagStep(None, state)
        return TagStep(wanted, TagState(present if state is None else state.before, wanted))
    return TagStep(None, None) if state is None else TagStep(state.before, None)
