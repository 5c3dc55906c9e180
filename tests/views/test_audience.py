"""Who is to see what, read aloud: every outcome has a row, and nothing that concerns one person is public."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.domain.saying import Message, Saying
from bot.views.audience import TABLE, Audience, audience_of, row_of

ROOT = Path(__file__).parents[2]
OUTCOME = re.compile(r'(?:Message|answer|change_pressed)\(\s*Saying\(\s*f?"([a-z_]+\.[a-z_]*)')


def outcomes() -> list[str]:
    """The keys (or their fixed beginnings) of everything that a view or a handler answers with."""
    files = [*(ROOT / "bot" / "views").glob("*.py"), *(ROOT / "handlers").glob("*.py")]
    return sorted({key for file in files for key in OUTCOME.findall(file.read_text("utf-8"))})


@pytest.mark.parametrize("key", outcomes())
def test_every_outcome_has_a_row(key: str) -> None:
    row = f"{key.partition('.')[0]}."
    assert row_of(key) is not None, f"add a row {row!r} to bot/views/audience.py: who in a group is to see it"


def test_there_are_outcomes_to_read() -> None:
    assert len(outcomes()) > 60


def test_an_outcome_without_a_row_is_shown_to_the_asker_alone() -> None:
    assert row_of("unheard.of") is None
    assert audience_of(Message(Saying("unheard.of"))) is Audience.PERSONAL


@pytest.mark.parametrize(
    ("key", "audience"),
    [
        ("booking.booked", Audience.PUBLIC),
        ("booking.released", Audience.PUBLIC),
        ("administration.blocked", Audience.PUBLIC),
        ("warning.trespass", Audience.PUBLIC),
        ("refused.taken", Audience.PERSONAL),
        ("booking.mine", Audience.PERSONAL),
        ("looks.free", Audience.PERSONAL),
        ("looks.history", Audience.PERSONAL),
        ("announcement.book", Audience.PERSONAL),
        ("access.stranger", Audience.PERSONAL),
        ("administration.usage_block", Audience.PERSONAL),
    ],
)
def test_the_table_read_aloud(key: str, audience: Audience) -> None:
    assert audience_of(Message(Saying(key))) is audience


def test_what_is_public_is_few() -> None:
    """A promise made, changed or given back; maintenance; a promise broken and mended. Anything more is noise."""
    public = {row.partition(".")[0] for row, audience in TABLE.items() if audience is Audience.PUBLIC}
    assert public <= {"booking", "public", "administration", "warning", "live", "digest"}
