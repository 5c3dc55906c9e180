"""`python -m bot.guides`: writes what the guides share with /help, so that one is as true as the other.

`deploy/guides/*/student.md` is made as a whole from the topics; the commands in `admin.md` stand between marks, and the
doctor's sentences in `troubles.md` each with its trouble, those that need no more words at the end. A test fails when a
guide is not what this writes.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from datetime import timezone
from html import unescape
from itertools import pairwise
from pathlib import Path

from bot.domain.saying import Saying
from bot.domain.topic import Reader, Topic, topics_for
from bot.texts import LANGUAGES, Voice, load
from bot.texts.catalogue import placeholders
from bot.views.help import values_for
from handlers import COMMANDS
from handlers.access import Right

GUIDES = Path(__file__).parent.parent / "deploy" / "guides"
# A student as anybody could be one.
READER = Reader("gpu.example.org", 10001, "zhangsan", "/mnt/datasets", "lab", is_admin=False)
# What the doctor says of what is well, and parts of its sentences.
WELL = frozenset(
    "title configuration database telegram group topic topic_none lxd template pool cards ports features clock "
    "containers".split()
)
PARTS = ("feature_", "right_")
NAMES = "|".join(sorted((command.name for command in COMMANDS), key=len, reverse=True))
COMMAND = re.compile(rf"(?<![\w/`.-])/(?:{NAMES})\b(?![\w/-])")
HEADING = re.compile(r"\A<b>(.*)</b>\n")
# A line of a trouble: what the doctor says of it.
QUOTED = re.compile(r"^- <!-- doctor: (\w+) -->.*$", re.MULTILINE)
BLOCK = re.compile(r"(<pre>.*?</pre>)", re.DOTALL)


def main() -> int:
    for path, text in rendered().items():
        if not path.is_file() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
            print(path)
    return 0


def rendered() -> Mapping[Path, str]:
    """Every guide that this writes, and what is to stand in it."""
    texts = {}
    for language in LANGUAGES:
        voice = Voice(language, timezone.utc)
        folder = GUIDES / language
        texts[folder / "student.md"] = _students(voice)
        admins, troubles = folder / "admin.md", folder / "troubles.md"
        texts[admins] = _between_marks(admins.read_text("utf-8"), "commands", _table(voice, Right.ADMIN))
        texts[troubles] = _troubles(troubles.read_text("utf-8"), voice)
    return texts


def _students(voice: Voice) -> str:
    topics = "\n\n".join(_section(topic, voice) for topic in topics_for(admin=False))
    commands = _table(voice, Right.EVERYONE, Right.LAB, Right.MEMBER)
    picture = f'<img src="../../pictures/phone-{voice.language}.png" width="300" alt="{voice.plain("guide.phone")}">'
    return (
        f"{voice.plain('guide.student')}\n\n{picture}\n\n{topics}\n\n## {voice.plain('guide.commands')}\n\n{commands}\n"
    )


def _section(topic: Topic, voice: Voice) -> str:
    """Headed by what its button says, which is how other topics speak of it."""
    page = voice.say(f"topic.{topic.name}", **values_for(READER))
    return as_markdown(page, voice.plain(f"topic.button_{topic.name}"))


def _table(voice: Voice, *rights: Right) -> str:
    rows = [f"| `/{c.name}` | {voice.plain(f'menu.{c.name}')} |" for c in COMMANDS if c.right in rights]
    return "\n".join(["| | |", "|---|---|", *rows])


def _troubles(text: str, voice: Voice) -> str:
    """Every sentence of `junzi doctor` and /doctor once: where its trouble is told, else in the list at the end."""
    sentences = _doctors(voice)

    def quoted(line: re.Match[str]) -> str:
        key = line[1]
        return f"- <!-- doctor: {key} --> {voice.plain('guide.doctor_says')} {sentences.pop(key)}"

    told = QUOTED.sub(quoted, text)
    return _between_marks(told, "doctor", "\n".join(f"- {sentence}" for sentence in sentences.values()))


def _doctors(voice: Voice) -> dict[str, str]:
    """What the doctor may say of what is not well, by its key; values in capitals."""
    catalogue = load(voice.language)
    keys = [key.partition(".")[2] for key in catalogue if key.startswith("doctor.")]
    told = [key for key in keys if key not in WELL and not key.startswith(PARTS)]
    return {key: voice.plain(Saying(f"doctor.{key}", _in_capitals(catalogue[f"doctor.{key}"]))) for key in told}


def _in_capitals(sentence: str) -> dict[str, object]:
    return {name: name.upper() for name in placeholders(sentence)}


def _between_marks(text: str, name: str, between: str) -> str:
    """ValueError if the marks are not there."""
    begin, end = f"<!-- {name}: written by python -m bot.guides -->", f"<!-- end of {name} -->"
    head, mark, rest = text.partition(begin)
    _, ending, tail = rest.partition(end)
    if not (mark and ending):
        raise ValueError(f"the marks {begin} and {end} are missing")
    return f"{head}{begin}\n{between}\n{end}{tail}"


def as_markdown(html: str, label: str) -> str:
    """A topic's page as Markdown: the first line is the heading, each other line a paragraph or an item."""
    heading = HEADING.match(html)
    if heading is None:
        raise ValueError(f"a topic begins with a line in bold: {html[:40]}")
    parts = [f"## {label} · {_inline(heading[1])}"]
    for piece in BLOCK.split(html[heading.end() :]):
        if piece.startswith("<pre>"):
            parts.append(f"```\n{unescape(piece[5:-6])}\n```")
        else:
            parts += [_inline(line) for line in piece.split("\n") if line.strip()]
    return "\n".join(_spaced(parts))


def _spaced(parts: list[str]) -> list[str]:
    """An empty line between paragraphs; none between the items of one list."""
    lines = parts[:1]
    for before, part in pairwise(parts):
        if _item(before) != _item(part) or not _item(part):
            lines.append("")
        lines.append(part)
    return lines


def _item(line: str) -> str:
    """What marks it as an item of a list; "" if it is none."""
    marked = re.match(r"(-|\d(\.)) ", line)
    return "" if marked is None else marked[2] or marked[1]


def _inline(line: str) -> str:
    """Tags become marks; a command that is not marked as code already is."""
    line = re.sub(r"^• ", "- ", line)
    pieces = re.split(r"(<code>.*?</code>)", line)
    outside = [piece if piece.startswith("<code>") else COMMAND.sub(r"<code>\g<0></code>", piece) for piece in pieces]
    line = "".join(outside)
    line = re.sub(r"(<code>/\w+)</code> <code>", r"\1 ", line)  # a command and its argument are one
    line = re.sub(r"</?b>", "**", line)
    line = re.sub(r"</?i>", "*", line)
    return unescape(re.sub(r"</?code>", "`", line))


if __name__ == "__main__":
    sys.exit(main())
