"""The disk of the ledger is full for a while: people hear that nothing was done, and why; later all is as before."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest

from storage.database import Database
from tests.stories.conftest import LISI, Talk

ME = LISI.telegram_id


async def test_who_asks_for_something_while_nothing_can_be_written_down(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    await talk.settled()
    with monkeypatch.context() as disk:
        disk.setattr(Database, "write_now", full)
        await talk.telegram.say(ME, ME, "/notify 3h")
        refused = await talk.until(ME, "记不下来")
        assert "/doctor" in refused["text"]
        assert not [text for text in talk.texts(ME) if "3 小时" in text]
    assert "3 小时以上" in (await talk.say(ME, "/notify 3h"))["text"]
