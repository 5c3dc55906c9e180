"""The words in a picture, already in one language. `bot.texts` has them; a picture never writes one of its own.

A template has its own placeholders in braces, to be filled by the picture, which alone knows the times and names.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo

# How a picture asks for a word of the catalogues: `Voice.plain`.
Plain = Callable[..., str]


@dataclass(frozen=True)
class DateWords:
    """`weekdays` from Monday. `date`, `heading` and `short` are templates of {weekday}, {day} and {month}, for a line
    of text, the head of a wide column and that of a narrow one."""

    weekdays: tuple[str, ...]
    months: tuple[str, ...]
    date: str
    heading: str
    short: str

    def full(self, instant: datetime, zone: tzinfo) -> str:
        """ "Fri 27 Nov"."""
        return self._filled(self.date, instant, zone)

    def heading_of(self, instant: datetime, zone: tzinfo) -> str:
        return self._filled(self.heading, instant, zone)

    def day(self, instant: datetime, zone: tzinfo) -> str:
        """ "Fri 27"."""
        return self._filled(self.short, instant, zone)

    def until(self, instant: datetime, now: datetime, zone: tzinfo) -> str:
        """A time as short as it is clear from now: "18:00" today, "Fri 18:00" within the week, else with its date."""
        local, today = instant.astimezone(zone), now.astimezone(zone)
        days = (local.date() - today.date()).days
        if days == 0:
            return f"{local:%H:%M}"
        if 0 < days < 7:
            return f"{self.weekdays[local.weekday()]} {local:%H:%M}"
        return f"{self.full(instant, zone)} {local:%H:%M}"

    def _filled(self, template: str, instant: datetime, zone: tzinfo) -> str:
        local = instant.astimezone(zone)
        weekday, month = self.weekdays[local.weekday()], self.months[local.month - 1]
        return template.format(weekday=weekday, day=local.day, month=month)


@dataclass(frozen=True)
class CalendarWords:
    """Templates: `free_until` and `blocked` of {end}, `held` of {who} and {end}, `offered` of {who}, `shared` of
    {percent}, `free_count` of {free} and {total}.
    """

    dates: DateWords
    title: str
    now: str
    free: str
    free_until: str
    held: str
    offered: str
    shared: str
    maintenance: str
    blocked: str
    free_count: str
    no_cards: str


@dataclass(frozen=True)
class StatusWords:
    """`memory_now`: a template of {used} and {total}, in GiB; `load_now`: of {percent}."""

    dates: DateWords
    title: str
    now: str
    load: str
    memory: str
    no_data: str
    load_now: str
    load_unknown: str
    memory_now: str
    memory_unknown: str
    maintenance: str
    no_cards: str


def date_words(plain: Plain) -> DateWords:
    return DateWords(
        weekdays=tuple(plain("calendar.weekdays").split()),
        months=tuple(plain("calendar.months").split()),
        date=plain("calendar.date", weekday="{weekday}", day="{day}", month="{month}"),
        heading=plain("calendar.heading", weekday="{weekday}", day="{day}", month="{month}"),
        short=plain("calendar.short_heading", weekday="{weekday}", day="{day}"),
    )


def calendar_words(plain: Plain) -> CalendarWords:
    """From `Voice.plain` of whoever looks at the picture."""
    return CalendarWords(
        dates=date_words(plain),
        title=plain("calendar.title"),
        now=plain("calendar.now"),
        free=plain("calendar.free"),
        free_until=plain("calendar.free_until", end="{end}"),
        held=plain("calendar.held", who="{who}", end="{end}"),
        offered=plain("calendar.offered", who="{who}"),
        shared=plain("calendar.shared", percent="{percent}"),
        maintenance=plain("calendar.maintenance"),
        blocked=plain("calendar.blocked", end="{end}"),
        free_count=plain("calendar.free_count", free="{free}", total="{total}"),
        no_cards=plain("calendar.no_cards"),
    )


def status_words(plain: Plain) -> StatusWords:
    """From `Voice.plain` of whoever looks at the picture."""
    return StatusWords(
        dates=date_words(plain),
        title=plain("calendar.status_title"),
        now=plain("calendar.now"),
        load=plain("calendar.load"),
        memory=plain("calendar.memory"),
        no_data=plain("calendar.no_data"),
        load_now=plain("calendar.load_now", percent="{percent}"),
        load_unknown=plain("calendar.load_unknown"),
        memory_now=plain("calendar.memory_now", used="{used}", total="{total}"),
        memory_unknown=plain("calendar.memory_unknown"),
        maintenance=plain("calendar.maintenance"),
        no_cards=plain("calendar.no_cards"),
    )
