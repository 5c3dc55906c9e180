"""Which instant a moment means, seen from now.

What is left unsaid is filled in one way everywhere:
  * a clock without a day is the next time the clock shows it (after the start, for an end); 5点 and "at 5" are
    whichever of 5:00 and 17:00 comes first, 5:00 and 05:00 are as written;
  * a day without a clock is 9:00; a part of the day has the hour in `_HOUR_OF_PART`;
  * a weekday is the next such day; "next"/下 is the week after this one, weeks begin on Monday;
  * a date without a year is this year's, or next year's once it is more than half a year ago;
  * a local time that daylight saving skips is moved forward by what was skipped; of two, the first is meant.
"""

from __future__ import annotations

import calendar
from datetime import date, datetime, time, timedelta, timezone, tzinfo

from bot.domain.grammar.atoms import Clock, Day, Moment

_OPENING_HOUR = 9
_HOUR_OF_PART = {"small": 0, "morning": 9, "noon": 12, "afternoon": 14, "evening": 18, "night": 20, "midnight": 24}


def resolve(moment: Moment, now: datetime, zone: tzinfo, after: datetime | None = None) -> datetime | None:
    """The instant meant, in `zone`; None where the calendar has no such day. `after` is the start, for an end.

    A start may lie up to a minute before `now`: who says "14:00" at 14:00:30 means now.
    """
    if moment.instant is not None:
        instant = moment.instant
        return in_zone(instant, zone) if instant.tzinfo is None else instant.astimezone(zone)
    local_now = now.astimezone(zone).replace(tzinfo=None)
    earliest = local_now - timedelta(seconds=60) if after is None else after.astimezone(zone).replace(tzinfo=None)
    try:
        candidates = _candidates(moment, local_now, earliest)
    except (ValueError, OverflowError):
        return None
    if not candidates:
        return None
    later = [when for when in candidates if when > earliest]
    return in_zone(min(later) if later else max(candidates), zone)


def in_zone(local: datetime, zone: tzinfo) -> datetime:
    """The wall clock's reading as an instant; by way of UTC a reading that does not exist moves forward."""
    return local.replace(tzinfo=zone, fold=0).astimezone(timezone.utc).astimezone(zone)


def _candidates(moment: Moment, now: datetime, earliest: datetime) -> list[datetime]:
    """The wall-clock readings that the words allow; the first after `earliest` is meant."""
    if moment.day is None:
        first = min(now, earliest).date() if earliest < now else earliest.date()
        days = [first + timedelta(days=n) for n in range(3)]
    else:
        days = _dates(moment.day, now.date(), earliest.date())
    readings = [datetime.combine(day, time()) + offset for day in days for offset in _offsets(moment)]
    if moment.day is not None and len(days) == 1 and moment.clock and moment.clock.either and days[0] != now.date():
        readings = readings[:1]  # "tomorrow 3点" is as written; only today's 3点 can be known to be over
    return readings


def _dates(day: Day, today: date, earliest: date) -> list[date]:
    """The dates that a day's name can mean, soonest first; several where the next such day is meant."""
    if day.exact:
        return [day.exact]
    if day.offset is not None:
        return [today + timedelta(days=day.offset)]
    if day.weekend:
        return [_monday(today) + timedelta(days=7 * (day.week or 0) + 5)]
    if day.weekday is not None:
        if day.week is not None:
            return [_monday(today) + timedelta(days=7 * day.week + day.weekday)]
        first = max(today, earliest)
        return [first + timedelta(days=(day.weekday - first.weekday()) % 7 + week) for week in (0, 7)]
    if day.day_of_month:
        return _days_of_month(day.day_of_month, max(today, earliest))
    return [_nearest_year(day.month_day or (1, 1), today)]


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _days_of_month(number: int, earliest: date) -> list[date]:
    """That day of this month and of the next months that have one."""
    months = [(earliest.year + (earliest.month - 1 + n) // 12, (earliest.month - 1 + n) % 12 + 1) for n in range(4)]
    return [date(year, month, number) for year, month in months if number <= calendar.monthrange(year, month)[1]]


def _nearest_year(month_day: tuple[int, int], today: date) -> date:
    """This year's date, or next year's once that is more than half a year ago; a 29 February when there is one."""
    for year in range(today.year, today.year + 9):
        try:
            found = date(year, *month_day)
        except ValueError:
            continue
        if (today - found).days <= 183:
            return found
    raise ValueError(month_day)


def _offsets(moment: Moment) -> list[timedelta]:
    """Time from the day's midnight, in the order in which the readings are likely."""
    clock, part = moment.clock, moment.part
    if clock is None:
        return [timedelta(hours=_HOUR_OF_PART[part] if part else _OPENING_HOUR)]
    minutes = timedelta(minutes=clock.minute, seconds=clock.second)
    return [timedelta(hours=hour) + minutes for hour in _hours(clock, part)]


def _hours(clock: Clock, part: str | None) -> list[int]:
    """The hours, 0 to 36, that a clock can mean in a part of the day; after midnight still belongs to tonight."""
    hour = clock.hour
    if part in ("night", "midnight"):
        if clock.half_day == "am" or hour <= 5:
            return [hour + 24]
        return [24 if hour == 12 and not clock.half_day else hour + 12 if hour < 12 else hour]
    if clock.half_day or hour > 12:
        return [hour]
    if part in ("afternoon", "evening"):
        return [hour + 12 if hour < 12 else hour]
    if part == "noon":
        return [hour + 12 if hour < 10 else hour]
    if part == "small":
        return [hour % 12]
    if part == "morning" or not clock.either:
        return [hour]
    return [hour, hour + 12] if hour < 12 else [12, 24]
