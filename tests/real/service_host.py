"""A container that plays the host: Debian with systemd, and junzi installed in it by deploy/install.sh.

It has no LXD of its own: the lab's socket is lent to it at the place where Debian's LXD has its own, and the local Bot
API server at 127.0.0.1. So the units run as they do on a real host, and what they talk to is real too.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.real.lxd_lab import TEMPLATE, Lab

ROOT = Path(__file__).parents[2]
CHECKOUT = "/opt/junzi"
JUNZI = f"{CHECKOUT}/.venv/bin/junzi"
SOCKET = "/var/lib/lxd/unix.socket"
LXD_GROUP = 997  # made before any package makes one, so the lent socket can be given to it
WHEELS = "/mnt/wheels"
PATIENCE_SECONDS = 300


class ServiceHost:
    """Its container is called `server`."""

    name = "server"

    def __init__(self, lab: Lab) -> None:
        self.lab = lab

    def make(self, wheels: Path, telegram_port: int) -> None:
        """The machine, before anything of junzi is on it. `wheels`: a folder for the packages of requirements.lock."""
        with ThreadPoolExecutor(1) as beside:
            fetched = beside.submit(download, wheels)
            self._boot()
            fetched.result()
        self.lab.lxc("config", "device", "add", self.name, "wheels", "disk", f"source={wheels}", f"path={WHEELS}")
        self.shell(f"groupadd --system --gid {LXD_GROUP} lxd && install -d {SOCKET.rpartition('/')[0]}")
        self._lend("lxd", SOCKET, f"unix:{self.lab.socket}", "mode=0660", f"gid={LXD_GROUP}")
        self._lend("telegram", "", f"tcp:127.0.0.1:{telegram_port}")
        self._push_checkout()

    def _boot(self) -> None:
        """Debian with systemd, a network, and what the guide's apt line installs."""
        self.lab.lxc("copy", TEMPLATE, self.name, "--instance-only")
        self.lab.lxc("config", "set", self.name, "security.nesting=true")  # systemd's fences are mounts of its own
        self.lab.lxc("start", self.name)
        self.shell("until systemctl is-system-running | grep -q -e running -e degraded; do sleep 0.1; done")
        self.shell("until ip -4 route | grep -q default; do sleep 0.1; done")
        self.shell("apt-get update -qq && apt-get install -y -qq --no-install-recommends python3-venv")

    async def install(self) -> str:
        """As the deployment guide says; what it printed."""
        return await self.sh(f"PIP_NO_INDEX=1 PIP_FIND_LINKS={WHEELS} {CHECKOUT}/deploy/install.sh 2>&1")

    async def property(self, unit: str, name: str) -> str:
        """Of a unit, as `systemctl show` has it."""
        return (await self.sh(f"systemctl show --value --property {name} {unit}")).strip()

    async def sh(self, script: str, stdin: bytes = b"") -> str:
        """`shell`, while others talk."""
        return await asyncio.to_thread(self.shell, script, stdin)

    def shell(self, script: str, stdin: bytes = b"") -> str:
        """What root's shell says there; AssertionError with its words if it fails."""
        done = subprocess.run(
            ["lxc", "exec", self.name, "--", "sh", "-euc", script],
            env=self.lab.environment,
            input=stdin,
            capture_output=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        words = done.stdout.decode(errors="replace")
        assert done.returncode == 0, f"{script}\n{words}\n{done.stderr.decode(errors='replace')}"
        return words

    def _lend(self, device: str, listen: str, connect: str, *options: str) -> None:
        listen = f"unix:{listen}" if listen else connect
        self.lab.lxc(
            *("config", "device", "add", self.name, device, "proxy", "bind=instance"),
            *(f"listen={listen}", f"connect={connect}", *options),
        )

    def _push_checkout(self) -> None:
        command = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        files = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
        there = b"\0".join(file for file in files.split(b"\0") if file and (ROOT / file.decode()).is_file())
        archive = subprocess.run(
            ["tar", "--create", "--null", "--files-from=-"], cwd=ROOT, input=there, capture_output=True, check=True
        ).stdout
        self.shell(f"mkdir -p {CHECKOUT} && tar -x -C {CHECKOUT} --no-same-owner", archive)


def download(folder: Path) -> None:
    """What requirements.lock asks for, as wheels for Debian 12; by this machine's pip, which knows its mirrors."""
    platforms = [f"--platform=manylinux_{version}_{os.uname().machine}" for version in ("2_28", "2_17")]
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"),
            *("--require-hashes", "-r", str(ROOT / "requirements.lock"), "--dest", str(folder)),
            *("--no-deps", "--only-binary=:all:", "--python-version=3.11", "--implementation=cp", *platforms),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
