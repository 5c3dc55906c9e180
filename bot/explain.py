"""`junzi explain`: how a phrase is read, one JSON object a line. What the bot understands can be looked up here."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timezone, tzinfo

from bot.domain.grammar.spelling import split_note
from bot.domain.phrase import Intent, Phrase, PhraseError, read_announcement, read_booking

_COMMAND = re.compile(r"/(?P<name>[a-z_]+)(?:@\w+)?(?:\s+(?P<arguments>.*))?$", re.IGNORECASE | re.DOTALL)
# "48h" alone is a length as /reserve takes it; what has a word of speech in it was judged as a sentence already.
_SPEECH = re.compile(
    r"\b(?:i|me|my|need|want|use|using|book|reserve|please|pls|thanks)\b|[我请要想谢吧哈了用跑占订借还]|释放|结束",
    re.IGNORECASE,
)
_UTC = timezone.utc
_INTENTS: dict[str, Intent] = {
    "reserve": "reserve",
    "book": "reserve",
    "release": "release",
    "extend": "extend",
    **dict.fromkeys(("free", "who", "gpus", "calendar", "mine", "history"), "query"),
}


def explain(lines: Iterable[str], at: datetime, zone: tzinfo) -> Iterator[dict[str, object]]:
    """One object a line: a line with a leading slash is a command, any other a sentence in the group."""
    for line in lines:
        yield as_json(_read(line.strip(), at, zone))


def _read(line: str, at: datetime, zone: tzinfo) -> Phrase:
    if command := _COMMAND.match(line):
        return _read_command(command["name"].lower(), command["arguments"] or "", at, zone)
    announced = read_announcement(line, at, zone)
    return announced if announced.intent != "none" else _read_arguments(line, at, zone)


def _read_command(name: str, arguments: str, at: datetime, zone: tzinfo) -> Phrase:
    """A command as its handler reads it; what it could not read is no booking."""
    intent = _INTENTS.get(name)
    phrase = read_booking(arguments, at, zone)
    if intent is None or isinstance(phrase, PhraseError):
        return Phrase()
    return replace(phrase, intent=intent)


def _read_arguments(line: str, at: datetime, zone: tzinfo) -> Phrase:
    """A line that would do as the arguments of /reserve; a day or an hour alone says too little."""
    phrase = read_booking(line, at, zone)
    if isinstance(phrase, PhraseError) or _SPEECH.search(split_note(line)[0]) or not (phrase.duration or phrase.end):
        return Phrase()
    return phrase


def as_json(phrase: Phrase) -> dict[str, object]:
    """The phrase in the contract's words; hours are elapsed hours, said or between a start and an end."""
    cards = phrase.cards
    hours = phrase.duration
    if hours is None and phrase.start is not None and phrase.end is not None and not phrase.rough_start:
        hours = phrase.end.astimezone(_UTC) - phrase.start.astimezone(_UTC)
    return {
        "intent": phrase.intent,
        "cards": None if cards is None else "all" if cards.every else list(cards.indices) or None,
        "count": None if cards is None else cards.count,
        "hours": None if hours is None else _number(hours.total_seconds() / 3600),
        "start": _iso(phrase.start),
        "end": _iso(phrase.end),
        "memory_gib": None if phrase.memory_gib is None else _number(phrase.memory_gib),
        "note": phrase.note,
    }


def _iso(instant: datetime | None) -> str | None:
    """To the minute, as people said it; seconds only where they are not zero."""
    if instant is None:
        return None
    whole = not (instant.second or instant.microsecond)
    return instant.isoformat(timespec="minutes") if whole else instant.isoformat(timespec="seconds")


def _number(value: float) -> float | int:
    rounded = round(value, 4)
    return int(rounded) if rounded.is_integer() else rounded


def read_at(text: str) -> datetime:
    """The instant of --at, with its offset; ValueError where it has none, for it decides what "tomorrow" is."""
    at = datetime.fromisoformat(re.sub(r"[zZ]$", "+00:00", text.strip()))
    if at.tzinfo is None:
        raise ValueError(f"{text!r} has no offset, such as +08:00")
    return at


def run(args: argparse.Namespace, zone: tzinfo | None = None) -> int:
    """Read phrases from standard input; `zone` is the lab's, None where there is no configuration. The exit status."""
    try:
        at = read_at(args.at)
    except ValueError as error:
        print(f"--at: {error}", file=sys.stderr)
        return 2
    for answer in explain(sys.stdin, at, zone or at.tzinfo or timezone.utc):
        print(json.dumps(answer, ensure_ascii=False) if args.json else _in_words(answer), flush=True)
    return 0


def _in_words(answer: dict[str, object]) -> str:
    """The answer for eyes: what was said, and nothing of what was not."""
    said = [f"{key}={value}" for key, value in answer.items() if key != "intent" and value is not None]
    return " ".join([str(answer["intent"]), *said])
