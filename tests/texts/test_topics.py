"""The help: every command has its place in it, every topic fits a phone, nothing is named that is not there."""

from __future__ import annotations

import re
from datetime import timedelta, timezone
from html import unescape

import pytest

from bot.domain.policy import RunPolicy
from bot.domain.topic import BY_NAME, TOPICS, Topic, find_topic, topics_for
from bot.guides import READER
from bot.texts import LANGUAGES, Voice, load
from bot.views.help import WITH_LOGIN, values_for
from handlers import COMMANDS, Command
from handlers.access import Right

# A phone shows about 30 lines of 44 Latin or 22 Chinese letters; a page may be scrolled by a thumb's breadth.
WIDTH = 44
LINES = 36
NAMES = {command.name for command in COMMANDS}


def page(topic: Topic, language: str) -> str:
    return Voice(language, timezone.utc).say(f"topic.{topic.name}", **values_for(READER))


def words_of(html: str) -> str:
    return unescape(re.sub(r"<[^>]+>", "", html))


def readable(command: Command, language: str) -> str:
    """All help that somebody who may type it can read."""
    admin = command.right is Right.ADMIN
    texts = [load(language)["help.student"], *(page(topic, language) for topic in topics_for(admin=False))]
    if admin:
        texts += [load(language)["help.admin"], *(page(topic, language) for topic in topics_for(admin=True))]
    return "\n".join(texts)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("command", [c for c in COMMANDS if c.name not in ("help", "start")], ids=lambda c: c.name)
def test_every_command_is_in_the_help_of_those_who_may_type_it(command: Command, language: str) -> None:
    said = re.search(rf"/{command.name}\b", readable(command, language))
    assert said, f"/{command.name} is in no page of /help: put it into help.toml or a topic of topic.toml, {language}"


@pytest.mark.parametrize("command", [c for c in COMMANDS if c.name not in ("help", "start")], ids=lambda c: c.name)
def test_help_with_a_command_behind_it_leads_somewhere(command: Command) -> None:
    topic = find_topic(f"/{command.name}", admin=command.right is Right.ADMIN)
    assert topic is not None, f"add {command.name!r} to `also` of a topic in bot/domain/topic.py"
    for language in LANGUAGES:
        said = f"/{command.name}" in page(topic, language)
        assert said, f"mention /{command.name} in the topic {topic.name} of bot/texts/{language}/topic.toml"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_help_names_a_command_that_is_not_there(language: str) -> None:
    pages = [load(language)[f"help.{role}"] for role in ("student", "admin")] + [page(t, language) for t in TOPICS]
    named = {name for text in pages for name in re.findall(r"(?<![\w~./\"&<:-])/([a-z]+)\b(?!/)", text)}
    elsewhere = {"mnt", "dev", "home", "setprivacy", "var", "etc"}
    assert named - elsewhere - NAMES == set()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_a_topic_fits_a_phone(topic: Topic, language: str) -> None:
    text = words_of(page(topic, language))
    wide = [sum(2 if ord(letter) > 0x2E80 else 1 for letter in line) for line in text.splitlines()]
    assert sum(max(1, -(-width // WIDTH)) for width in wide) <= LINES
    assert len(text) < 4096 - 200


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_a_topic_is_found_by_its_name_and_leads_to_topics_that_are_there(topic: Topic) -> None:
    assert find_topic(topic.name.upper(), admin=True) is topic
    assert (find_topic(topic.name, admin=False) is topic) != topic.for_admins
    assert [name for name in topic.see if name not in BY_NAME] == []
    assert all(len(load(language)[f"topic.button_{topic.name}"]) <= 16 for language in LANGUAGES)


def test_topics_with_a_login_in_them_are_known_as_such() -> None:
    with_port = {topic.name for topic in TOPICS if "{port}" in load("en")[f"topic.{topic.name}"]}
    assert with_port == WITH_LOGIN


def test_every_topic_can_be_reached_by_buttons() -> None:
    for admin in (False, True):
        seen = {name for topic in topics_for(admin=admin) if topic.at_once for name in (topic.name, *topic.see)}
        assert {topic.name for topic in topics_for(admin=admin)} <= seen


def test_students_words_find_students_topics() -> None:
    assert find_topic("登录", admin=False) is BY_NAME["ssh"]
    assert find_topic("template", admin=False) is BY_NAME["copy"]
    assert find_topic("template", admin=True) is BY_NAME["templates"]
    assert find_topic("group", admin=False) is BY_NAME["announcements"]
    assert find_topic("群", admin=True) is BY_NAME["chat"]
    assert find_topic("archive", admin=False) is None
    assert find_topic("", admin=True) is None


def test_the_first_day_has_a_button_for_each_of_its_steps() -> None:
    """Log in, an environment, data, a card, the run and what keeps it running: "the buttons below", it says."""
    assert BY_NAME["first"].see == ("ssh", "conda", "scp", "reserve", "cuda", "runs")


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_is_not_told_of_a_short_run_could_read_that(language: str) -> None:
    minutes = RunPolicy().told_from // timedelta(minutes=1)
    assert re.search(rf"\b{minutes} ?(minutes|分钟)", words_of(page(BY_NAME["runs"], language)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_tables_help_says_why_a_disk_is_unknown(language: str) -> None:
    """On btrfs it is, until the first night: nothing is wrong then."""
    assert load(language)["common.unknown"] in page(BY_NAME["containers"], language)
