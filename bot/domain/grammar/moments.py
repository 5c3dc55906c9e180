"""Moments as people say them: tomorrow 9:00, 今晚10点, 11月28号下午2点. `instants` finds them on the calendar."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime

from bot.domain.grammar import numbers
from bot.domain.grammar.atoms import Broken, Clock, Day, Instant, Moment, Part

_PARTS = {
    "small": "凌晨",
    "morning": "早上|早晨|清晨|清早|一早|一大早|上午|早间|in the morning|morning",
    "noon": "中午|正午|noon|midday",
    "afternoon": "下午|in the afternoon|afternoon",
    "evening": "傍晚|in the evening|evening",
    "night": "晚上|晚间|夜里|夜间|深夜|半夜|at night|night",
    "midnight": "午夜|midnight",
}
_DAYS = {"今": 0, "明": 1, "后": 2, "大后": 3, "昨": -1, "前": -2}
# With the ways in which tomorrow is misspelt.
_DAYS_EN = {"today": 0, "yesterday": -1} | dict.fromkeys(
    ("tomorrow", "tmr", "tmrw", "tmw", "tomorow", "tommorow", "tommorrow"), 1
)
_WEEKDAYS = "mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:rs?(?:day)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?"
_WEEKDAY_STEMS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTH_STEMS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    "|nov(?:ember)?|dec(?:ember)?"
)
_ZH_WEEKDAYS = "一二三四五六日天"
_ZH_SMALL = r"(?:\d{1,2}|[一二两三四五六七八九十]{1,3})"

INSTANT = r"(?P<iso>(?<!\d)\d{4}-\d{2}-\d{2}[t ]\d{2}:\d{2}(?::\d{2})?(?:z|[+-]\d{2}:?\d{2})?(?![\d:]))"
DATE = (
    r"(?P<ymd>(?<!\d)\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?!\d)|(?<!\d)\d{4}年\d{1,2}月\d{1,2}[号日]?)"
    rf"|(?P<md_zh>(?<!\d){_ZH_SMALL}月{_ZH_SMALL}(?:[号日]|(?!\d)))"
    rf"|(?P<md_en>(?<![a-z])(?:{_MONTHS})\.? (?:the )?\d{{1,2}}(?:st|nd|rd|th)?(?![\d:a-z])"
    rf"|(?<![\w])\d{{1,2}}(?:st|nd|rd|th)? (?:of )?(?:{_MONTHS})(?![a-z]))"
    r"|(?P<md>(?<![\w./:-])(?:\d{1,2}/\d{1,2}|\d{1,2}-\d{2}|\d{2}-\d{1,2}(?= \d{1,2}(?::|点)))(?![\w/:-]|\.\d)(?!号))"
    r"|(?P<dom>(?<![\d.:a-z])(?:the )?(?:1st|2nd|3rd|[12]?\dth|21st|22nd|23rd|3[01](?:st|th))(?![a-z])"
    r"|(?<=[到至从月])\d{1,2}[号日](?!卡|机|显|gpu| ?gpu)|(?<![\d.:])(?:1[6-9]|2\d|3[01])[号日](?!卡|机|显|gpu| ?gpu)"
    r"|(?<![\d.:])\d{1,2}[号日](?= ?(?:上午|下午|晚上|早上|中午|凌晨|\d{1,2}[点:])))"
)
DAY = (
    r"(?P<day_part>(?:(?P<dp_day>今|明|后天|昨)(?P<dp_part>早|晚|夜|晨)上?|(?<![a-z])(?P<tonight>tonight|tonite|tonigt)(?![a-z])"
    r"|(?<![a-z])(?P<last_night>last night)(?![a-z])))"
    r"|(?P<day_zh>(?P<dz>大后|今|明|后|昨|前)[天日儿](?![气星]))"
    rf"|(?P<day_en>(?<![a-z])(?:(?:the )?day after tomorrow|{'|'.join(_DAYS_EN)})(?![a-z]))"
    rf"|(?P<wd_zh>(?P<wz_week>下下个?|下个?|这个?|本|上个?)?(?:周|星期|礼拜)(?P<wz>[{_ZH_WEEKDAYS}])(?![天个整]))"
    rf"|(?P<wd_en>(?<![a-z])(?:(?P<we_week>this coming|this|next|coming|last) )?(?P<we>{_WEEKDAYS})(?:'?s)?(?![a-z]))"
    r"|(?P<weekend>(?:(?P<wk_zh>下下个?|下个?|这个?|本)?周末"
    r"|(?<![a-z])(?:(?P<wk_en>this|next|the|over the) )?weekend(?![a-z])))"
)
PART = (
    "(?P<part>" + "|".join(_PARTS.values()) + r"|[早晚](?= ?(?:\d{1,2}|[一二三四五六七八九十]{1,3})(?:点|:)))(?![a-z])"
)
_MINUTES_ZH = (
    r"(?:半|一刻|三刻|整|钟|\d{1,2}分?(?!\d|钟|小时|天|个)"
    r"|[一二三四五]?十[一二三四五六七八九]?分?|零[一二三四五六七八九]分?)?"
)
CLOCK = (
    r"(?P<hms>(?<![\d.:])(?P<ch>\d{1,2}):(?P<cm>\d{2})(?::(?P<cs>\d{2}))?(?![\d:])"
    r"(?: ?(?P<hms_half>[ap])\.?m\.?(?![a-z]))?)"
    r"|(?P<ampm>(?<![\d.:a-z])(?P<ah>\d{1,2}) ?(?P<a_half>[ap])\.?m\.?(?![a-z]))"
    rf"|(?P<dian>(?<![\d.:])(?P<dh>\d{{1,2}}|{numbers.ZH}) ?[点时](?!间|候|长|[儿也都]|不)(?P<dm>{_MINUTES_ZH}))"
    r"|(?P<oclock>(?<![\d.:a-z])(?P<oh>\d{1,2}) ?o'?clock(?![a-z]))"
    r"|(?P<past>(?<![a-z])half past (?P<ph>\d{1,2})(?![\d:]))"
)
_Clock = Clock | Broken
_QUARTERS = {"": 0, "半": 30, "一刻": 15, "三刻": 45, "整": 0, "钟": 0}


def read_instant(match: re.Match[str]) -> Instant | Broken:
    text = match["iso"].replace("t", " ").replace("z", "+0000")
    text = re.sub(r"([+-]\d{2}):(\d{2})$", r"\1\2", text)
    seconds = ":%S" if text.count(":") == 2 else ""
    offset = "%z" if re.search(r"[+-]\d{4}$", text) else ""
    try:
        return Instant(datetime.strptime(text, "%Y-%m-%d %H:%M" + seconds + offset))
    except ValueError:
        return Broken("phrase.bad_time")


def read_date(match: re.Match[str]) -> Day | Broken:
    """A date of the calendar, or why it is none."""
    said = match.groupdict()
    try:
        if said["ymd"]:
            year, month, day = map(int, re.findall(r"\d+", said["ymd"]))
            return Day(exact=date(year, month, day))
        if said["dom"]:
            return _day_of_month(int(re.findall(r"\d+", said["dom"])[0]))
        month, day = _month_and_day(said)
        date(2024, month, day)  # a leap year: 29 February is a date
        return Day(month_day=(month, day))
    except ValueError:
        return Broken("phrase.bad_time")


def _day_of_month(day: int) -> Day | Broken:
    return Day(day_of_month=day) if 1 <= day <= 31 else Broken("phrase.bad_time")


def _month_and_day(said: dict[str, str | None]) -> tuple[int, int]:
    if text := said["md_en"]:
        month = next(i for i, stem in enumerate(_MONTH_STEMS, 1) if re.search(rf"(?<![a-z]){stem}", text))
        return month, int(re.findall(r"\d+", text)[0])
    month_text, day_text = re.split(r"[月/-]", (said["md_zh"] or said["md"] or "").rstrip("号日"), maxsplit=1)
    return int(numbers.read_number(month_text)), int(numbers.read_number(day_text))


def read_day(match: re.Match[str]) -> Day | tuple[Day, Part]:
    """A day by name: tomorrow, 下周一, 今晚."""
    said = match.groupdict()
    if said["day_part"]:
        return _read_day_part(said)
    if said["day_zh"]:
        return Day(offset=_DAYS[said["dz"] or ""])
    if text := said["day_en"]:
        return Day(offset=_DAYS_EN.get(text, 2))
    if said["wd_zh"]:
        return Day(weekday=min(_ZH_WEEKDAYS.index(said["wz"] or ""), 6), week=_week(said["wz_week"]))
    if said["wd_en"]:
        return Day(weekday=_WEEKDAY_STEMS.index((said["we"] or "")[:3]), week=_week(said["we_week"]))
    return Day(weekend=True, week=_week(said["wk_zh"] or said["wk_en"]) or 0)


def _read_day_part(said: dict[str, str | None]) -> tuple[Day, Part]:
    if said["tonight"]:
        return Day(offset=0), Part("night")
    if said["last_night"]:
        return Day(offset=-1), Part("night")
    return Day(offset=_DAYS[(said["dp_day"] or "")[0]]), Part("morning" if said["dp_part"] in ("早", "晨") else "night")


def _week(text: str | None) -> int | None:
    """Weeks from this one that a word means; None where it is just the next such day."""
    if not text or text in ("coming", "this coming", "the", "over the"):
        return None
    if text.startswith("下"):
        return 2 if text.startswith("下下") else 1
    return {"next": 1, "last": -1, "上": -1, "上个": -1}.get(text, 0)


def read_part(match: re.Match[str]) -> Part:
    text = match["part"]
    if text in ("早", "晚"):
        return Part("morning" if text == "早" else "night")
    return Part(next(name for name, words in _PARTS.items() if text in words.split("|")))


def read_clock(match: re.Match[str]) -> Clock | Broken:
    """A reading of the clock, or why no clock shows it."""
    said = match.groupdict()
    if said["hms"]:
        return _clock(int(said["ch"] or 0), int(said["cm"] or 0), int(said["cs"] or 0), half=said["hms_half"])
    if said["ampm"]:
        return _clock(int(said["ah"] or 0), half=said["a_half"])
    if said["dian"]:
        return _clock(int(numbers.read_number(said["dh"] or "")), _zh_minutes(said["dm"] or ""), either=True)
    if said["past"]:
        return _clock(int(said["ph"] or 0), 30, either=True)
    return _clock(int(said["oh"] or 0), either=True)


def _zh_minutes(text: str) -> int:
    if text in _QUARTERS:
        return _QUARTERS[text]
    return int(numbers.read_number(text.rstrip("分")))


def _clock(hour: int, minute: int = 0, second: int = 0, *, half: str | None = None, either: bool = False) -> _Clock:
    if minute > 59 or second > 59 or hour > 24 or (hour == 24 and minute + second) or (half and not 1 <= hour <= 12):
        return Broken("phrase.bad_time")
    if half:
        return Clock(hour % 12 + (12 if half == "p" else 0), minute, second, half_day=f"{half}m")
    return Clock(hour, minute, second, either=either and 1 <= hour <= 12)


def bare_hour(value: int) -> Clock | Broken:
    """The hour in "until 6"."""
    return _clock(value, either=True)


def composed(first: Moment, atom: Day | Part | Clock | tuple[Day, Part]) -> Moment | None:
    """The moment with one more word of it; None where that word begins another moment."""
    if first.instant is not None:
        return None
    if isinstance(atom, tuple):
        with_day = composed(first, atom[0])
        return composed(with_day, atom[1]) if with_day else None
    if isinstance(atom, Day):
        if first.day or (atom.weekend and first != Moment()):
            return None
        return replace(first, day=atom, day_last=first.clock is not None)
    if first.day and first.day.weekend:
        return None
    if isinstance(atom, Part):
        return replace(first, part=atom.name) if first.part in (None, atom.name) else None
    return replace(first, clock=atom) if first.clock is None else None
