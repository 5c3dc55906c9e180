"""The deployment guide, typed into a bare LXD line by line: whoever follows it has a lab that takes an SSH login.

Blocks marked ```sh test run in one shell session each, in their order; ```sh test by-hand is the same as the host's
script, for another bare LXD. What a test can't have (an image server, 800 GiB, users) is replaced: see `substitutes`.
"""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import datetime, timezone
from pathlib import Path

import asyncssh
import pytest

from bot.adapters.host_keys import make_host_keys
from bot.adapters.lxd import LxdInstances
from bot.adapters.ssh_banner import wait_for_ssh
from bot.demo.server import LocalTelegram, Persona
from bot.domain.instance import Dataset
from bot.domain.password import new_password
from bot.domain.provisioning import Plan, Step
from bot.services.provisioning import provision
from bot.settings import load
from tests.real.conftest import skip_without_lxd
from tests.real.lxd_image import base_image
from tests.real.lxd_lab import Lab, free_port, free_subnet, raise_limits

pytestmark = pytest.mark.real_lxd

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```sh test(?P<by_hand> by-hand)?\n(?P<lines>.*?)^```$", re.MULTILINE | re.DOTALL)
TOKEN = "7:token-of-the-guide"
PATIENCE_SECONDS = 300
PATHS = ("/srv/datasets", "/root/token", "/var/lib/junzi", "/var/backups/junzi")


def blocks(language: str = "zh", *, by_hand: bool = False) -> list[str]:
    text = (ROOT / "deploy" / "guides" / language / "deployment.md").read_text("utf-8")
    return [match["lines"] for match in BLOCK.finditer(text) if bool(match["by_hand"]) == by_hand]


class BareLab(Lab):
    """As `snap install lxd` leaves it: a daemon, no pool, no network; beside it the image, as there is no internet."""

    def start(self) -> None:
        image = base_image()
        raise_limits()
        self.start_daemon()
        self.lxc("image", "import", str(image.metadata), str(image.rootfs), "--alias", "base")


@pytest.fixture
def bare() -> Iterator[BareLab]:
    skip_without_lxd()
    lab = BareLab()
    try:
        lab.start()
        yield lab
    finally:
        lab.close()


@pytest.fixture
async def telegram() -> AsyncIterator[LocalTelegram]:
    people = (Persona(11, "Boss", "boss", "en"),)
    server = LocalTelegram(TOKEN, "lab_bot", people, "Lab", lambda: datetime.now(timezone.utc), flood_limits=False)
    await server.start(port=0)
    yield server
    await server.stop()


def substitutes(lab: BareLab, tmp_path: Path) -> Mapping[str, str]:
    return {
        "sudo ": "",
        "--driver zfs": "--driver btrfs",
        "create default zfs": "create default btrfs",
        "800GiB": "8GiB",
        "lxdbr0": lab.bridge,
        "10.88.0.1/24": free_subnet(),
        "ubuntu:24.04": "base",
        "tcp:0.0.0.0:10999": f"tcp:0.0.0.0:{free_port()}",
        "/opt/junzi/.venv/bin/junzi": f"{sys.executable} -m bot",
        "-o junzi -g junzi ": "",
        **{path: f"{tmp_path}{path}" for path in PATHS},
    }


async def typed(lines: str, lab: BareLab, tmp_path: Path, **environment: str) -> str:
    """What a shell says to these lines of the guide; it stops at the first that fails."""
    for original, here in substitutes(lab, tmp_path).items():
        lines = lines.replace(original, here)
    done = await asyncio.to_thread(
        subprocess.run,
        ["sh", "-euxc", lines],
        cwd=ROOT,
        env={**lab.environment, "DESTDIR": str(tmp_path), **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_both_languages_say_to_type_the_same() -> None:
    assert len(blocks()) >= 10
    assert blocks("en") == blocks("zh")
    assert blocks("en", by_hand=True) == blocks("zh", by_hand=True)


async def test_who_follows_the_guide_has_a_lab(bare: BareLab, telegram: LocalTelegram, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    for folder in ("root", "var/lib/junzi", "var/backups/junzi"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "root" / "token").write_text(TOKEN)
    environment = {
        "JUNZI_CONFIG": str(tmp_path / "junzi.toml"),
        "JUNZI_TELEGRAM__API_URL": telegram.url,
        "JUNZI_STORAGE__PATH": str(tmp_path / "var/lib/junzi/junzi.db"),
        "PYTHONPATH": str(ROOT),
    }

    said = {lines: await typed(lines, bare, tmp_path, **environment) for lines in blocks()}

    assert said[blocks()[0]].count("created") >= 2  # the pool and the network
    again = await typed(blocks()[0], bare, tmp_path, **environment)
    assert "the storage pool default is there" in again
    assert "created" not in again
    assert "https://t.me/lab_bot?start=" in "".join(said.values())
    settings = load(tmp_path / "junzi.toml", storage={"path": tmp_path / "var/lib/junzi/junzi.db"})
    assert settings.lab.host == "gpu.example.org"
    assert bare.names() == ["template"]
    await a_student_logs_in(bare, settings.lxd.datasets[0].partition(":")[0])


async def a_student_logs_in(lab: BareLab, datasets: str) -> None:
    """What /adduser makes of the guide's template."""
    Path(datasets, "labels.txt").write_text("cat dog\n")
    instances = LxdInstances(lab.socket)
    mounted = (Dataset(datasets, "/mnt/datasets"),)
    plan = Plan("op-1", "m-1", "zhangsan", "zhangsan", "template", free_port(), new_password(), datasets=mounted)

    async def on_step(_step: Step) -> None:
        return None

    try:
        await provision(instances, plan, make_host_keys, wait_for_ssh, on_step)
        password = plan.password.reveal()
        login = {"username": "zhangsan", "password": password, "known_hosts": None, "client_keys": None, "config": None}
        async with asyncssh.connect("127.0.0.1", plan.ssh_port, **login) as ssh:
            assert (await ssh.run("cat /mnt/datasets/labels.txt", check=True)).stdout == "cat dog\n"
            assert (await ssh.run("hostname", check=True)).stdout == "zhangsan\n"
    finally:
        await instances.close()


async def test_a_pool_larger_than_the_disk_below_it_is_refused(bare: BareLab, tmp_path: Path) -> None:
    said = await typed(f"! {blocks()[0].replace('800GiB', '800TiB')}", bare, tmp_path)
    assert f"--size 800TiB is more than is free in {bare.directory} (" in said
    assert bare.lxc("storage", "list", "--format", "csv") == ""


async def test_a_mistyped_mirror_is_gone_with_the_next_run_of_the_script(bare: BareLab, tmp_path: Path) -> None:
    await typed(blocks()[0], bare, tmp_path)
    bare.lxc("launch", "base", "c1")
    own = bare.lxc("exec", "c1", "--", "cat", "/etc/apt/sources.list")
    build = "! lxc exec c1 -- env PACKAGES=no-such-package {} sh -s <deploy/template/build.sh"
    await typed(build.format("APT_MIRROR=http://127.0.0.1:9/debian"), bare, tmp_path)
    assert "deb http://127.0.0.1:9/debian" in bare.lxc("exec", "c1", "--", "cat", "/etc/apt/sources.list")
    await typed(build.format(""), bare, tmp_path)
    assert bare.lxc("exec", "c1", "--", "cat", "/etc/apt/sources.list") == own


async def test_by_hand_it_is_the_same(bare: BareLab, tmp_path: Path) -> None:
    for lines in blocks(by_hand=True):
        await typed(lines, bare, tmp_path)
    assert os.path.isdir(tmp_path / "srv" / "datasets")  # noqa: PTH112
    bare.lxc("launch", "base", "c1")
    assert "eth0" in bare.lxc("config", "show", "c1", "--expanded")
