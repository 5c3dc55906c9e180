"""A private LXD for tests: its own directory, bridge, subnet, storage pool and template; nothing of it stays behind.

Needs root and the packages of `.ci/lxd-packages.txt`. The base image is made once by debootstrap (about a minute) and
kept in $JUNZI_TEST_CACHE, else ~/.cache/junzi-tests; with it a lab is up in about 6 seconds.
"""

from __future__ import annotations

import os
import random
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.real.lxd_gpus import command_with_cards
from tests.real.lxd_image import base_image
from tests.real.lxd_leftovers import destroy, mark_as_ours, sweep

TEMPLATE = "template"
PREFIX = "junzi-lxd-"


def why_not() -> str | None:
    """Why there can be no lab here; None if there can."""
    if os.geteuid() != 0:
        return "a real LXD needs root"
    missing = [
        tool for tool in ("lxd", "lxc", "debootstrap", "dnsmasq", "iptables", "tar") if shutil.which(tool) is None
    ]
    return f"no {', '.join(missing)} here: see .ci/lxd-packages.txt" if missing else None


class Lab:
    """A running LXD with a stopped container `template`: Debian 12 with sshd, sudo and python3."""

    def __init__(self, cards: int = 0) -> None:
        """`cards`: how many made-up NVIDIA cards it believes in; see lxd_gpus.py for what they can't do."""
        sweep(PREFIX)
        self.cards = cards
        self.directory = Path(tempfile.mkdtemp(prefix=PREFIX, dir="/tmp"))
        self.directory.chmod(0o711)  # containers' roots must be able to walk through it
        self.bridge = f"jz{self.directory.name.removeprefix(PREFIX)[:8]}"
        mark_as_ours(self.directory, self.bridge)
        self.log = self.directory / "lxd.log"
        self.environment = {**os.environ, "LXD_DIR": str(self.directory), "HOME": str(self.directory)}
        self.daemon: subprocess.Popen[bytes] | None = None

    @property
    def socket(self) -> str:
        return str(self.directory / "unix.socket")

    def start(self) -> None:
        image = base_image()
        raise_limits()
        self.start_daemon()
        self._make_storage()
        subnet = f"ipv4.address={free_subnet()}"
        self.lxc("network", "create", self.bridge, subnet, "ipv4.nat=true", "ipv6.address=none")
        self.lxc("profile", "device", "add", "default", "eth0", "nic", f"network={self.bridge}", "name=eth0")
        self.lxc("profile", "device", "add", "default", "root", "disk", "path=/", "pool=default")
        self.lxc("image", "import", str(image.metadata), str(image.rootfs), "--alias", "base")
        privileged = ["--config", "security.privileged=true"] if self.cards else []
        self.lxc(
            "launch", "base", TEMPLATE, *privileged
        )  # the first start gives its files the ids that copies then have
        self.lxc("stop", "--force", TEMPLATE)  # a graceful one so soon after the start is lost: systemd misses it

    def start_daemon(self) -> None:
        """--debug: a secret that shows up in any log of LXD is to be found."""
        command = ["lxd", "--group", "root", "--debug", "--logfile", str(self.log)]
        if self.cards:
            command = command_with_cards(command, self.cards, self.directory / "cards")
        with (self.directory / "lxd.out").open("ab") as out:
            self.daemon = subprocess.Popen(
                command, env=self.environment, stdout=out, stderr=out, stdin=subprocess.DEVNULL, start_new_session=True
            )
        subprocess.run(["lxd", "waitready", "--timeout", "60"], env=self.environment, check=True)

    def stop_daemon(self) -> None:
        """As an upgrade would: the containers run on."""
        assert self.daemon is not None
        self.daemon.terminate()
        self.daemon.wait(timeout=60)

    def lxc(self, *arguments: str, stdin: str | None = None) -> str:
        """`lxc ...` in this lab; its words if it fails."""
        done = subprocess.run(
            ["lxc", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            input=stdin,
            timeout=120,
            check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(f"lxc {' '.join(arguments)}: {done.stderr.strip()}")
        return done.stdout

    def names(self) -> list[str]:
        return self.lxc("list", "--format", "csv", "--columns", "n").split()

    def clear(self) -> None:
        """Delete every container but the template."""
        for name in self.names():
            if name != TEMPLATE:
                self.lxc("config", "set", name, "security.protection.delete=")
                self.lxc("delete", "--force", name)

    def close(self) -> None:
        destroy(self.directory)
        if self.daemon is not None:
            self.daemon.wait(timeout=30)
        with suppress(OSError):
            Path("/dev/dri").rmdir()  # made for made-up cards; a real one is not empty

    def _make_storage(self) -> None:
        try:
            self.lxc("storage", "create", "default", "btrfs", "size=12GiB")
        except RuntimeError:  # no btrfs in this kernel: slower, and right all the same
            self.lxc("storage", "create", "default", "dir")


def raise_limits() -> None:
    """With the kernel's own limits the 18th container dies at boot; LXD's manual asks a server for more than these.

    They are the one thing that stays behind.
    """
    for file, least in (("fs/inotify/max_user_instances", 4096), ("kernel/keys/maxkeys", 2000)):
        limit = Path("/proc/sys", file)
        if int(limit.read_text()) < least:
            limit.write_text(str(least))


def free_port() -> int:
    """A TCP port that nobody has; below those that the kernel gives to clients."""
    while True:
        port = random.randrange(20000, 30000)
        with suppress(OSError), socket.socket() as probe:
            probe.bind(("0.0.0.0", port))
            return port


@contextmanager
def occupied(port: int) -> Iterator[None]:
    """Somebody else listens there."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("0.0.0.0", port))
        listener.listen()
        yield


def free_subnet() -> str:
    used = subprocess.run(["ip", "-4", "-o", "addr"], capture_output=True, text=True, check=True).stdout
    start = int(time.time()) % 100
    octets = (100 + (start + step) % 100 for step in range(100))
    return next(f"10.{octet}.77.1/24" for octet in octets if f" 10.{octet}." not in used)


_lab: Lab | None = None
_borrowers = 0


@contextmanager
def borrowed_lab() -> Iterator[Lab]:
    """One lab for the whole test run, whoever asks for it; the last to leave turns off the light."""
    global _lab, _borrowers
    if _lab is None:
        _lab = Lab()
        try:
            _lab.start()
        except BaseException:
            _lab.close()
            _lab = None
            raise
    _borrowers += 1
    try:
        yield _lab
    finally:
        _borrowers -= 1
        if _borrowers == 0:
            _lab.close()
            _lab = None
