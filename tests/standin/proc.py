"""A made-up /proc in a folder: processes with a cgroup, a start and a command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

BOOT = 1_700_000_000  # seconds since 1970


class StandInProc:
    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)
        self.set_boot(BOOT)

    def set_boot(self, seconds: int) -> None:
        """When the host started, by its clock: another instant after that is set."""
        (self.root / "stat").write_text(f"cpu  1 2 3\nintr 5\nctxt 7\nbtime {seconds}\nprocesses 9\n")

    def add(
        self,
        pid: int,
        cgroup: str,
        command: Sequence[str] = ("python", "train.py"),
        *,
        start_ticks: int = 100,
        comm: str = "python",
        group: int | None = None,
        parent: int = 1,
        environment: Mapping[str, str] | None = None,
        pids: Sequence[int] | None = None,
    ) -> None:
        """`cgroup` as one v2 path, or the whole text if it holds a colon. `pids`: its number in each namespace."""
        folder = self.root / str(pid)
        folder.mkdir(exist_ok=True)
        (folder / "cgroup").write_text(cgroup if ":" in cgroup else f"0::{cgroup}\n")
        (folder / "cmdline").write_bytes(b"".join(part.encode() + b"\0" for part in command))
        if environment is not None:
            pairs = (f"{name}={value}".encode() + b"\0" for name, value in environment.items())
            (folder / "environ").write_bytes(b"".join(pairs))
        numbers = "\t".join(str(number) for number in pids or (pid,))
        (folder / "status").write_text(f"Name:\t{comm}\nNSpid:\t{numbers}\nThreads:\t1\n")
        zeros = " ".join("0" for _ in range(16))
        group = pid if group is None else group
        (folder / "stat").write_text(f"{pid} ({comm}) S {parent} {group} {group} {zeros[:-2]} {start_ticks} 0 0 0 0\n")

    def remove(self, pid: int) -> None:
        for file in (self.root / str(pid)).iterdir():
            file.unlink()
        (self.root / str(pid)).rmdir()
