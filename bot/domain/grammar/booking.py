"""A row of tokens as a booking: which cards, from when, how long or until when, how much memory.

The same folding serves commands, where every word must be understood, and sentences of the group, where it need not.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, tzinfo

from bot.domain.grammar import cards, windows
from bot.domain.grammar.atoms import Broken, CardWish, Integer, Length, Mark, Memory, Moment, Token
from bot.domain.grammar.errors import PhraseError
from bot.domain.grammar.folded import Folded


def fold(text: str, tokens: list[Token], now: datetime, zone: tzinfo, *, bare_cards: bool = True) -> Folded:
    """The booking in a row of tokens of `text`; what is wrong with it is in `errors`, the first first.

    `bare_cards`: a number or an "all" without a word for card means cards, as in the arguments of a command.
    """
    tokens = windows.with_bare_hours(text, tokens)
    folded = Folded()
    _fold_cards(text, tokens, folded, bare_cards)
    _fold_amounts(text, tokens, folded)
    start, end = windows.fold_times(text, tokens, folded)
    windows.place_times(start, end, now, zone, folded)
    return folded


def _fold_cards(text: str, tokens: list[Token], folded: Folded, bare_cards: bool) -> None:
    """Gather the words for cards. Bare numbers are cards only where no card is named: "0 48h"."""
    wishes = [token for token in tokens if isinstance(token.atom, CardWish)]
    if not wishes and bare_cards:
        wishes = [token for token in tokens if token.atom == Mark("all")] or _bare_cards(tokens)
    if not wishes:
        return
    folded.used += wishes
    folded.cards = cards.combined(wish for token in wishes if (wish := card_wish(token)))
    if folded.cards is None:
        said = " ".join(text[token.start : token.end].strip() for token in wishes)
        folded.errors.append(PhraseError("phrase.cards_contradict", {"text": said}))


def _bare_cards(tokens: list[Token]) -> list[Token]:
    """The first run of bare numbers; a second number elsewhere is something without its unit."""
    run: list[Token] = []
    for token in tokens:
        if isinstance(token.atom, Integer):
            run.append(token)
        elif run:
            break
    timed = any(isinstance(token.atom, (Length, Moment)) for token in tokens)
    return run if timed else run[:1]


def card_wish(token: Token) -> CardWish | None:
    """The cards in a token where cards are expected: a number alone is one, and "all" is all of them."""
    if isinstance(token.atom, Integer):
        return CardWish(indices=(token.atom.value,))
    if token.atom == Mark("all"):
        return CardWish(every=True)
    return token.atom if isinstance(token.atom, CardWish) else None


def _fold_amounts(text: str, tokens: list[Token], folded: Folded) -> None:
    """Gather the memory, and note the amounts that can't be."""
    for token in tokens:
        said = text[token.start : token.end].strip()
        if isinstance(token.atom, Broken):
            folded.errors.append(PhraseError(token.atom.key, {"text": said}))
            folded.used.append(token)
        elif isinstance(token.atom, Memory):
            if folded.memory not in (None, token.atom):
                folded.errors.append(PhraseError("phrase.bad_memory", {"text": said}))
            folded.memory = token.atom
            folded.used.append(token)
        elif token.atom == Mark("vague"):
            folded.errors.append(PhraseError("phrase.vague_duration", {"text": said}))
            folded.used.append(token)


def leftovers(text: str, used: Iterable[Token]) -> list[tuple[int, int]]:
    """The stretches of the text that no used token covers."""
    covered = sorted((token.start, token.end) for token in used)
    cursor, gaps = 0, []
    for start, end in covered:
        if start > cursor:
            gaps.append((cursor, start))
        cursor = max(cursor, end)
    if cursor < len(text):
        gaps.append((cursor, len(text)))
    return gaps
