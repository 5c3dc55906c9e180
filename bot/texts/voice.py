"""Turns a Saying into a sentence: one language, one time zone, one place where values are rendered and escaped."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, tzinfo
from html import escape
from string import Formatter
from typing import Any

from bot.domain.ability import Able
from bot.domain.card import Card
from bot.domain.member import LONGEST_NAME, Member
from bot.domain.sample import Unread
from bot.domain.saying import Ahead, Block, Bytes, Cell, Code, Listing, Person, Saying, Table
from bot.domain.window import Window
from bot.texts.catalogue import load
from bot.texts.times import date_and_time, day, duration, span, time_of_day, weekday_and_time

# Controls but tab and line break, direction marks, what has no width (but for the joiner inside emoji), and the halves
# of characters that Python reads invalid UTF-8 as: with one of these no message can be sent at all.
UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\ud800-\udfff]"
)
THIS_WEEK = timedelta(days=6)  # a weekday is enough
CHINESE_ZONES = frozenset(
    f"Asia/{city}" for city in "Shanghai Chongqing Harbin Urumqi Hong_Kong Macau Taipei".split()
) | {"PRC"}


def language_for(*preferences: str | None) -> str:
    """The first preference that says a language ("zh-hans", "en-GB"); English if none does.

    Somebody whose app speaks a third language reads English.
    """
    for preference in preferences:
        if preference and preference != "auto":
            return "zh" if preference.lower().startswith("zh") else "en"
    return "en"


@dataclass(frozen=True)
class Voice:
    """Speaks one language, with times in the lab's zone.

    `date_times`: an instant is a date-time entity, which the reader's app shows in the reader's own zone; its inner
    text, in the lab's, is what old apps show and screen readers read.
    """

    language: str
    zone: tzinfo
    date_times: bool = False

    def simple(self) -> Voice:
        """The same without what a server may not know."""
        return replace(self, date_times=False)

    def say(self, saying: Saying | str, **values: object) -> str:
        """HTML for Telegram. KeyError for a key or a placeholder that is missing: a test finds it, not a student."""
        if isinstance(saying, str):
            saying = Saying(saying, values)
        return _Filler(self).vformat(load(self.language)[saying.key], (), saying.values)

    def plain(self, saying: Saying | str, **values: object) -> str:
        """The same for places that take no HTML: button labels, pop-ups, the command menu."""
        if isinstance(saying, str):
            saying = Saying(saying, values)
        return _PlainFiller(self).vformat(load(self.language)[saying.key], (), saying.values)


class _Filler(Formatter):
    """Fills `{name}` and `{name:spec}`; see `_render` for what each kind of value becomes."""

    def __init__(self, voice: Voice) -> None:
        self._voice = voice

    def get_value(self, key: int | str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:  # noqa: ARG002
        return kwargs[str(key)]

    def format_field(self, value: Any, format_spec: str) -> str:
        if format_spec.startswith("|"):
            return _by_number(value, format_spec)
        return self._render(value, format_spec)

    def _render(self, value: Any, spec: str) -> str:
        if isinstance(value, Saying):
            return self.vformat(load(self._voice.language)[value.key], (), value.values)
        if isinstance(value, Code):
            return f"<code>{escape(_clean(value.text))}</code>"
        if isinstance(value, Block):
            return f"<pre>{escape(_clean(value.text))}</pre>"
        if isinstance(value, Person):
            return _person(value)
        if isinstance(value, Listing):
            return self._listing(value)
        if isinstance(value, Unread):
            return self._voice.say(f"unread.{value.reason}")
        if isinstance(value, Table):
            return self._table(value)
        if self._voice.date_times and isinstance(value, Ahead):
            return _entity(value.at, _shape_ahead(value, spec), _text(value.at, "", self._voice))
        if self._voice.date_times and isinstance(value, datetime):
            return _entity(value, _SHAPES.get(spec, "wdt"), _text(value, spec, self._voice))
        if self._voice.date_times and isinstance(value, Window):
            return self._window(value, spec)
        return escape(_text(value, spec, self._voice), quote=False)

    def _window(self, window: Window, spec: str) -> str:
        """Both ends as entities; the day is said again only when it is another one. With "week": the weekday alone."""
        start, end = (value.astimezone(self._voice.zone) for value in (window.start, window.end))
        shape, inner = _SHAPES["tag" if spec == "week" else ""], _text(window.start, "", self._voice)
        ends_at = "time" if start.date() == end.date() else ""
        end_shape = _SHAPES["time"] if ends_at else shape
        last = _entity(window.end, end_shape, _text(window.end, ends_at, self._voice))
        return f"{_entity(window.start, shape, inner)} – {last}"

    def _table(self, table: Table) -> str:
        head = tuple(label if isinstance(label, Cell) else Cell(label, is_head=True) for label in table.head)
        rows = "".join(f"<tr>{''.join(map(self._cell, row))}</tr>" for row in (head, *table.rows) if row)
        return f"<table compact striped>{rows}</table>"

    def _cell(self, value: object) -> str:
        cell = value if isinstance(value, Cell) else Cell(value)
        tag, columns = "th" if cell.is_head else "td", f' colspan="{cell.columns}"' if cell.columns > 1 else ""
        align = ' align="right"' if cell.is_number else ' align="left"' if cell.is_head else ""
        return f"<{tag}{columns}{align}>{self._render(cell.content, '')}</{tag}>"

    def _listing(self, listing: Listing) -> str:
        usual = load(self._voice.language)["common.comma"] if listing.in_a_row else "\n"
        separator = usual if listing.separator is None else listing.separator
        return separator.join(self._render(item, "") for item in listing.items)


class _PlainFiller(_Filler):
    """No tags, no escapes."""

    def _render(self, value: Any, spec: str) -> str:
        if isinstance(value, Saying):
            return self.vformat(load(self._voice.language)[value.key], (), value.values)
        if isinstance(value, (Code, Block)):
            return _clean(value.text)
        if isinstance(value, Person):
            return _short(value.name)
        if isinstance(value, Listing):
            return self._listing(value)
        if isinstance(value, Unread):
            return self._voice.plain(f"unread.{value.reason}")
        return _text(value, spec, self._voice)


# Telegram's own letters: r relative, w weekday, d short date, t short time (Bot API 9.5).
_SHAPES = {"": "wdt", "time": "t", "day": "wd", "tag": "wt", "week": "wt", "ago": "r", "soon": "r"}


def _shape_ahead(value: Ahead, spec: str) -> str:
    """With "clock", it is planned with: then a weekday and a time, however near."""
    if value.is_near and spec != "clock":
        return "r"
    return "wt" if value.at - value.now < THIS_WEEK else "wdt"


def _entity(instant: datetime, shape: str, inner: str) -> str:
    return f'<tg-time unix="{int(instant.timestamp())}" format="{shape}">{escape(inner, quote=False)}</tg-time>'


def _text(value: object, spec: str, voice: Voice) -> str:
    """A value without markup of its own."""
    if isinstance(value, Ahead):
        return _how_far(value, spec, voice)
    if isinstance(value, datetime):
        if spec in ("week", "tag"):
            return weekday_and_time(value, voice.language, voice.zone, "" if spec == "tag" else " ")
        if spec in ("time", "soon"):
            return time_of_day(value, voice.zone)
        return (day if spec in ("day", "ago") else date_and_time)(value, voice.language, voice.zone)
    if isinstance(value, timedelta):
        return duration(value, voice.language)
    if isinstance(value, Window):
        return span(value.start, value.end, voice.language, voice.zone)
    if isinstance(value, Bytes):
        return amount(value.count)
    if isinstance(value, Card):
        return value.name
    if isinstance(value, float):
        return f"{value:{spec or '.4g'}}"
    return _clean(str(value))


def _clean(text: str) -> str:
    """Without what nobody sees and what turns the text around: words of programs and people come from anywhere."""
    return UNSEEN.sub("", text)


def _how_far(value: Ahead, spec: str, voice: Voice) -> str:
    """Where nothing counts down: the instant, and how far off it was when the message was written."""
    if value.keeps or spec == "clock" or value.at <= value.now:
        return _text(value.at, "", voice)
    return voice.plain("common.ahead", at=value.at, left=value.at - value.now)


def amount(count: int) -> str:
    """Bytes as GiB, or MiB below one: "80 GiB", "9.5 GiB", "512 MiB"."""
    if abs(count) >= 1 << 30:
        gib = count / (1 << 30)
        return f"{gib:.0f} GiB" if gib >= 100 or abs(gib - round(gib)) < 0.05 else f"{gib:.1f} GiB"
    return f"{count / (1 << 20):.0f} MiB"


def _person(person: Person) -> str:
    name = escape(_short(person.name), quote=False)
    return name if person.telegram_id is None else f'<a href="tg://user?id={person.telegram_id}">{name}</a>'


def _short(name: str) -> str:
    """A name that can't break a line: no control or direction marks, at most 32 characters."""
    kept = "".join(ch for ch in name if ch.isprintable()).strip()
    return kept if len(kept) <= LONGEST_NAME else kept[: LONGEST_NAME - 1] + "…"


def _by_number(value: Any, spec: str) -> str:
    """`{count:|card|cards}`: the first form for exactly one."""
    one, _, many = spec[1:].partition("|")
    return one if value == 1 else many


@dataclass(frozen=True)
class LabVoices:
    """`bot.ports.Voices`: a member reads their own language, the group the lab's."""

    zone: tzinfo
    setting: str  # "auto", "zh" or "en"
    able: Able = field(default_factory=Able)

    def for_member(self, member: Member) -> Voice:
        return self.for_language(member.language) if member.language else self.for_group()

    def for_language(self, language_code: str | None) -> Voice:
        return self._voice(language_for(self.setting, language_code))

    def for_group(self) -> Voice:
        """With "auto": Chinese in a zone where Chinese is the language, else English."""
        name = str(self.zone)
        return self._voice(language_for(self.setting, "zh" if name in CHINESE_ZONES else "en"))

    def _voice(self, language: str) -> Voice:
        return Voice(language, self.zone, self.able.now.date_times)
