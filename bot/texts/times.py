"""Instants and durations in words, in the lab's zone."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

_DAYS = {"en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"), "zh": ("一", "二", "三", "四", "五", "六", "日")}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_UNITS = {"en": ("d", "h", "min", "s"), "zh": ("天", "小时", "分钟", "秒")}


def date_and_time(instant: datetime, language: str, zone: tzinfo) -> str:
    """ "Fri 27 Nov 18:00" or "11月27日 周五 18:00": weekday and date, so that neither has to be worked out."""
    local = instant.astimezone(zone)
    day = _DAYS[language][local.weekday()]
    if language == "zh":
        return f"{local.month}月{local.day}日 周{day} {local:%H:%M}"
    return f"{day} {local.day} {_MONTHS[local.month - 1]} {local:%H:%M}"


def span(start: datetime, end: datetime, language: str, zone: tzinfo) -> str:
    """ "Fri 27 Nov 18:00 – 20:00"; the day is said again only when it is another one."""
    same_day = start.astimezone(zone).date() == end.astimezone(zone).date()
    last = time_of_day(end, zone) if same_day else date_and_time(end, language, zone)
    return f"{date_and_time(start, language, zone)} – {last}"


def day(instant: datetime, language: str, zone: tzinfo) -> str:
    """ "Fri 27 Nov" or "11月27日 周五"."""
    return date_and_time(instant, language, zone).rpartition(" ")[0]


def weekday_and_time(instant: datetime, language: str, zone: tzinfo, gap: str = " ") -> str:
    """ "Fri 18:00" or "周五 18:00"; with no gap as short as it can be read."""
    local = instant.astimezone(zone)
    day = _DAYS[language][local.weekday()]
    return f"{'周' if language == 'zh' else ''}{day}{gap}{local:%H:%M}"


def time_of_day(instant: datetime, zone: tzinfo) -> str:
    return f"{instant.astimezone(zone):%H:%M}"


def duration(span: timedelta, language: str) -> str:
    """The two largest units that matter: "2 d 3 h", "1 h 30 min", "45 s". A negative span is shown as 0 s."""
    total = max(0, round(span.total_seconds()))
    if total < 60:
        return f"{total} {_UNITS[language][3]}"
    minutes = round(total / 60)
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    parts = [(days, 0), (hours, 1), (minutes, 2)]
    shown = [f"{count} {_UNITS[language][unit]}" for count, unit in parts if count]
    return " ".join(shown[:2])
