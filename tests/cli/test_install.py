"""What deploy/install.sh puts in place: units that call commands there are, with the checkout's own path in them."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from bot.__main__ import main

ROOT = Path(__file__).parents[2]
UNITS = ("junzi.service", "junzi-backup.service", "junzi-backup.timer")


def run(script: str, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [str(ROOT / "deploy" / script), *options]
    return subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True, check=False, timeout=60
    )


def test_it_puts_its_files_below_destdir_and_starts_nothing(tmp_path: Path) -> None:
    venv = tmp_path / "venv"
    for _ in range(2):
        done = run("install.sh", DESTDIR=str(tmp_path / "root"), JUNZI_VENV=str(venv))
        assert (done.returncode, done.stderr) == (0, "")
    etc = tmp_path / "root" / "etc"
    assert {file.name for file in etc.rglob("*") if file.is_file()} == {"junzi.conf", *UNITS}
    for unit in UNITS:
        text = (etc / "systemd" / "system" / unit).read_text()
        assert "/opt/junzi" not in "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    assert f"ExecStart={venv}/bin/junzi run" in (etc / "systemd" / "system" / "junzi.service").read_text()


@pytest.mark.parametrize("unit", ["junzi.service", "junzi-backup.service"])
def test_units_call_commands_that_are_there(unit: str, capsys: pytest.CaptureFixture[str]) -> None:
    starts = re.findall(r"^ExecStart=.*?/bin/junzi (.*)$", (ROOT / "deploy" / unit).read_text(), re.MULTILINE)
    assert starts
    for start in starts:
        command, *options = re.findall(r"[\w-]+", start.partition(" ")[0]) + re.findall(r"--[\w-]+", start)
        with pytest.raises(SystemExit):
            main([command, "--help"])
        said = capsys.readouterr().out
        assert [option for option in options if option not in said] == []


def test_the_folders_that_units_write_to_are_made(tmp_path: Path) -> None:
    made = re.findall(r"^d (\S+)", (ROOT / "deploy" / "tmpfiles.d" / "junzi.conf").read_text(), re.MULTILINE)
    backup = (ROOT / "deploy" / "junzi-backup.service").read_text()
    written = re.findall(r"^ReadWritePaths=(.*)$", backup, re.MULTILINE)[0].split()
    assert set(written) <= set(made)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--driver", "ext4"], "--driver is zfs, btrfs or dir, not ext4"),
        (["--what", "x"], "there is no option --what"),
        (["--size"], "--size needs a value"),
        (["--size", "1GiB", "--disk", "/dev/x"], "give one of them"),
    ],
)
def test_the_hosts_script_refuses_what_it_does_not_understand(options: list[str], words: str, tmp_path: Path) -> None:
    command = [str(ROOT / "deploy" / "host" / "setup.sh"), *options]
    done = subprocess.run(
        command, env={**os.environ, "DESTDIR": str(tmp_path)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert words in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_hosts_script_shows_its_options(tmp_path: Path) -> None:
    done = run("host/setup.sh", "--help", DESTDIR=str(tmp_path))
    assert done.returncode == 0
    assert "--driver zfs|btrfs|dir" in done.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() != 0 or Path("/run/systemd/system").exists(), reason="needs root, and no systemd")
def test_without_systemd_it_says_so_before_it_changes_anything(tmp_path: Path) -> None:
    done = run("install.sh", JUNZI_VENV=str(tmp_path / "venv"))
    assert done.returncode == 1
    assert "systemd does not run here" in done.stderr
    assert list(tmp_path.iterdir()) == []
