"""Which cards: gpu0, gpu0-3, 卡0卡1, 0号卡, all, any, 2x a100, 两张4090, 随便一张."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.domain.grammar import numbers
from bot.domain.grammar.atoms import Broken, CardWish, Integer

# A model is in this list or has three digits or more (x500): t5 and v2 are somebody's network, not a card.
_MODELS = (
    r"(?:(?:nvidia|geforce|rtx|gtx|tesla|quadro) ?){0,2}"
    r"(?:titan(?: ?(?:rtx|xp|v|x))?|[2345]0[5-9]0 ?(?:d|ti|super)?|10[5-8]0(?: ?ti)?|gb200|gh200|mi\d{3}x?|910b"
    r"|a(?:2|10g?|16|30|40)|h20|l(?:2|4|20|40)s?|p(?:4|40)|t4|k(?:40|80)|m(?:40|60)|[ahvpblrx]\d{3,4}s?|6000 ada)"
)
MODEL = rf"(?<![a-z\d.:/_-])(?P<model>{_MODELS}(?:-\d{{2,3}}gb?)?)s?(?![a-z\d_./]|:\d|-[a-z\d])"

# What cannot follow a card's number, or the number is the amount of something else: 卡3天, gpu0, 10 min, 卡1.5小时.
_COUNTED_BY = (
    "个|点|月|张|块|天|日|分|小时|秒|(?:周|星期|礼拜)(?![一二三四五六日天末])|次|倍|度|万|千|百|年|人|位|岁|元"
    r"|(?:卡|(?:cards?|gpus?)(?![a-z]))(?! ?[#:]?\d)"
    r"|(?:months?|weeks?|wks?|w|days?(?! after)|d|hours?|hrs?|h|minutes?|mins?|m|seconds?|secs?|s|gib|gb|g|mib|mb"
    r"|am|pm|x|times|more|people|percent|fps|ms|k|st|nd|rd|th|o'?clock)(?![a-z])"
)
_NOT_AN_AMOUNT = rf"(?![\d.]*\d)(?!:\d|%)(?! ?(?:{_COUNTED_BY}))"
_SPELT = "zero|one|two|three|four|five|six|seven"
_PREFIX = r"(?:(?<![a-z])(?:gpus?|cuda:?|cards?|nos?\.)|显卡|(?<![a-z])gpu卡|卡)"
_INDEX = rf"\d{{1,3}}{_NOT_AN_AMOUNT}号?"
_SMALL = rf"(?:1[0-5]|\d)(?!\d){_NOT_AN_AMOUNT}"
_NEXT_INDEX = rf"{_SMALL}(?!/\d)号?(?:-{_SMALL})?(?![-/]\d)"
_AFTER_PREFIX = r" ?[#:]? ?"
_ITEM = rf"{_PREFIX}{_AFTER_PREFIX}{_INDEX}"
_LAST = rf"\d{{1,3}}{_NOT_AN_AMOUNT}(?![-/]\d)号?"
_UPTO = rf"(?: ?(?:-|到|至| to | through ) ?{_PREFIX}{_AFTER_PREFIX}|-| ?[到至] ?){_LAST}"
_JOIN = r" ?(?:[,、&+/]|和|与|跟|及|以及|(?:, ?)?and(?= )) ?"
_MORE = rf"(?:{_JOIN}(?:{_PREFIX}{_AFTER_PREFIX})?{_NEXT_INDEX})"
_PLURAL = rf"(?<![a-z])(?:gpus|cards) ?\d{{1,2}}(?:(?: | to | through ){_NEXT_INDEX}){{1,16}}"

# gpu0, gpu0,gpu2, gpu 0-3, 卡0和1, cards 0 and 1, gpu0到gpu3
NAMED = rf"(?P<named>{_PLURAL}|{_ITEM}(?:{_UPTO})?{_MORE}{{0,32}})"
# 0号卡, 0号和1号卡, 2号gpu, 0卡, 第0张卡, 0号
NUMBERED = (
    r"(?P<numbered>(?<![\d.:])\d卡(?:[和、,]?\d卡){1,7}"
    r"|第?(?<![\d.:])\d{1,2}号?(?: ?(?:[,、&+/-]|和|与|跟|及|到) ?\d{1,2}号?){0,16}号 ?(?:显卡|卡|gpu)"
    r"|第\d{1,2}[张块](?:显卡|卡|gpu)?|(?<![\d.:])0(?:[,、和]1)?[号卡](?![机楼馆线门院店房桌口])"
    r"|(?<![\d.:])[01](?:[,、和/] ?[0-7]){1,7}号?卡)"
)
# card zero, gpu one, 卡一 (before a word that cannot be counted), 一号卡
_ZH_INDEX = "零〇一二三四五六七"
SPELT = (
    rf"(?P<spelt>(?<![a-z])(?:cards?|gpus?) (?:{_SPELT})(?![a-z])"
    r"(?! (?:more|hours?|days?|weeks?|minutes?|of|and a half))"
    rf"(?: and (?:{_SPELT})(?![a-z]))?"
    rf"|卡[{_ZH_INDEX}](?=$|[ ,、和跟我跑用上先再还,。!?.(占])|[{_ZH_INDEX}]号(?:显卡|卡|gpu))"
)
_OF_CARDS = r"(?:显卡|gpu卡|卡|gpus?|cards?)"
EVERY = (
    r"(?P<every>(?:所有|全部|全)的?(?:显卡|gpu卡?|卡|机器)(?:全部?)?"
    r"|(?:显卡|卡)(?:我?全部|全都?)(?!是|在|被|有|没)|整台机器|整台服务器|整机"
    r"|(?<![a-z])(?:all|every)(?: of)?(?: the| our)?(?: (?:\d{1,2}|two|three|four|six|eight))?"
    r" (?:cards?|gpus?)(?![a-z\d])"
    r"|(?<![a-z])(?:the )?(?:whole|entire) (?:machine|server|node|box)(?![a-z]))"
)
BARE_EVERY = r"(?P<bare_every>(?<![a-z])(?:all|everything)(?![a-z])|全部|全都|所有)"
_ZH_COUNT = "一二两俩三四五六七八"
_EN_COUNT = "one|two|three|four|five|six|seven|eight"
_ANY = (
    r"(?:(?:随便|任意|随意|任何|哪)(?:来|给|挑|拿|选)?(?:我)?"
    r"|(?<![a-z])any(?: free| idle| available| spare)?(?: of the)?(?![a-z]) ?)"
)
# 随便两天 is no number of cards, nor is "any 4h".
_OF_TIME = r"(?! ?(?:[hdmgw](?![a-z])|days?|hours?|min|天|小|点|个(?!卡|显|gpu)|周|分|星|礼|半|月|十|百))"
_ANY_NUMBER = rf"(?P<any_n>(?:[{_ZH_COUNT}]|{_EN_COUNT}|(?<!\d)\d{{1,2}}(?![\d.:%])){_OF_TIME})"
_WHICHEVER = r"(?:都行|都可以|就行|即可|都好|均可)?"
_FREE_CARDS = rf" ?(?:空闲|空|闲)?的? ?(?:{_OF_CARDS}(?![a-z])(?! ?{_INDEX}))?"
COUNTED = (
    rf"(?P<counted>{_ANY}{_ANY_NUMBER}? ?[张块个]?{_FREE_CARDS}{_WHICHEVER}"
    rf"|(?P<n_zh>[{_ZH_COUNT}]|(?<![\d.:])\d{{1,2}})(?:[张块]|个(?=显卡|gpu|卡|空卡)){_FREE_CARDS}"
    rf"|(?P<n_x>(?<![a-z\d.:])\d{{1,2}}) ?[x*](?![a-z\d]) ?(?:{_OF_CARDS}(?![a-z\d]))?"
    r"|(?P<x_n>(?<![a-z])[x*]\d{1,2}(?![\da-z]))"
    rf"|(?P<n_en>(?<![a-z\d.:])(?:\d{{1,2}}|an?|{_EN_COUNT}))(?: (?:free|idle|spare|whole|more|of the))?"
    rf" (?:cards?|gpus?)(?![a-z])(?! ?[#:]? ?{_INDEX})"
    r"|(?P<both>(?<![a-z])both(?: (?:cards|gpus))?(?![a-z])|双卡)|(?P<single>单卡)|(?P<n_ka>[两俩三四五六八]卡))"
)
# 0,2 and 0-3 and 0, which are cards only where cards are expected: the arguments of a command.
BARE_LIST = r"(?P<bare_list>(?<![\w.:/-])\d{1,2}(?:-\d{1,2})?(?:[,、/&+]\d{1,2}(?:-\d{1,2})?){0,32}(?![\w:/%]|[.-]\d))"
_NUMBER = re.compile(r"\d+")
_RANGE = re.compile(r"(\d+)号? ?(?:-|到|至| to | through | thru )\D{0,9}?(\d+)")
_SPELT_INDEX = re.compile(rf"{_SPELT}|[{_ZH_INDEX}]")


def read_named(match: re.Match[str]) -> CardWish | Broken:
    return _listed(match[0])


def read_spelt(match: re.Match[str]) -> CardWish:
    return CardWish(indices=_ordered(int(numbers.read_number(word)) for word in _SPELT_INDEX.findall(match[0])))


def read_every(_: re.Match[str]) -> CardWish:
    return CardWish(every=True)


def read_counted(match: re.Match[str]) -> CardWish | Broken:
    """So many cards, whichever: at least one."""
    said = match.groupdict()
    if said["both"]:
        return CardWish(count=2)
    number = said["any_n"] or said["n_zh"] or said["n_x"] or said["n_en"]
    number = number or (said["x_n"] or "")[1:] or (said["n_ka"] or "")[:-1]
    count = int(numbers.read_number(number)) if number else 1
    return CardWish(count=count) if count > 0 else Broken("phrase.bad_cards")


def read_model(match: re.Match[str]) -> CardWish:
    return CardWish(model=re.sub(r"^(?:nvidia|geforce|tesla|quadro) ?", "", match["model"]).strip())


def read_bare_list(match: re.Match[str]) -> CardWish | Broken | Integer:
    """A list without a word for card; one number alone may still be an hour of the day."""
    text = match[0]
    return Integer(int(text)) if text.isdigit() else _listed(text)


def _listed(text: str) -> CardWish | Broken:
    """The indices in a list with ranges; a range is written upwards."""
    indices: list[int] = []
    for first, last in _RANGE.findall(text):
        if int(first) > int(last):
            return Broken("phrase.bad_cards")
        indices += range(int(first), int(last) + 1)
    indices += map(int, _NUMBER.findall(_RANGE.sub(" ", text)))
    return CardWish(indices=_ordered(indices))


def _ordered(indices: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted(set(indices)))


def combined(wishes: Iterable[CardWish]) -> CardWish | None:
    """One wish out of several words for it ("2x" "a100", 卡0 卡1); None where they contradict each other."""
    indices: set[int] = set()
    every, counts, models = False, set(), set()
    for wish in wishes:
        indices |= set(wish.indices)
        every |= wish.every
        counts |= {wish.count} - {None}
        models |= {wish.model} - {None}
    if indices and counts == {len(indices)}:
        counts = set()  # "两张卡, gpu0 gpu1" says it twice
    kinds = bool(indices) + every + bool(counts)
    if kinds > 1 or len(counts) > 1 or len(models) > 1 or (indices and models):
        return None
    return CardWish(_ordered(indices), every, next(iter(counts), None), next(iter(models), None))
