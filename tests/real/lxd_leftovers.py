"""Taking a private LXD apart by force: it works on a living one and on what a killed test run left behind."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

OWNER = "junzi-owner.json"


def mark_as_ours(directory: Path, bridge: str) -> None:
    """Note whose it is, so that a later run can tell a living lab from a dead one."""
    owner = {"pid": os.getpid(), "born": _birth(os.getpid()), "bridge": bridge}
    (directory / OWNER).write_text(json.dumps(owner))


def sweep(prefix: str) -> None:
    """Destroy every lab whose test run is dead."""
    for note in Path("/tmp").glob(f"{prefix}*/{OWNER}"):
        owner = json.loads(note.read_text())
        if _birth(owner["pid"]) != owner["born"]:
            destroy(note.parent)


def destroy(directory: Path) -> None:
    """End its processes, unmount what it mounted, remove its bridge, its firewall rules and its files."""
    bridge = json.loads((directory / OWNER).read_text())["bridge"]
    # LXD first: it would start dnsmasq again, and note the end of every container.
    for choose in (_daemons, _containers, _rest):
        _end(list(choose(directory)))
    _unmount(directory)
    for link in [*_plugged_into(bridge), bridge]:
        subprocess.run(["ip", "link", "delete", link], capture_output=True, check=False)
    for chain in ("pstrt", "fwd", "in", "out"):
        subprocess.run(["nft", "delete", "chain", "inet", "lxd", f"{chain}.{bridge}"], capture_output=True, check=False)
    shutil.rmtree(directory, ignore_errors=True)


def _birth(pid: int) -> str | None:
    """When a process began, in the kernel's ticks: a pid alone may have been given to somebody else."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    return None


def _processes() -> Iterator[tuple[int, str, str]]:
    """(pid, command line, environment) of all that can be read."""
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            environment = (folder / "environ").read_bytes().replace(b"\0", b"\n").decode(errors="replace")
            yield int(folder.name), command, environment


def _daemons(directory: Path) -> Iterator[int]:
    own = f"LXD_DIR={directory}"
    return (pid for pid, command, env in _processes() if command.startswith("lxd ") and own in env.split("\n"))


def _containers(directory: Path) -> Iterator[int]:
    """The first process of each container: when it dies, the kernel ends all others in it."""
    monitors = {pid for pid, command, _ in _processes() if command.startswith(f"[lxc monitor] {directory}/")}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            if parent in monitors:
                yield int(folder.name)


def _rest(directory: Path) -> Iterator[int]:
    """Monitors, dnsmasq, port forwarders; never ourselves, who have its name in our environment."""
    own = f"LXD_DIR={directory}"
    for pid, command, environment in _processes():
        if pid != os.getpid() and (f"{directory}/" in command or own in environment.split("\n")):
            yield pid


def _end(pids: list[int]) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while any(_lives(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.02)


def _lives(pid: int) -> bool:
    """A zombie is dead enough: its parent will see."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def _plugged_into(bridge: str) -> list[str]:
    """LXD makes a container's network cards outside; liblxc hands them back when it ends."""
    return [folder.name for folder in Path(f"/sys/class/net/{bridge}/brif").glob("*")]


def _unmount(directory: Path) -> None:
    points = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    for point in reversed([point for point in points if point.startswith(f"{directory}/")]):
        subprocess.run(["umount", "--lazy", point], capture_output=True, check=False)
