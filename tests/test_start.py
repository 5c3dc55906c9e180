"""What is loaded before the bot asks Telegram who it is. Every library here is half a tenth of a second or more."""

from __future__ import annotations

import subprocess
import sys

import pytest

# Loaded on a thread while Telegram is asked, or when they are needed.
AT_THE_EDGES = {"pylxd", "requests", "aiohttp", "pynvml", "prometheus_client"}
# `junzi --help` and a mistyped command are answered from the command line alone.
OF_THE_BOT = AT_THE_EDGES | {"telegram", "httpx", "sqlite_utils", "PIL", "handlers", "bot.services"}


@pytest.mark.parametrize(
    ("module", "unwanted"), [("bot.real", AT_THE_EDGES), ("bot.__main__", OF_THE_BOT)], ids=["run", "help"]
)
def test_what_is_needed_later_is_loaded_later(module: str, unwanted: set[str]) -> None:
    code = f"import sys, {module}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert module in loaded
    assert not unwanted & set(loaded)
