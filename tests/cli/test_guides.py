"""The guides say what is: the same as /help where both say it, every command, no link that leads nowhere."""

from __future__ import annotations

import re
from datetime import timezone
from pathlib import Path

import pytest

from bot import guides
from bot.domain.batch import read_batch
from bot.settings import Settings
from bot.texts import Voice
from handlers import COMMANDS
from handlers.access import Right

ROOT = Path(__file__).parents[2]
PAGES = ("deployment", "admin", "student", "troubles")
FILES = sorted((ROOT / "deploy" / "guides").rglob("*.md"))
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")


def test_all_guides_are_there_in_both_languages() -> None:
    there = {str(file.relative_to(ROOT / "deploy" / "guides")) for file in FILES}
    assert there == {f"{language}/{page}.md" for language in ("en", "zh") for page in PAGES}


@pytest.mark.parametrize("page", ["student", "admin", "troubles"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_guides_and_help_share_is_the_same(language: str, page: str) -> None:
    path = guides.GUIDES / language / f"{page}.md"
    same = path.read_text("utf-8") == guides.rendered()[path]
    assert same, "run: python -m bot.guides (with .venv/bin/python), and commit what it wrote"


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_command_has_a_line_in_a_guide(command: object, language: str) -> None:
    name, right = command.name, command.right  # type: ignore[attr-defined]
    guide = ROOT / "deploy" / "guides" / language / ("admin.md" if right is Right.ADMIN else "student.md")
    there = re.search(rf"`/{name}\b", guide.read_text("utf-8"))
    assert there, "run: python -m bot.guides (with .venv/bin/python), and commit what it wrote"


@pytest.mark.parametrize("file", [ROOT / "README.md", *FILES], ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_links_lead_somewhere(file: Path) -> None:
    broken = []
    for link in LINK.findall(file.read_text("utf-8")):
        path, _, anchor = link.partition("#")
        target = (file.parent / path).resolve() if path else file
        if "://" in link:
            continue
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    pictures = re.findall(r'src="([^"]+)"', file.read_text("utf-8"))
    assert broken + [picture for picture in pictures if not (file.parent / picture).exists()] == []


def anchors(file: Path) -> set[str]:
    """As GitHub makes them: lower case, hyphens for spaces, punctuation gone."""
    headings = re.findall(r"^#+ (.*)$", file.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_files_of_the_repository_that_a_guide_names_are_there(file: Path) -> None:
    named = set(re.findall(r"(?<![\w/.])((?:deploy|bot|handlers|tests)/[\w./-]*\w/?)", file.read_text("utf-8")))
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_settings_that_a_guide_names_are_settings(file: Path) -> None:
    sections = {name: set(field.annotation.model_fields) for name, field in Settings.model_fields.items()}  # type: ignore[union-attr]
    named = re.findall(rf"`({'|'.join(sections)})\.([a-z_]+)(?: = [^`]*)?`", file.read_text("utf-8"))
    assert [f"{section}.{key}" for section, key in named if key not in sections[section]] == []


def test_each_sentence_of_the_doctor_stands_with_its_trouble_or_in_the_list_and_not_twice() -> None:
    for language in ("en", "zh"):
        page = (guides.GUIDES / language / "troubles.md").read_text("utf-8")
        head, _, listed = page.partition("<!-- doctor: written by")
        quoted = re.findall(r"^- <!-- doctor: \w+ --> (.*)$", head, re.MULTILINE)
        assert len(quoted) > 30
        assert len(listed.splitlines()) > 20
        assert [line for line in quoted if line.partition(" ")[2].strip() in listed] == []


def test_both_languages_tell_the_same_troubles() -> None:
    pages = [(guides.GUIDES / language / "troubles.md").read_text("utf-8") for language in ("en", "zh")]
    told = [re.findall(r"^- <!-- doctor: (\w+) -->|^(\*\*)", page, re.MULTILINE) for page in pages]
    assert told[0] == told[1]


def test_a_doctors_sentence_that_is_not_there_is_an_error() -> None:
    with pytest.raises(KeyError, match="cards_on_fire"):
        guides._troubles("- <!-- doctor: cards_on_fire -->\n", Voice("en", timezone.utc))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_table_of_new_students_in_the_guide_is_one_that_the_bot_takes(language: str) -> None:
    page = (guides.GUIDES / language / "admin.md").read_text("utf-8")
    table = re.search(r"^  ```\n(.*?)^  ```$", page, re.MULTILINE | re.DOTALL)
    assert table is not None
    batch = read_batch(table[1].replace("\n  ", "\n").strip().encode())
    assert batch.faults == ()
    assert [row.wish.name for row in batch.rows] == ["zhangsan", "lisi"]
