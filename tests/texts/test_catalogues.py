"""zh and en are equals: the same keys, the same placeholders, and every key that the code says exists."""

from __future__ import annotations

import re
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.domain import phrase, sample
from bot.domain.outcome import UNDOABLE
from bot.domain.provisioning import Step
from bot.domain.saying import Code, Listing, Person, Saying
from bot.texts import LANGUAGES, Voice, language_for, load
from bot.texts.catalogue import placeholders
from handlers import COMMANDS
from tests.conftest import NOON

ROOT = Path(__file__).parents[2]
SHANGHAI = ZoneInfo("Asia/Shanghai")
TAGS = {"b", "i", "u", "s", "code", "pre", "a", "blockquote", "tg-spoiler"}
RICH_TAGS = {"img", "details", "summary", "p", "footer"}
REFUSED = re.compile(r'\b(?:Refused|NotChanged)\(\s*"([a-z_]+)"')
KEY = re.compile(r'"([a-z_]+\.[a-z0-9_]*[a-z0-9])"')
SAID = re.compile(r'Saying\(\s*f?"([a-z_]+\.[a-z_.]*(?:\{[^}]*\}[a-z_.]*)*)"')


@pytest.mark.parametrize(("language", "other"), [("en", "zh"), ("zh", "en")])
def test_both_languages_have_the_same_keys(language: str, other: str) -> None:
    missing = load(other).keys() - load(language).keys()
    assert not missing, f"say these in bot/texts/{language}/ too: {', '.join(sorted(missing))}"


@pytest.mark.parametrize("key", sorted(load("en")))
def test_both_languages_fill_the_same_placeholders(key: str) -> None:
    assert placeholders(load("zh")[key]) == placeholders(load("en")[key])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", sorted(load("en")))
def test_every_sentence_is_html_that_telegram_takes(language: str, key: str) -> None:
    open_tags: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: object) -> None:
            assert tag in TAGS | (RICH_TAGS if key.startswith("rich.") else set()), tag
            open_tags.append(tag)

        def handle_startendtag(self, tag: str, attrs: object) -> None:
            self.handle_starttag(tag, attrs)
            open_tags.pop()

        def handle_endtag(self, tag: str) -> None:
            assert open_tags.pop() == tag

    Reader().feed(load(language)[key])
    assert open_tags == []


def test_every_key_that_the_code_says_is_in_the_catalogues() -> None:
    known = load("en")
    sources = [f for room in ("bot", "handlers") for f in (ROOT / room).rglob("*.py")]
    said = {(key, f.name) for f in sources for key in SAID.findall(f.read_text("utf-8"))}
    assert len(said) > 100
    missing = []
    for key, file in sorted(said):
        pattern = re.compile(re.sub(r"\\\{[^}]*\\\}", "[a-z_]+", re.escape(key)))
        if not any(pattern.fullmatch(name) for name in known):
            missing.append(f"{key} (in {file})")
    assert not missing, f"write these sentences, the first half names the file in bot/texts/*/: {', '.join(missing)}"


def test_a_key_that_is_chosen_before_it_is_said_is_in_the_catalogues_too() -> None:
    """`key = "note.kept" if text else "note.taken_off"`: in views and handlers whatever looks like a key is one."""
    known = load("en")
    files = {key.partition(".")[0] for key in known}
    sources = [*(ROOT / "bot" / "views").glob("*.py"), *(ROOT / "handlers").glob("*.py")]
    chosen = {key for f in sources for key in KEY.findall(f.read_text("utf-8")) if key.partition(".")[0] in files}
    assert len(chosen) > 500
    assert not chosen - known.keys(), f"write these sentences in bot/texts/*/: {', '.join(chosen - known.keys())}"


@pytest.mark.parametrize("action", UNDOABLE)
def test_what_can_be_undone_has_a_sentence_for_who_undoes_it_and_one_for_the_group(action: str) -> None:
    missing = [key for key in (f"booking.undone_{action}", f"public.undone_{action}") if key not in load("en")]
    assert not missing, f"write these sentences in bot/texts/*/: {', '.join(missing)}"


def test_every_refusal_has_a_sentence() -> None:
    sources = [f for room in ("bot", "handlers") for f in (ROOT / room).rglob("*.py")]
    reasons = {reason for f in sources for reason in REFUSED.findall(f.read_text("utf-8"))}
    assert len(reasons) > 25
    missing = sorted(reason for reason in reasons if f"refused.{reason}" not in load("en"))
    assert not missing, f"say why, in bot/texts/*/refused.toml: {', '.join(missing)}"


def test_every_reason_of_the_rules_has_a_sentence() -> None:
    known = load("en")
    assert [r for r in sample.REASONS if f"unread.{r}" not in known] == []
    assert [s for s in Step if f"adduser.step_{s.value}" not in known] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", [command.name for command in COMMANDS])
def test_every_command_has_its_line_in_the_menu(name: str, language: str) -> None:
    assert f"menu.{name}" in load(language), f'add a line {name} = "…" to bot/texts/{language}/menu.toml'


@pytest.mark.parametrize(("key", "names"), sorted(phrase.ERRORS.items()))
def test_every_error_of_the_grammar_has_a_sentence_that_shows_its_values(key: str, names: tuple[str, ...]) -> None:
    assert placeholders(load("en")[key]) == frozenset(names)


def test_chinese_is_chinese() -> None:
    """A sentence with Latin words in it has Chinese ones too, once placeholders and tags are out of the way."""
    bare = {key: re.sub(r"\{[^}]*\}|<[^>]*>", "", text) for key, text in load("zh").items()}
    foreign = [
        key for key, text in bare.items() if re.search(r"[a-z]{4}", text) and not re.search(r"[\u4e00-\u9fff]", text)
    ]
    assert foreign == []


def test_values_are_escaped_and_only_the_catalogue_may_hold_tags() -> None:
    voice = Voice("en", SHANGHAI)
    said = voice.say("booking.note", note="<b>&</b>")
    assert said == "\n📝 &lt;b&gt;&amp;&lt;/b&gt;"
    assert voice.plain("booking.note", note="<b>") == "\n📝 <b>"
    assert voice.say("common.comma") == ", "


def test_each_kind_of_value_has_one_rendering() -> None:
    zh, en = Voice("zh", SHANGHAI), Voice("en", SHANGHAI)
    assert "11月25日 周三 20:00" in zh.say("refused.in_the_past", start=NOON)
    assert "Wed 25 Nov 20:00" in en.say("refused.in_the_past", start=NOON)
    assert "2 天 3 小时" in zh.say("board.last_seen", age=timedelta(days=2, hours=3, minutes=5))
    assert "45 s" in en.say("board.last_seen", age=timedelta(seconds=45))
    person = Person("Eve\u202e <x>", 5)
    assert en.say("board.user", who=person, container=Code("c"), memory="1", command="") == (
        '▸ <a href="tg://user?id=5">Eve &lt;x&gt;</a> in <code>c</code>, 1 '
    )
    names = Listing((Code("gpu0"), Code("gpu1")), in_a_row=True)
    assert zh.plain("booking.button_release_one", cards=names) == "释放 gpu0、gpu1"
    assert en.plain(Saying("container.runs_die", {"count": 1})).startswith("⚠️ 1 process is ")


def test_somebody_whose_app_speaks_a_third_language_reads_english() -> None:
    assert language_for("auto", "fr") == "en"
    assert language_for("auto", "zh-hans") == "zh"
    assert language_for("zh", "en") == "zh"
    assert language_for(None) == "en"
