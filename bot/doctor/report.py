"""Findings for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable

from bot.domain.card import Card
from bot.domain.health import Finding, State
from bot.domain.saying import Bytes, Listing, Saying
from bot.ports import Voice

MARKS = {State.OK: "✓", State.WARNING: "!", State.FAULT: "✗", State.UNKNOWN: "?"}


def as_text(findings: Iterable[Finding], voice: Voice) -> str:
    """One finding a line, its mark in front; what to do is in the sentence."""
    lines = (f"{MARKS[finding.state]} {sentence(finding, voice)}" for finding in findings)
    return "\n".join(lines)


def as_json(findings: Iterable[Finding], voice: Voice) -> str:
    """A JSON array; `key` and `state` are stable, `text` is for people."""
    rows = [
        {
            "key": finding.key,
            "state": finding.state.value,
            "values": {name: _plain(value) for name, value in finding.values.items()},
            "text": sentence(finding, voice),
        }
        for finding in findings
    ]
    return json.dumps(rows, ensure_ascii=False, indent=2)


def sentence(finding: Finding, voice: Voice) -> str:
    return voice.plain(Saying(f"doctor.{finding.key}", finding.values))


def _plain(value: object) -> object:
    if isinstance(value, Bytes):
        return value.count
    if isinstance(value, Card):
        return value.name
    if isinstance(value, Listing):
        return [_plain(item) for item in value.items]
    if isinstance(value, Saying):
        return value.key.rpartition(".")[2]
    return value
