"""The one grammar of cards, times, amounts and announcements, in English and Chinese.

Commands, buttons and the group's sentences are read here and nowhere else. Nothing reads the clock: `now` (aware)
and the lab's zone come in, and words such as "tomorrow 9:00" are the wall clock's in that zone. `bot.domain.grammar`
has the parts; what is left unsaid is filled in as `bot/domain/grammar/instants.py` says at its top.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from typing import Literal, cast

from bot.domain.grammar.acts import may_be_about_cards, read_act
from bot.domain.grammar.atoms import Broken, CardWish, Integer, Length, Token
from bot.domain.grammar.booking import card_wish, fold, leftovers
from bot.domain.grammar.cards import combined
from bot.domain.grammar.errors import ERRORS, PhraseError
from bot.domain.grammar.folded import Folded
from bot.domain.grammar.scan import scan
from bot.domain.grammar.spelling import one_spelling, split_note

__all__ = [
    "ERRORS",
    "CardWish",
    "Intent",
    "Phrase",
    "PhraseError",
    "read_announcement",
    "read_booking",
    "read_cards",
    "read_duration",
]

Intent = Literal["reserve", "release", "extend", "query", "none"]

# Longer texts are no phrases: Telegram's own limit is 4096 characters, a booking's a fraction of that.
_LONGEST_COMMAND = 500
_LONGEST_ANNOUNCEMENT = 200
# What may be unclear in a sentence of the group and only leaves its field unsaid.
_UNCLEAR = {"phrase.vague_duration", "phrase.two_durations", "phrase.two_times"}
_CORRECTED = re.compile(r"(?:\bsay|make it|make that|actually|no|就|算|改成|不对|还是),? ?$")
# Words of a command that may stand there and change nothing.
_FILLERS = re.compile(
    r"(?:[\s,;。、.!()]|(?<![a-z])(?:for|the|of|please|pls|plz|with|use|using|memory|and|on|my|me|i|need|want|book"
    r"|reserve|a|next|about|around|exactly|starting|now|right now|immediately|thanks|thx)(?![a-z])"
    r"|从现在|现在|马上|立刻|立即|接下来|开始|一共|总共|给我|我要|我想|我|请|用|跑|占|要|订|预约|预订|预定|的|和|一下"
    r"|共|卡|显存|谢谢|吧|哈)+"
)
# Where nobody asked the bot, hardly any: 请用卡0两天 is said to somebody else.
_SPARE = re.compile(
    r"(?:[\s,.;:!我俺哈]|(?<![a-z])(?:for|on|from|at|the|me|please|pls|thanks|thx)(?![a-z])|登记|报备|谢谢)+"
)
_NAMED = re.compile(r"gpu|卡|card")
_ENDING = re.compile(r"还|释放|结束")
_UNIT_GUESS = re.compile(r"[+-]?\d+(?:\.\d+)?\s?[a-z\u4e00-\u9fff]+")
_CARD_NAME = re.compile(r"(?:gpus?|cards?|卡)\W?\d")
_PLUS = re.compile(r"(?<!\w)\+ ?\d")
_WORD = re.compile(r"\S+")


@dataclass(frozen=True)
class Phrase:
    """What was asked for; None where it was left unsaid. `start` and `end` are aware and in the lab's zone.

    `duration` is there if it was said: a window ("22:00-06:00") has a start and an end instead. No start means now.
    `rough_start`: only a day or a part of it was said, and the hour filled in ("tonight").
    `memory_fraction` is for "half of it", where the card decides how many GiB that is.
    """

    intent: Intent = "none"
    cards: CardWish | None = None
    duration: timedelta | None = None
    start: datetime | None = None
    end: datetime | None = None
    memory_gib: float | None = None
    memory_fraction: float | None = None
    note: str | None = None
    rough_start: bool = False


def read_booking(text: str, now: datetime, zone: tzinfo) -> Phrase | PhraseError:
    """The arguments of a command, such as "gpu0 48h # ViT"; every word must be understood."""
    said, note = split_note(text)
    plain = one_spelling(said).replace("\n", " ")
    if len(plain) > _LONGEST_COMMAND:
        return PhraseError("phrase.not_understood", {"text": plain[:40]})
    tokens = scan(plain)
    folded = fold(plain, tokens, now, zone)
    if folded.errors:
        return _sharpest(folded)
    for start, end in leftovers(plain, folded.used):
        if not _is_filler(plain[start:end], _FILLERS):
            return _unread(plain, start, end, tokens)
    return as_phrase("reserve", folded, note)


def _is_filler(gap: str, fillers: re.Pattern[str]) -> bool:
    """Whether what no token covers changes nothing."""
    return not gap.strip() or fillers.fullmatch(gap.strip()) is not None


def as_phrase(intent: Intent, folded: Folded, note: str | None) -> Phrase:
    """A folded row of tokens as the phrase that others see."""
    memory = folded.memory
    return Phrase(
        intent,
        folded.cards,
        folded.duration,
        folded.start,
        folded.end,
        memory.gib if memory else None,
        memory.fraction if memory else None,
        note,
        rough_start=folded.rough and folded.start is not None,
    )


def read_announcement(text: str, now: datetime, zone: tzinfo) -> Phrase:
    """A sentence in the group: what its speaker does to the ledger by saying it; intent "none" when unsure."""
    said, note = split_note(text)
    plain = one_spelling(said)
    if len(plain) > _LONGEST_ANNOUNCEMENT or not may_be_about_cards(plain):
        return Phrase()
    tokens = scan(plain)
    act = read_act(plain, tokens)
    if act.intent == "none":
        phrase = _bare(plain, tokens, now, zone)
        return phrase if phrase.intent == "none" else replace(phrase, note=note)
    folded = fold(plain, list(act.tokens), now, zone, bare_cards=False)
    unusable = [error for error in folded.errors if error.key not in _UNCLEAR]
    if unusable and act.intent != "query":
        return Phrase()
    return as_phrase(cast(Intent, act.intent), _settled(plain, folded, act.intent), note)


def _bare(plain: str, tokens: list[Token], now: datetime, zone: tzinfo) -> Phrase:
    """A message that is nothing but a booking ("gpu0 48h") books: a named card and a length or an end, no more."""
    if any(not _is_filler(plain[start:end], _SPARE) for start, end in leftovers(plain, tokens)):
        return Phrase()
    folded = fold(plain, tokens, now, zone)
    unused = any(not _is_filler(plain[start:end], _SPARE) for start, end in leftovers(plain, folded.used))
    if folded.errors or unused or not (folded.duration or folded.end):
        return Phrase()
    if not (folded.cards and folded.cards.indices and _NAMED.search(plain)) or _ENDING.search(plain):
        return Phrase()
    return as_phrase("extend" if _PLUS.search(plain) else "reserve", folded, None)


def _settled(plain: str, folded: Folded, intent: str) -> Folded:
    """What may be claimed of an unclear sentence: a second length counts only if it corrects the first."""
    keys = {error.key for error in folded.errors}
    token = folded.length_token
    if "phrase.two_durations" in keys and not (token and _CORRECTED.search(plain[: token.start])):
        folded.duration = None
    if "phrase.two_times" in keys:
        folded.start = folded.end = None
    if intent == "release":
        folded.start = folded.end = folded.duration = folded.memory = None
    return folded


def read_duration(text: str) -> timedelta | PhraseError:
    """A length of time alone: "48h", "两天半"."""
    plain = one_spelling(text).replace("\n", " ")
    tokens = scan(plain[:_LONGEST_COMMAND])
    if len(tokens) == 1 and (tokens[0].start, tokens[0].end) == (0, len(plain)):
        atom = tokens[0].atom
        if isinstance(atom, Length):
            return atom.elapsed
        if isinstance(atom, Broken) and atom.key != "phrase.bad_memory":
            return PhraseError(atom.key, {"text": plain})
        if isinstance(atom, Integer):
            return PhraseError("phrase.no_unit", {"text": plain})
    key = "phrase.unknown_unit" if _UNIT_GUESS.fullmatch(plain) else "phrase.bad_duration"
    return PhraseError(key, {"text": plain[:40]})


def read_cards(text: str) -> CardWish | PhraseError:
    """Cards alone: "gpu0,gpu2", "0-3", "any", "2x a100", 两张卡."""
    plain = one_spelling(text).replace("\n", " ")
    tokens = scan(plain[:_LONGEST_COMMAND])
    wishes = [wish for token in tokens if (wish := card_wish(token)) is not None]
    unread = [plain[start:end] for start, end in leftovers(plain, tokens)]
    if wishes and len(wishes) == len(tokens) and all(_FILLERS.fullmatch(gap) for gap in unread):
        wish = combined(wishes)
        return wish or PhraseError("phrase.cards_contradict", {"text": plain[:40]})
    return PhraseError("phrase.bad_cards", {"text": plain[:40]})


def _sharpest(folded: Folded) -> PhraseError:
    """The error to report: what is wrong in a word says more than what two words make of each other."""
    in_a_word = [error for error in folded.errors if "text" in error.values]
    return (in_a_word or folded.errors)[0]


def _unread(plain: str, start: int, end: int, tokens: list[Token]) -> PhraseError:
    """What to say about a stretch that was not understood: the whole word around it, and what it looks like."""
    inside = next((m for m in _WORD.finditer(plain) if m.end() > start and _is_unread(m, start, end)), None)
    word = inside[0] if inside else plain[start:end].strip()
    at, upto = (inside.start(), inside.end()) if inside else (start, end)
    around = [token.atom for token in tokens if token.start < upto and token.end > at]
    if any(isinstance(atom, CardWish) for atom in around) or _CARD_NAME.match(word):
        key = "phrase.bad_cards"
    elif word.isdigit():
        key = "phrase.no_unit"
    else:
        key = "phrase.unknown_unit" if _UNIT_GUESS.fullmatch(word) else "phrase.not_understood"
    return PhraseError(key, {"text": word[:40]})


def _is_unread(word: re.Match[str], start: int, end: int) -> bool:
    """Whether the word overlaps the stretch by more than a filler."""
    part = word.string[max(start, word.start()) : min(end, word.end())]
    return bool(part.strip()) and not _FILLERS.fullmatch(part)
