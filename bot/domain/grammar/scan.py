"""A text as a row of atoms: one pass with one pattern; what no pattern knows stays as gaps between the tokens."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache

from bot.domain.grammar import amounts, cards, durations, moments
from bot.domain.grammar.atoms import Atom, Broken, Clock, Day, Instant, Length, Mark, Moment, Part, Token

# 一点 is one o'clock only where it is not "a bit": 快一点, 早点, 有点.
_NOISE = (
    r"[快慢早晚多少好大小差等了]一点(?!半|钟|整|\d)|一点(?:[也都儿不没])|[有差早晚快]点(?!\d)"
    r"|(?<![a-z])(?:for|all) (?:the )?night(?![a-z])"
)
_UNTIL = (
    r"(?:(?<![a-z])(?:until|untill|till|til|by|through|thru|up to|ends?|ending)(?: at)?(?![a-z])"
    r"|一?直到|[用跑占借持续]到|截止到?|[到至](?!了))"
)
_FROM = r"(?:(?<![a-z])(?:from|starting(?: at| from)?|start at|since|beginning)(?![a-z])|[从自])"
_LATER = r"(?:[之以]?后|(?<![a-z])(?:later|from now)(?![a-z])|[之以]?前(?!天)|(?<![a-z])ago(?![a-z]))"
_BEGINS = r"(?:开始|起(?![来步床]))"
_CLOSES = r"(?:为止|之前|以前|结束(?!了)|归还|还(?=给|回|卡|$|[,。!? \n])|释放)"
_IN = r"(?:(?<![a-z])in(?= )|再?过(?= ?[\d一二两三四五六七八九十半]))"
_AT = r"(?:(?<![a-z])at(?= )|@)"
_TO = r"(?:(?<![a-z])to(?= )|-)"

_Reader = Callable[["re.Match[str]"], Atom]


def _mark(name: str) -> _Reader:
    mark = Mark(name)
    return lambda _: mark


# In the order in which they are tried at one place: what is longer or surer stands first.
_KINDS: tuple[tuple[str, str, _Reader], ...] = (
    ("k_noise", _NOISE, _mark("noise")),
    ("k_iso", moments.INSTANT, moments.read_instant),
    ("k_vague", durations.VAGUE, durations.read_vague),
    ("k_numbered", cards.NUMBERED, cards.read_named),
    ("k_date", moments.DATE, moments.read_date),
    ("k_clock", moments.CLOCK, moments.read_clock),
    ("k_memory", amounts.MEMORY, amounts.read_memory),
    ("k_length", durations.LENGTH, durations.read_length),
    ("k_named", cards.NAMED, cards.read_named),
    ("k_spelt", cards.SPELT, cards.read_spelt),
    ("k_every", cards.EVERY, cards.read_every),
    ("k_counted", cards.COUNTED, cards.read_counted),
    ("k_model", cards.MODEL, cards.read_model),
    ("k_day", moments.DAY, moments.read_day),
    ("k_part", moments.PART, moments.read_part),
    ("k_closes", _CLOSES, _mark("closes")),
    ("k_until", _UNTIL, _mark("until")),
    ("k_from", _FROM, _mark("from")),
    ("k_begins", _BEGINS, _mark("begins")),
    ("k_later", _LATER, _mark("later")),
    ("k_in", _IN, _mark("in")),
    ("k_at", _AT, _mark("at")),
    ("k_bare", cards.BARE_LIST, cards.read_bare_list),
    ("k_to", _TO, _mark("to")),
    ("k_all", cards.BARE_EVERY, _mark("all")),
)
_READERS = {kind: reader for kind, _, reader in _KINDS}
# Nothing begins inside an English word or with any other Chinese character: that halves the time a text takes.
_FIRST = (
    r"(?!(?<=[a-z])[a-z])(?=[a-z\d#+*@-]|["
    + (
        "零〇一二两俩三四五六七八九十百半整大好老几若多快慢早晚少小差等了有第显卡所全随任哪双单今明后昨前周星礼下这本上凌清中正午傍夜深"
        "为之以归还结释用跑占借持续到至直截从自开起再过"
    )
    + "])"
)


@cache
def _any() -> re.Pattern[str]:
    """Compiled when the first text is read: it alone would be a twentieth of the time to start."""
    return re.compile(_FIRST + "(?:" + "|".join(f"(?P<{kind}>{pattern})" for kind, pattern, _ in _KINDS) + ")")


# What may stand between the words of one moment: "tomorrow, at 9:00", 明天的上午.
_WITHIN_MOMENT = re.compile(r" ?(?:,|on|the|的|at)? ?(?:on |the )?")
_WITHIN_LENGTH = re.compile(r" ?(?:,|and|零|又|加|\+)? ?")


def scan(text: str) -> list[Token]:
    """The atoms of a text of one spelling, in order; days and clocks put together as moments, 1d 12h as one length."""
    return list(_together(text, _atoms(text)))


def _atoms(text: str) -> Iterator[Token]:
    for match in _any().finditer(text):
        yield Token(_READERS[match.lastgroup or ""](match), match.start(), match.end())


def _together(text: str, atoms: Iterator[Token]) -> Iterator[Token]:
    """The same row with neighbours joined that are one thing."""
    last: Token | None = None
    skipped: Token | None = None  # an "at" between a day and its clock
    for token in atoms:
        atom = token.atom
        if isinstance(atom, Instant):
            token = Token(Moment(instant=atom.when), token.start, token.end)
        elif isinstance(atom, (Day, Part, Clock, tuple)):
            token = Token(composed_alone(atom), token.start, token.end)
        if last is not None and (whole := _one(text, last, token, atom)) is not None:
            last, skipped = whole, None
            continue
        if isinstance(atom, Mark) and atom.name == "at" and last is not None and skipped is None:
            skipped = token
            continue
        if last is not None:
            yield last
        if skipped is not None:
            yield skipped
        last, skipped = token, None
    if last is not None:
        yield last
    if skipped is not None:
        yield skipped


def composed_alone(atom: Day | Part | Clock | tuple[Day, Part]) -> Moment:
    return moments.composed(Moment(), atom) or Moment()


def _one(text: str, last: Token, token: Token, atom: Atom) -> Token | None:
    """Both tokens as one, or None where they are two things."""
    gap = text[last.end : token.start]
    if isinstance(last.atom, Moment) and isinstance(atom, (Day, Part, Clock, tuple)):
        if _WITHIN_MOMENT.fullmatch(gap) and (moment := moments.composed(last.atom, atom)):
            return Token(moment, last.start, token.end)
    elif isinstance(last.atom, Length) and isinstance(atom, Length) and _WITHIN_LENGTH.fullmatch(gap):
        length = durations.joined(last.atom, atom)
        return Token(length, last.start, token.end) if isinstance(length, (Length, Broken)) else None
    return None
