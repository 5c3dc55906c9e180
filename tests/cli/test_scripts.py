"""deploy/*.sh where it is cheap: what they say when something is missing, and that a second time costs nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = ("sh", "dirname", "cksum", "cat", "rm", "env")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy with nothing built in it, on a path with a space."""
    folder = tmp_path / "my lab"
    folder.mkdir()
    shutil.copytree(ROOT / "deploy", folder / "deploy")
    for name in ("pyproject.toml", "requirements.lock"):
        shutil.copy(ROOT / name, folder)
    return folder


@pytest.fixture
def bare_path(tmp_path: Path) -> Path:
    """A PATH with the tools of every system and nothing else."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found is not None
        (folder / tool).symlink_to(found)
    return folder


def script(path: Path, body: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)


def demo(checkout: Path, path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": str(path), "HOME": str(checkout)}
    command = [str(checkout / "deploy" / "demo.sh"), *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, cwd="/")


def test_without_python_it_says_what_to_install(checkout: Path, bare_path: Path) -> None:
    done = demo(checkout, bare_path)
    assert done.returncode == 1
    assert done.stderr == "junzi: python3 is missing; install it with: sudo apt install python3 python3-venv\n"


def test_with_an_old_python_it_says_which_is_needed(checkout: Path, bare_path: Path) -> None:
    script(bare_path / "python3", 'if [ "$1" = --version ]; then echo Python 3.8.10; else exit 1; fi')
    done = demo(checkout, bare_path)
    assert done.returncode == 1
    assert "Python 3.10 or newer is needed, and python3 is Python 3.8.10" in done.stderr
    assert len(done.stderr.splitlines()) == 1


# Answers for `python3 -c ...`: 3.11 in every respect, without the modules that Debian keeps in packages of their own.
BARE_PYTHON = """
case "$*" in
--version) echo Python 3.11.2 ;;
*import\\ sys*) exit 0 ;;
*) exit 1 ;;
esac"""


def test_without_venv_it_says_what_to_install_in_one_line(checkout: Path, bare_path: Path) -> None:
    script(bare_path / "python3", BARE_PYTHON)
    done = demo(checkout, bare_path)
    assert done.returncode == 1
    assert done.stderr == "junzi: python3-venv is missing; install it with: sudo apt install python3-venv\n"


RECORDER = 'echo "$(basename "$0") $*" >>"$(dirname "$0")/../calls"'


def test_the_lock_is_installed_with_hashes_once_and_again_when_it_changes(checkout: Path, bare_path: Path) -> None:
    for tool in ("basename",):
        (bare_path / tool).symlink_to(str(shutil.which(tool)))
    script(bare_path / "python3", BARE_PYTHON)
    script(checkout / ".venv" / "bin" / "python", RECORDER)
    script(checkout / ".venv" / "bin" / "junzi", RECORDER)
    calls = checkout / ".venv" / "calls"

    def installs() -> list[str]:
        done = demo(checkout, bare_path, "--port", "1")
        assert done.returncode == 0, done.stderr
        lines = calls.read_text().splitlines()
        calls.unlink()
        assert lines[-1] == "junzi demo --port 1"
        return [line for line in lines if " install " in line]

    first = installs()
    assert len(first) == 2
    assert f"--require-hashes -r {checkout}/requirements.lock" in first[0]
    assert f"--no-deps --no-build-isolation --editable {checkout}" in first[1]
    assert installs() == []
    with (checkout / "requirements.lock").open("a") as lock:
        lock.write("# changed\n")
    assert len(installs()) == 2


def test_the_scripts_can_be_run() -> None:
    scripts = [*ROOT.glob("deploy/*.sh"), ROOT / ".ci" / "run"]
    assert {file.name for file in scripts} >= {"demo.sh", "test.sh", "lock.sh", "run"}
    assert [file.name for file in scripts if not os.access(file, os.X_OK)] in ([], ["environment.sh"])


@pytest.mark.parametrize("name", ["APT_MIRROR", "PIP_MIRROR", "CONDA_INSTALLER"])
def test_a_mirror_without_http_is_refused_before_anything_changes(checkout: Path, bare_path: Path, name: str) -> None:
    """apt's own words for it are "Malformed entry", and its list is overwritten by then."""
    environment = {"PATH": str(bare_path), name: "mirror.example.edu/ubuntu"}
    build = ["sh", str(checkout / "deploy" / "template" / "build.sh")]
    done = subprocess.run(build, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == (
        f"{name}=mirror.example.edu/ubuntu must begin with http:// or https://,"
        f" for example {name}=https://mirror.example.edu/ubuntu\n"
    )
