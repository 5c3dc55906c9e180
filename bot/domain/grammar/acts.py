"""What a sentence in the group does: it reserves, releases, extends, asks, or (nearly always) none of it.

A false alarm costs more than a miss, so a sentence is not searched for a verb: it is walked from its beginning, and
every word up to the verb must be known. A name, a 他, a "said", a "maybe" or a 昨天 in front of the verb ends the walk,
whether or not anybody thought of that word. What comes after the verb is free ("for my thesis", 跑个 ViT), apart from
the words in `silence`. Questions are recognised by their shape instead, for they change nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.domain.grammar import verbs
from bot.domain.grammar.atoms import CardWish, Token
from bot.domain.grammar.questions import asks
from bot.domain.grammar.silence import is_remark, not_said_here, release_taken_back, taken_back
from bot.domain.grammar.skeletons import letter, skeleton
from bot.domain.grammar.words import either

# Nobody announces in more clauses than this, and every clause is walked.
_MOST_CLAUSES = 12
_CLAUSE_END = re.compile(r"[,。!?;\n、]|(?<!\d)\.(?!\d)|\.(?= |$)")
_HINT = re.compile(
    r"卡|gpu|card|cuda|续|0号|第\d|整机|整台|machine|server|node|box|titan|what(?:'s| is) free|[a-z]\d\d|\d{4}"
)
_TIME = re.compile("[DETV]")
# A release is over and done with: nothing here may stand before its verb, and no time in the sentence.
_NOT_YET = re.compile(
    rf"{either('没 快 马上 等 请(?!用) 麻烦 预计 估计 将 会 T D')}|'ll\b|\b(?:"
    + either(
        "please pls plz can could would almost nearly soon will going_to gonna about_to when once after before not"
    )
    + r"|isn't|hasn't)\b"
)
_APPEAL = re.compile(r"\b(?:please|pls|plz|asap|your)\b|一下吧|尽快|赶紧")
_TIMED = re.compile(r"[DEV]|(?<!for )T")
# Without an "I", these make a verb an appeal to others (请用卡1, 用卡1跑吧), unless it asks for a booking.
_TO_OTHERS = re.compile(r"(?<!申)请(?!问)|麻烦|\b(?:please|pls|plz)\b")
_ASK_THE_BOT = re.compile(r"(?:reserve|book|hold|claim|need|want)\b|预定|预订|预约|借|占")
# 跑完了,卡让出来了: which card, the ledger knows. Only at the beginning of a clause, so that it is no 饭卡.
_OWN_CARD = re.compile(r"(?:我(?:的|那张|这张)?|那张|这张)?显?卡我?(?:已经|都|也|可以)?(?=.)")
_SOON = re.compile(r".{0,10}?C")
_ASKING = re.compile(r"[?]|[吗么呢没](?=$|[,。!~ ])|^(?:is|are|does|did|do) ")
# Asking for leave is announcing: "can I grab gpu0 for 2h?", 我用两天可以吗.
_ASKING_LEAVE = re.compile(
    r"(?:可以|行|好|方便|成|ok|没问题|介意|能|可|没人用|有人有意见|有意见|大家)[^,。]{0,4}[吗么吧嘛不]"
    r"|能不能|可不可以|可否|能否"
    r"|^(?:[^,。]{0,6}[,。 ])?(?:请问)?我?(?:可以|能)[^,。?]{0,20}吗"
    r"|(?:can|could|may|mind if|ok if|okay if|alright if) (?:i|we)\b|is it ok|is that ok|any objections"
    r"|(?:ok|okay|good|fine)\?"
)
# Words that show a clause to be about the booking, and small words that a clause of nothing but times may have.
_ABOUT_USE = re.compile(
    r"[用跑占借训续延还]|结束|释放"
    r"|\b(?:until|till?|for|use|using|tak(?:e|ing)|run(?:ning)?|need|say|should take|about|more|from|back)\b"
)
_SMALL_WORDS = re.compile(
    either(
        "until till? back by from to starting or_so ish max tops thanks thank_you ty 开始 起 后 前 之后 之前 结束"
        " 为止 就好 就行 就够 足够 够了 即可 谢谢 感谢"
    )
)
_KNOWN = (_SMALL_WORDS, verbs.LEADING, _CLAUSE_END)


@dataclass(frozen=True)
class Act:
    """What was done (an intent of `phrase`), and the tokens that belong to it."""

    intent: str
    tokens: tuple[Token, ...] = ()


NOTHING = Act("none")


def may_be_about_cards(text: str) -> bool:
    """Whether a message is worth reading: nearly all of a group's are not, and this tells it in a microsecond."""
    return _HINT.search(text) is not None


def read_act(text: str, tokens: list[Token]) -> Act:
    """The act of a message of one spelling; NOTHING when unsure."""
    if not_said_here(text):
        return NOTHING
    whole = skeleton(text, tokens)
    if "P" in whole:
        return NOTHING
    intent = _statement(whole)
    if intent == "none" and asks(whole, text):
        intent = "query"
    return NOTHING if intent == "none" else Act(intent, tuple(_relevant(text, tokens)))


def _statement(whole: str) -> str:
    """Reserve, release or extend, if the message does exactly one of them; who extends also uses.

    A release that does not stand is "unsure": 卡0我跑完了,我用卡1跑两天 says two things, and is left alone; with a
    time in front of it (我用两天,周五还给大家) it is the end of a reservation.
    """
    found = set()
    for rest in _from_each_clause(whole):
        if (intent := _walk(rest, whole)) != "none":
            found.add(intent)
            if intent in ("extend", "release"):
                break
    if found == {"extend", "reserve"}:
        return "extend"
    if found == {"release", "unsure"} and "C" not in whole:
        return "release"
    return found.pop() if len(found) == 1 and found != {"unsure"} else "none"


def _from_each_clause(whole: str) -> list[str]:
    """The rest of the message from the start of each of its clauses."""
    starts = [0, *(match.end() for match in _CLAUSE_END.finditer(whole))]
    if len(starts) > _MOST_CLAUSES:
        return []
    return [rest for start in starts if (rest := whole[start:].strip())]


def _walk(rest: str, whole: str) -> str:
    """The act of a text from its start: known words up to a verb, and nothing after it that takes it back."""
    if verbs.says_card_is_free(rest):
        return "release" if _releases(rest, whole) else "none"
    if _gives_own_card_back(rest, whole):
        return "release"
    cursor, subject = 0, False
    while cursor < len(rest):
        word = verbs.LEADING.match(rest, cursor)
        for intent, verb in verbs.VERBS:
            if match := verb.match(rest, cursor):
                if _stands(intent, match, rest, whole, subject):
                    return intent
                if intent == "release" and not _NOT_YET.search(rest[: match.end()]):
                    return "unsure"
                if intent == "reserve" and word is None:
                    return "none"
        if word is None:
            return "none"
        subject |= not verbs.SUBJECTS.isdisjoint(word[0].split())
        cursor = word.end()
    return "none"


def _gives_own_card_back(rest: str, whole: str) -> bool:
    """A release that names no card, but says 卡."""
    card = None if "C" in whole else _OWN_CARD.match(rest)
    verb = None if card is None else verbs.RELEASE.match(rest, card.end())
    return verb is not None and _releases(rest[: verb.end()], whole)


def _stands(intent: str, match: re.Match[str], rest: str, whole: str, subject: bool) -> bool:
    """Whether a verb that was reached is meant: with a card (续 needs none), and nothing that takes it back."""
    if "C" not in whole and not (intent == "extend" and "续" in match[0]):
        return False
    if intent == "release":
        return _releases(rest[: match.end()], whole)
    if taken_back(whole) or (_ASKING.search(whole) and not _ASKING_LEAVE.search(whole)):
        return False
    return _TIME.search(rest) is not None if intent == "extend" else _reserves(match, rest, whole, subject)


def _releases(before: str, whole: str) -> bool:
    """Whether the card is free as of now, by the words up to the verb and by the whole."""
    doubtful = _NOT_YET.search(before) or _TIMED.search(whole) or _ASKING.search(whole)
    return not (doubtful or _APPEAL.search(whole) or release_taken_back(whole))


def _reserves(match: re.Match[str], rest: str, whole: str, subject: bool) -> bool:
    """A reservation has a card, and a time or a speaker; without a time it says nothing else at all."""
    verb, after = match[0], rest[match.end() :]
    if re.match(r"C?的", after) or is_remark(after):
        return False
    if "C" not in rest[: match.start()] and not _reaches_card(verb, after, subject):
        return False
    if verbs.NEEDS_MODAL.match(verb) and not verbs.MODAL.search(rest):
        return False
    if not _TIME.search(whole):
        return subject and not verbs.NEEDS_TIME.match(verb) and not _strange(after)
    if subject:
        return True
    before = rest[: match.start()]
    appeals = _TO_OTHERS.search(before) or "吧" in whole or ("可以" in before and not _ASKING.search(whole))
    if appeals and not _ASK_THE_BOT.match(verb):
        return False
    takes_long = verbs.TAKES_LONG.search(after) or (verb == "要" and after.startswith("D"))
    return not (takes_long or verbs.NEEDS_SUBJECT_EN.match(verb))


def _reaches_card(verb: str, after: str, subject: bool) -> bool:
    """Whether the card is what the verb is about: "take gpu0", not "take a look at gpu0"."""
    if verb.isascii():
        return (verbs.ON_CARD if verbs.RUNS_SOMETHING.search(verb) else verbs.CARD_NEXT).match(after) is not None
    return (_SOON if subject else verbs.CARD_NEXT_ZH).match(after) is not None


def _relevant(text: str, tokens: list[Token]) -> list[Token]:
    """The tokens without those of clauses about something else: "my defence is tomorrow, ..."."""
    kept: list[Token] = []
    ends = [match.end() for match in _CLAUSE_END.finditer(text) if not _inside(match.start(), tokens)]
    for start, end in zip([0, *ends], [*ends, len(text)], strict=True):
        inside = [token for token in tokens if start <= token.start < end and _counts(text, token)]
        clause = skeleton(text[:end], inside)[start:] if inside else ""
        if (
            any(isinstance(token.atom, CardWish) for token in inside)
            or _ABOUT_USE.search(clause)
            or not _strange(clause)
        ):
            kept += inside
    return kept


def _counts(text: str, token: Token) -> bool:
    """Whether a token may be used in a sentence, where 两张 and a bare number are no cards."""
    return not isinstance(token.atom, CardWish) or letter(text, token) == "C"


def _inside(place: int, tokens: list[Token]) -> bool:
    return any(token.start <= place < token.end for token in tokens)


def _strange(clause: str) -> bool:
    """Whether a clause has words beyond its tokens that no sentence about cards needs."""
    cursor = 0
    while cursor < len(clause):
        word = next((m for known in _KNOWN if (m := known.match(clause, cursor))), None)
        if word is None:
            return True
        cursor = word.end()
    return False
