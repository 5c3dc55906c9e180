"""A lab on paper for the command line: a local Telegram, no LXD, and an environment without this machine's own."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from datetime import datetime, timezone
from pathlib import Path

import pytest

from bot.demo.server import LocalTelegram, Persona

TOKEN = "7000000001:made-up-token-of-a-test"
ADA = Persona(101, "Ada Wang", "ada", "en", "runs the server", group_admin=True)


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No proxy, no configuration, no LXD of this machine; English."""
    for name in list(os.environ):
        if name.startswith(("JUNZI_", "LC_")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    monkeypatch.setenv("LXD_DIR", str(tmp_path / "no-lxd"))


@pytest.fixture
async def telegram() -> AsyncIterator[LocalTelegram]:
    server = LocalTelegram(TOKEN, "lab_bot", (ADA,), "Lab 302", lambda: datetime.now(timezone.utc), flood_limits=False)
    await server.start(port=0)
    yield server
    await server.stop()
