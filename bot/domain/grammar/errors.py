"""What can be wrong with a phrase: the keys, and the values that come with each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

# Every way in which a phrase can be wrong, and the values that come with it. The catalogues have a sentence for each.
ERRORS: Mapping[str, tuple[str, ...]] = {
    "phrase.not_understood": ("text",),
    "phrase.no_unit": ("text",),
    "phrase.unknown_unit": ("text",),
    "phrase.bad_duration": ("text",),
    "phrase.duration_too_long": ("text",),
    "phrase.vague_duration": ("text",),
    "phrase.two_durations": ("first", "second"),
    "phrase.bad_cards": ("text",),
    "phrase.cards_contradict": ("text",),
    "phrase.bad_memory": ("text",),
    "phrase.bad_time": ("text",),
    "phrase.two_times": ("first", "second"),
    "phrase.in_the_past": ("time",),
    "phrase.end_before_start": ("start", "end"),
    "phrase.end_contradicts_duration": ("end", "duration"),
}


@dataclass(frozen=True)
class PhraseError:
    """Why a phrase can't be used: a key of `ERRORS` and its values (what was typed, datetimes, timedeltas)."""

    key: str
    values: Mapping[str, object] = field(default_factory=dict)
