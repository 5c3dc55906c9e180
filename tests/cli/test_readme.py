"""README and CHANGELOG are tested: a command without its line there is a failing test."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from handlers import COMMANDS

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


@pytest.mark.parametrize("name", [command.name for command in COMMANDS])
def test_every_command_has_its_line(name: str) -> None:
    assert re.search(rf"`/{name}\b", README), f"/{name} is missing in the table of README.md"


def test_the_two_commands_come_first() -> None:
    head = README.splitlines()[:5]
    assert any(line.startswith("    deploy/demo.sh") for line in head)
    assert any(line.startswith("    deploy/test.sh") for line in head)


def test_what_it_names_is_there() -> None:
    links = {link for link in re.findall(r"\]\(([^)]+)\)", README) if "://" not in link}
    links |= set(re.findall(r'src="([^"]+)"', README))
    folders = set(re.findall(r"^    ((?:handlers|bot|storage|tests)\S*)\s", README, re.MULTILINE))
    files = set(re.findall(r"`((?:bot|handlers|deploy|storage)/[\w./]+\w)`", README))
    assert {"LICENSE", "CHANGELOG.md"} <= links
    assert len(folders) > 8
    assert [name for name in sorted(links | folders | files) if not (ROOT / name).exists()] == []


def test_the_pictures_are_small() -> None:
    assert [file.name for file in (ROOT / "deploy" / "pictures").glob("*") if file.stat().st_size > 200_000] == []
