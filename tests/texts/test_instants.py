"""Every instant in a text is a date-time entity: in the reader's own zone there, in the lab's for old apps."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from string import Formatter
from zoneinfo import ZoneInfo

import pytest

from bot.domain.saying import Ahead, Cell, Listing, Saying, Table
from bot.domain.window import Window
from bot.texts import LANGUAGES, Voice, load

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 25, 12, tzinfo=timezone.utc)  # a Wednesday, 20:00 in Shanghai
HOUR = timedelta(hours=1)
OLD = Voice("zh", ZoneInfo("Asia/Shanghai"))
NEW = replace(OLD, date_times=True)
# An instant in words, in any of the lab's two languages, outside an entity.
IN_WORDS = re.compile(r"\d{1,2}:\d\d|\d月\d{1,2}日|\d{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\b")
ENTITY = re.compile(r"<tg-time [^>]*>[^<]*</tg-time>")
SPECS = sorted(
    {
        spec or ""
        for language in LANGUAGES
        for sentence in load(language).values()
        for _, _, spec, _ in Formatter().parse(sentence)
        if spec is None or not spec.startswith(("|", "."))
    }
)


def said(voice: Voice, value: object, spec: str = "") -> str:
    return voice.say("board.no_cards", why=value) if not spec else _with_spec(voice, value, spec)


def _with_spec(voice: Voice, value: object, spec: str) -> str:
    from bot.texts.voice import _Filler

    return _Filler(voice).vformat(f"{{at:{spec}}}", (), {"at": value})


@pytest.mark.parametrize("spec", SPECS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_in_every_way_that_the_catalogues_say_an_instant_it_is_an_entity(language: str, spec: str) -> None:
    voice = replace(NEW, language=language)
    for value in (NOW, Ahead(NOW + HOUR, NOW), Ahead(NOW + 40 * HOUR, NOW), Ahead(NOW + 400 * HOUR, NOW, keeps=True)):
        assert ENTITY.fullmatch(_with_spec(voice, value, spec))
    window = _with_spec(voice, Window.lasting(NOW, 30 * HOUR), spec)
    assert len(ENTITY.findall(window)) == 2
    assert not IN_WORDS.search(ENTITY.sub("", window))


@pytest.mark.parametrize("language", LANGUAGES)
def test_also_within_lists_tables_and_other_sayings(language: str) -> None:
    inner = Saying("holder.held", {"who": "x", "share": "", "end": Ahead(NOW + HOUR, NOW)})
    for value in (inner, Listing((inner, NOW)), Table((NOW,), ((NOW, Cell(inner, columns=2)),))):
        text = said(replace(NEW, language=language), value)
        assert ENTITY.search(text)
        assert not IN_WORDS.search(ENTITY.sub("", text))


def test_nobody_else_puts_an_instant_into_words() -> None:
    """So what is shown above is all there is. Pictures, files and logs are in the lab's zone or UTC."""
    spelled = re.compile(r"strftime|isoformat\(|\{[a-z_.()]*:%[a-zA-Z]")
    names_a_thing = {"handlers/containers.py", "handlers/snapshot.py"}  # a file, a snapshot
    found = [
        f"{file.relative_to(ROOT)}: {line.strip()}"
        for room in ("bot/views", "handlers")
        for file in sorted((ROOT / room).glob("*.py"))
        for line in file.read_text("utf-8").splitlines()
        if spelled.search(line) and str(file.relative_to(ROOT)) not in names_a_thing
    ]
    assert found == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_has_a_clock_of_its_own_beside_examples(language: str) -> None:
    """What is to be typed stands in <code>, and is no instant; a button takes no entities."""
    shown = {key: re.sub(r"<code>.*?</code>", "", text) for key, text in load(language).items()}
    topics = ("guide.", "help.", "topic.", "menu.", "policy.", "calendar.", "doctor", "init.", "demo.", "option.")
    buttons = {"dialogue.start_tonight", "dialogue.start_tomorrow", "dialogue.until_morning"}
    clocks = {key: text for key, text in shown.items() if IN_WORDS.search(text) and not key.startswith(topics)}
    clocks = {key: text for key, text in clocks.items() if key not in buttons}
    assert clocks == {}


@pytest.mark.parametrize(
    ("hours", "spec", "shape"),
    [(2, "", "r"), (11.9, "", "r"), (12, "", "wt"), (2, "clock", "wt"), (143, "", "wt"), (144, "", "wdt")],
)
def test_close_by_it_counts_down_then_the_weekday_is_enough_then_the_date_is_said(
    hours: float, spec: str, shape: str
) -> None:
    at = NOW + hours * HOUR
    entity = _with_spec(NEW, Ahead(at, NOW), spec)
    assert entity.startswith(f'<tg-time unix="{int(at.timestamp())}" format="{shape}">')


def test_an_app_that_can_not_count_shows_what_stays_true() -> None:
    """An hour later "in 2 hours" would be a lie; the instant is not."""
    assert ">11月25日 周三 22:00</tg-time>结束" in NEW.say("rich.ends", at=Ahead(NOW + 2 * HOUR, NOW))
    assert OLD.say("rich.ends", at=Ahead(NOW + 2 * HOUR, NOW)) == "11月25日 周三 22:00（2 小时后）结束"
    assert OLD.say("rich.ends", at=Ahead(NOW + 2 * HOUR, NOW, keeps=True)) == "11月25日 周三 22:00结束"


def test_a_message_that_stands_for_long_is_the_same_while_time_goes_by() -> None:
    assert Ahead(NOW + 2 * HOUR, NOW, keeps=True) == Ahead(NOW + 2 * HOUR, NOW + HOUR, keeps=True)


def test_a_window_says_its_day_once() -> None:
    window = Window.lasting(NOW, 3 * HOUR)
    assert OLD.say("common.span", window=window) == "11月25日 周三 20:00 – 23:00"
    assert ENTITY.sub(lambda m: m[0][m[0].index("format") : -10], NEW.say("common.span_this_week", window=window)) == (
        'format="wt">11月25日 周三 20:00 – format="t">23:00'
    )
