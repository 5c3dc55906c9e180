"""What is installed is what was meant: one owner of each top-level name, every import declared, locks in step."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from importlib import import_module, metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parent.parent
OURS = ("bot", "handlers", "storage")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PINNED = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>\S+)(?: ; (?P<marker>.+?))?(?: \\)?$", re.MULTILINE)


def owners() -> dict[str, set[str]]:
    """`importlib.metadata.packages_distributions`, which in Python 3.10 sees only what writes a top_level.txt."""
    found: dict[str, set[str]] = {}
    for distribution in metadata.distributions():
        files = distribution.files or ()
        for name in {file.parts[0].partition(".")[0] for file in files if file.suffix in (".py", ".so")}:
            found.setdefault(name, set()).add(distribution.metadata["Name"])
    return found


@pytest.mark.parametrize("name", OURS)
def test_nobody_else_owns_our_top_level_names(name: str) -> None:
    """They are generic (a contract fixes them), so somebody's package of the same name would shadow ours or theirs."""
    assert owners().get(name, {"junzi"}) == {"junzi"}
    assert Path(str(import_module(name).__file__)).parent == ROOT / name


def imports(folder: str) -> Iterator[tuple[str, str]]:
    for file in sorted((ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module or ""]
            yield from ((name.partition(".")[0], str(file.relative_to(ROOT))) for name in names)


# Not declared by us, but part of what a declared one promises to bring.
BROUGHT = {
    "ws4py": "pylxd",  # its websockets; whose errors come out of its calls
    "requests": "pylxd",  # its session, which is made without the environment's proxies
    "httpx": "python-telegram-bot",  # what it talks to the server with
    "pydantic": "pydantic-settings",
    "tomllib": "tomli",  # the same library under the name that Python 3.11 gave it
}


def test_every_import_is_declared() -> None:
    declared = {canonicalize_name(Requirement(line).name) for line in PROJECT["project"]["dependencies"]}
    assert declared >= set(BROUGHT.values())
    owned = owners()
    undeclared = {
        f"{file} imports {name}"
        for folder in OURS
        for name, file in imports(folder)
        if name not in sys.stdlib_module_names
        and name not in OURS
        and name not in BROUGHT
        and not declared & {canonicalize_name(owner) for owner in owned.get(name, {name})}
    }
    assert undeclared == set()


def group(name: str) -> Iterator[str]:
    for line in PROJECT["dependency-groups"][name]:
        if isinstance(line, str):
            yield line
        else:
            yield from group(line["include-group"])


@pytest.mark.parametrize(("file", "groups"), [("requirements.lock", ["build"]), ("requirements-dev.lock", ["dev"])])
def test_the_lock_fits_what_is_declared(file: str, groups: list[str]) -> None:
    """Without a network; `deploy/lock.sh --check` asks uv whether the rest is in step too."""
    pinned: dict[str, list[str]] = {}
    for match in PINNED.finditer((ROOT / file).read_text()):
        pinned.setdefault(canonicalize_name(match["name"]), []).append(match["version"])
    wanted = [*PROJECT["project"]["dependencies"], *(line for name in groups for line in group(name))]
    for requirement in map(Requirement, wanted):
        versions = pinned.get(canonicalize_name(requirement.name))
        assert versions, f"{requirement.name} is not in {file}: run deploy/lock.sh"
        assert all(requirement.specifier.contains(version) for version in versions), f"{requirement}: deploy/lock.sh"


@pytest.mark.parametrize("file", ["requirements.lock", "requirements-dev.lock"])
def test_the_lock_has_hashes_and_no_address(file: str) -> None:
    text = (ROOT / file).read_text()
    assert len(PINNED.findall(text)) > 40
    assert all("--hash=sha256:" in entry for entry in re.split(r"\n(?=[a-zA-Z0-9])", text)[1:])
    assert "://" not in text


def test_the_wheel_holds_the_three_rooms_and_what_is_no_code(tmp_path: Path) -> None:
    build = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"
    subprocess.run([sys.executable, "-c", build, str(tmp_path)], cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        inside = set(archive.namelist())
    assert {name.partition("/")[0] for name in inside if ".dist-info/" not in name} == set(OURS)
    assert {"bot/texts/zh/menu.toml", "bot/texts/en/menu.toml"} <= inside
    page = {str(file.relative_to(ROOT)) for file in (ROOT / "bot" / "demo" / "page").iterdir() if file.is_file()}
    assert page <= inside
