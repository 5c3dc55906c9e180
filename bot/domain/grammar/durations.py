"""Lengths of time: 48h, 1d12h, 90 min, 两天半, 一个半小时, an hour and a half."""

from __future__ import annotations

import re
from datetime import timedelta

from bot.domain.grammar import numbers
from bot.domain.grammar.atoms import Broken, Length, Mark

# Seconds a unit, and its spellings. A day is 24 elapsed hours and a month 30 days, whatever the clocks do.
_UNITS_EN = (
    (2_592_000, "months?"),
    (604_800, "weeks?|wks?|w"),
    (86_400, "days?|d"),
    (3_600, "hours?|hrs?|h"),
    (60, "minutes?|mins?|m"),
    (1, "seconds?|secs?|s"),
)
_UNITS_ZH = (
    (2_592_000, "个月"),
    (604_800, "个?(?:星期|礼拜)(?![一二三四五六日天])|个?周(?![一二三四五六日天末年])"),
    (86_400, "整?天(?!前)"),
    (3_600, "个?小时|个?钟头|个钟(?!头)"),
    (60, "分钟|分(?![配之类享数钟])"),
    (1, "秒钟?"),
)
_EN = "|".join(words for _, words in _UNITS_EN)
_ZH = "|".join(words for _, words in _UNITS_ZH)
_HALF_ZH = "半个?小时|半个?钟头?|半个月|半天|半日"
_QUARTER = re.compile(r"([一二两三123])刻钟")
_LONGEST = timedelta(days=36_525)

# "two or three days" is not a length. Read as one thing, so that no half of it is taken for the length.
VAGUE = (
    r"(?:(?<![a-z])(?:an?|one) (?:hour|day|week|minute|couple)s? or (?:two|so|three)(?![a-z])"
    r"|(?<![a-z])(?:a few|few|several|some|many|couple) (?:more )?(?:hours|days|weeks|minutes|months)(?![a-z])"
    r"|(?<![a-z\d.:])(?:\d{1,3}|one|two|three|four|five) ?(?:-|to|or) ?(?:\d{1,3}|two|three|four|five|six)"
    rf" ?(?:{_EN})(?![a-z])"
    rf"|(?<![a-z\d.:])\d{{1,3}} ?(?:-|到|或者?) ?\d{{1,3}} ?(?:{_ZH})"
    rf"|[一两二三四五六七八九][两二三四五六七八九](?:{_ZH})"
    rf"|(?:好几|几十|几|若干|好多|十几)个?(?:{_ZH})"
    r"|大半天|好半天|老半天|一会儿?|一阵子?)"
)

_ITEM_EN = (
    rf"(?P<en_sign>(?<![\w.])[+-] ?)?(?:"
    rf"(?:(?<![a-z])(?:another|an? extra|an additional|extra|additional|a further) )?"
    rf"(?P<en_n>{numbers.DIGITS}|{numbers.EN})(?P<en_h1> and a half)?[ -]?(?:more |extra |full |whole )?"
    rf"(?P<en_u>{_EN})(?P<en_h2> and a half)?"
    rf"|(?P<en_half>(?<![a-z])(?:half an?|half|a half)[ -](?:of an? )?(?P<en_hu>hour|day|week|month)))(?![a-z])"
)
_ITEM_ZH = (
    rf"(?P<zh_sign>(?<![\w.])[+-] ?)?(?:"
    rf"(?P<zh_n>{numbers.DIGITS}|{numbers.ZH}) ?(?P<zh_h1>个半|个?(?=半(?:小时|钟头|月)))?(?P<zh_h3>半)?"
    rf"(?P<zh_u>{_ZH})(?P<zh_h2>半(?!小时|个|天|夜))?"
    rf"|(?P<zh_half>{_HALF_ZH})|(?P<zh_q>[一二两三123]刻钟))"
)
# "1h30": the minutes go without saying.
_HOURS_MINUTES = r"(?P<hm_h>(?<![\w.])\d{1,3})h(?P<hm_m>[0-5]\d)(?![\w.:])"
LENGTH = rf"(?:{_HOURS_MINUTES}|{_ITEM_ZH}|{_ITEM_EN})"


def read_vague(_: re.Match[str]) -> Mark:
    return Mark("vague")


def read_length(match: re.Match[str]) -> Length | Broken:
    """One item, such as 12h or 两天半; items in a row are joined by `joined`."""
    said = match.groupdict()
    if said["hm_h"]:
        return _length(int(said["hm_h"]) + int(said["hm_m"]) / 60, 3_600, 60)
    if "-" in (said["en_sign"] or said["zh_sign"] or ""):
        return Broken("phrase.bad_duration")
    if said["en_half"] or said["en_n"]:
        return _read_en(said)
    return _read_zh(said)


def _read_en(said: dict[str, str | None]) -> Length | Broken:
    unit = _unit(said["en_u"] or said["en_hu"] or "", _UNITS_EN)
    amount = 0.5 if said["en_half"] else numbers.read_number(said["en_n"] or "")
    half = bool(said["en_h1"] or said["en_h2"])
    return _length(amount + 0.5 * half, unit, unit / 2 if half or said["en_half"] else unit)


def _read_zh(said: dict[str, str | None]) -> Length | Broken:
    if quarters := said["zh_q"]:
        return _length(15 * numbers.read_number(quarters[0]), 60, 60)
    if half := said["zh_half"]:
        unit = _unit(half[1:] if half[1:] != "日" else "天", _UNITS_ZH)
        return _length(0.5, unit, unit / 2)
    unit = _unit(said["zh_u"] or "", _UNITS_ZH)
    halves = bool(said["zh_h3"] or said["zh_h2"] or said["zh_h1"] == "个半")
    return _length(numbers.read_number(said["zh_n"] or "") + 0.5 * halves, unit, unit / 2 if halves else unit)


def _unit(text: str, units: tuple[tuple[int, str], ...]) -> int:
    """Seconds in the unit of that spelling."""
    text = text.removeprefix("个") if text != "个月" and text != "个钟" else text
    for seconds, pattern in units:
        if re.fullmatch(pattern, text) or (text in ("钟", "月") and re.fullmatch(pattern, "个" + text)):
            return seconds
    raise ValueError(text)


def _length(amount: float, unit_seconds: float, smallest_seconds: float) -> Length | Broken:
    """The length, or what is wrong with it: nothing at all, or beyond what a calendar holds."""
    if amount <= 0:
        return Broken("phrase.bad_duration")
    if amount * unit_seconds > _LONGEST.total_seconds():
        return Broken("phrase.duration_too_long")
    return Length(timedelta(seconds=round(amount * unit_seconds)), smallest_seconds)


def joined(first: Length, second: Length) -> Length | Broken | None:
    """Both as one ("1d" "12h"), or None where the second does not go on from the first ("2h" "1d")."""
    if second.unit >= first.unit:
        return None
    total = (first.elapsed + second.elapsed).total_seconds()
    return _length(total, 1, second.unit)
