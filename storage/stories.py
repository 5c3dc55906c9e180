"""The watch's stories, so that a restart neither forgets a warning nor repeats it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from bot.domain import evidence, story
from bot.domain.story import Story
from storage import codec

codec.register(story.Story, story.Ending, evidence.Finding, evidence.FindingKind, evidence.StoryKey)


class StoryTable:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def all(self) -> list[Story]:
        return [codec.decode(row["content"]) for row in self._connection.execute("SELECT content FROM stories")]

    def keep(self, stories: Iterable[Story]) -> None:
        """These are all the stories there are now."""
        rows = [(codec.encode(one.key), codec.encode(one)) for one in stories]
        known = {row["story"]: row["content"] for row in self._connection.execute("SELECT story, content FROM stories")}
        gone = known.keys() - {name for name, _ in rows}
        self._connection.executemany("DELETE FROM stories WHERE story = ?", [(name,) for name in gone])
        self._connection.executemany(
            "INSERT INTO stories (story, content) VALUES (?, ?) "
            "ON CONFLICT (story) DO UPDATE SET content = excluded.content",
            [(name, content) for name, content in rows if known.get(name) != content],
        )
