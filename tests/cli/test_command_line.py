"""The command line as a person types it: help, faults, and `junzi explain`."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from pydantic_settings import TomlConfigSettingsSource

from bot.__main__ import main

COMMANDS = ("run", "demo", "init", "doctor", "explain", "backup", "export")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main([command, "--help"])
    assert exit_.value.code == 0
    assert f"junzi {command}" in capsys.readouterr().out


def test_the_readme_and_the_help_name_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    shown = capsys.readouterr().out
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    assert [name for name in COMMANDS if f"    {name} " not in shown] == []
    assert [name for name in COMMANDS if f"junzi {name}" not in readme] == []


@pytest.mark.parametrize("arguments", [[], ["dance"], ["demo", "--speed", "0"], ["backup"]])
def test_a_wrong_command_line_is_status_2(arguments: list[str]) -> None:
    try:
        status: object = main(arguments)
    except SystemExit as exit_:
        status = exit_.code
    assert status == 2


def test_run_without_a_token_or_with_a_wrong_key_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "junzi.toml"
    file.write_text('[telegram]\ntokn = "x"')
    assert main(["run", "--config", str(file)]) == 1
    assert "telegram.tokn" in capsys.readouterr().err
    file.write_text(f'[storage]\npath = "{tmp_path}/junzi.db"')
    assert main(["run", "--config", str(file)]) == 1
    assert "telegram.token" in caplog.text


@pytest.mark.parametrize(
    ("language", "words"), [("zh_CN.UTF-8", "请在命令前面加上 sudo"), ("en_US.UTF-8", "with sudo before it")]
)
def test_a_configuration_for_other_eyes_is_not_called_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, language: str, words: str
) -> None:
    file = tmp_path / "junzi.toml"
    file.write_text("")

    def closed(*_: object) -> None:  # root, whom the tests may run as, is refused nothing
        raise PermissionError(13, "Permission denied", str(file))

    monkeypatch.setattr(TomlConfigSettingsSource, "_read_file", closed)
    monkeypatch.setenv("LANG", language)
    assert main(["doctor", "--config", str(file)]) == 1
    assert words in capsys.readouterr().out
    assert main(["export", "--config", str(file)]) == 1
    told = capsys.readouterr().err
    assert "put sudo before the command" in told
    assert "wrong" not in told


def test_run_with_a_database_that_can_not_be_opened_says_what_the_service_may_write_to(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    file = tmp_path / "junzi.toml"
    file.write_text(f'[telegram]\ntoken = "7:x"\n[storage]\npath = "{tmp_path}/file/junzi.db"')
    assert main(["run", "--config", str(file)]) == 1
    assert f"ReadWritePaths={tmp_path}/file" in caplog.text
    assert "Traceback" not in caplog.text


def test_explain_reads_phrases_from_standard_input(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("/reserve gpu0 48h\n我要用gpu1到明天9点\nhello there\n"))
    assert main(["explain", "--at", "2026-11-25T14:00+08:00", "--json"]) == 0
    first, second, third = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert first["intent"] == second["intent"] == "reserve"
    assert third["intent"] == "none"


def test_help_loads_no_vendor_library() -> None:
    """`junzi --help` and `junzi explain` answer at once: pylxd and python-telegram-bot take a second to load."""
    script = (
        "import sys, bot.__main__ as m\n"
        "try: m.main(['--help'])\nexcept SystemExit: pass\n"
        "print([n for n in ('telegram', 'pylxd', 'pynvml', 'aiohttp', 'sqlite_utils') if n in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert out.splitlines()[-1] == "[]"


def test_a_reader_that_has_seen_enough_is_no_error(tmp_path: Path) -> None:
    """`junzi doctor | head -1`"""
    file = tmp_path / "junzi.toml"
    file.write_text(f'[storage]\npath = "{tmp_path}/junzi.db"\n[lab]\nport_range = "20001-20002"\n')
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "bot", "doctor", "--config", str(file)]
    with os.fdopen(writing, "wb") as out:
        done = subprocess.run(command, stdout=out, stderr=subprocess.PIPE, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_demos_address_is_there_at_once_where_no_terminal_reads_it() -> None:
    """In a pipe or a container's log, where Python would keep it back until the demo ends."""
    command = [sys.executable, "-m", "bot", "demo", "--no-browser", "--port", "0"]
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    where = Path(__file__).parents[2]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=where, env=buffered) as demo:
        assert demo.stdout is not None
        patience = threading.Timer(30, demo.kill)
        patience.start()
        first = demo.stdout.readline()
        patience.cancel()
        demo.terminate()
        assert demo.wait(30) == 0
    assert "http://127.0.0.1:" in first
