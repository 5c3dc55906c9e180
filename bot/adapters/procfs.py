"""/proc: who a process is. A pid that NVML names is joined here with its container, command and start.

Steady state is one small read a process and poll (`stat`): what else is known is kept under the pid and its start
time, so that a reused pid is never taken for the process before it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from functools import partial
from pathlib import Path

from bot.adapters.procmem import ProcessMemory, read_once
from bot.adapters.surroundings import Ancestor, environment_of, session_of, wanted
from bot.domain.cgroup import origin_of, watched_by
from bot.domain.masking import one_line, shown_command
from bot.domain.sample import Origin, Reading, Unread, Untraced

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
MOST_OF_A_COMMAND = 1 << 16
MOST_OF_AN_ENVIRONMENT = 1 << 20
LONGEST_LINEAGE = 16  # a process's shell, and the tmux over it, are nearer than that
CLOCK_JITTER_SECONDS = 2  # of the kernel's `btime`, which it works out anew at each reading
DEEPEST_LINEAGE = 500  # to LXD's watcher, over the container's init
PIDS = re.compile(rb"^NSpid:(.*)$", re.MULTILINE)  # the process's pid in each namespace, the outermost first


@dataclass(frozen=True)
class ProcessFacts:
    """What /proc says of one pid; of a vanished one, only that."""

    origin: Origin
    command: Reading[str]
    started_at: Reading[datetime]
    process_group: int | None = None
    session: int | None = None
    parent: int | None = None
    folder: str | None = None
    environment: str | None = None
    session_name: str | None = None


@dataclass(frozen=True)
class _Stat:
    """The part of /proc/PID/stat that says who a process is. `exec` keeps the start but changes `comm`."""

    comm: str
    parent: int
    process_group: int
    session: int
    start_ticks: int


@dataclass(frozen=True)
class _Kept:
    stat: _Stat
    cgroup: str
    names: frozenset[str]
    facts: ProcessFacts


class ProcFs:
    """Reads one /proc, round by round. `root` is another folder in tests. Not safe for two threads at once."""

    def __init__(self, root: str | Path = "/proc", *, project: str = "default") -> None:
        self._root = str(root)
        self._memory = ProcessMemory(self._root)
        self._project = project
        self._kept: dict[int, _Kept] = {}
        self._ended: set[int] = set()
        self._boot_seconds: int | None = None

    def facts(self, pid: int, instance_names: frozenset[str]) -> ProcessFacts:
        """Who `pid` is now. Never raises: what can't be read is said so, and blamed on nobody.

        A driver that leaks goes on listing a process that has ended, and one day its pid is somebody else's: as long
        as it is listed without a break (see `forget_all_but`), it stays the one that has ended.
        """
        try:
            stat = parse_stat(self._read(pid, "stat"))
            if pid in self._ended or self._is_another(pid, stat):
                raise ProcessLookupError(f"process {pid} has ended; the driver lists it all the same")
            kept = self._known(pid, stat, instance_names)
        except (OSError, ValueError) as error:
            self._kept.pop(pid, None)
            reason = _reason(error)
            if reason == "vanished":
                self._ended.add(pid)
            unread = Unread(reason, str(error))
            return ProcessFacts(Untraced(reason), unread, unread)
        self._kept[pid] = kept
        return kept.facts

    def forget_all_but(self, pids: Collection[int]) -> None:
        """After each round: drop what is kept of processes that are on no card any more. And if the host's clock was
        set meanwhile (as after a boot with a wrong one), of all: when they started is another instant now."""
        self._kept = {pid: kept for pid, kept in self._kept.items() if pid in pids}
        self._ended &= set(pids)
        self._follow_the_clock()

    def _follow_the_clock(self) -> None:
        now = None if self._boot_seconds is None else self._read_boot_seconds()
        if now is None or self._boot_seconds is None or abs(now - self._boot_seconds) <= CLOCK_JITTER_SECONDS:
            return
        self._boot_seconds = now
        self._kept = {pid: replace(kept, facts=self._started_anew(kept)) for pid, kept in self._kept.items()}

    def _started_anew(self, kept: _Kept) -> ProcessFacts:
        return replace(kept.facts, started_at=self._started_at(kept.stat.start_ticks))

    def _is_another(self, pid: int, stat: _Stat) -> bool:
        return pid in self._kept and self._kept[pid].stat.start_ticks != stat.start_ticks

    def _known(self, pid: int, stat: _Stat, instance_names: frozenset[str]) -> _Kept:
        kept = self._kept.get(pid)
        if kept is None or kept.stat != stat:
            return self._meet(pid, stat, instance_names)
        if kept.names != instance_names:  # `c1-1` may have become a container of its own
            facts = replace(kept.facts, origin=self._origin(kept.cgroup, stat, instance_names))
            return replace(kept, names=instance_names, facts=facts)
        return kept

    def _meet(self, pid: int, stat: _Stat, instance_names: frozenset[str]) -> _Kept:
        cgroup = self._read(pid, "cgroup").decode("utf-8", "replace")
        around = self._around(pid)
        facts = ProcessFacts(
            origin=self._origin(cgroup, stat, instance_names),
            command=self._command(pid, stat.comm),
            started_at=self._started_at(stat.start_ticks),
            process_group=stat.process_group,
            session=stat.session,
            parent=stat.parent,
            folder=self._folder(pid),
            environment=environment_of(around),
            session_name=session_of(around, lambda: self._ancestors(stat.parent)),
        )
        return _Kept(stat, cgroup, instance_names, facts)

    def _origin(self, cgroup: str, stat: _Stat, instance_names: frozenset[str]) -> Origin:
        watched = partial(self._watched_above, stat.parent)
        return origin_of(cgroup, instance_names, project=self._project, watched=watched)

    def _watched_above(self, pid: int) -> str | None:
        """What LXD's own watcher over that process watches. Inside a container anybody may take such a title: only a
        process of the host counts, and the kernel says which is one (a pid in its own namespace alone)."""
        for _ in range(DEEPEST_LINEAGE):
            try:
                parent = parse_stat(self._read(pid, "stat")).parent
                title = (
                    self._memory.read(pid, "cmdline", MOST_OF_A_COMMAND)
                    .decode("utf-8", "replace")
                    .replace("\0", " ")
                    .strip()
                )
                name = watched_by(title)
                if name is not None and len(PIDS.findall(self._read(pid, "status"))[0].split()) == 1:
                    return name
            except (OSError, ValueError, IndexError):
                return None
            if pid <= 1:
                return None
            pid = parent
        return None

    def _command(self, pid: int, comm: str) -> Reading[str]:
        """`ps -o args`, masked. A kernel thread and a zombie have no arguments: then `comm`, in brackets as ps does."""
        try:
            raw = self._memory.read(pid, "cmdline", MOST_OF_A_COMMAND).rstrip(b"\0")
        except TimeoutError as error:  # whose it is, is known all the same
            return Unread("error", str(error))
        if not raw:
            return f"[{one_line(comm)}]"
        arguments = raw.decode("utf-8", "replace").split("\0")
        # Programs that set their own title (setproctitle: vLLM, Ray, gunicorn) leave one string with spaces.
        return shown_command(arguments[0].split(" ") if len(arguments) == 1 else arguments)

    def _folder(self, pid: int) -> str | None:
        try:
            return one_line(str(Path(f"{self._root}/{pid}/cwd").readlink()))
        except OSError:  # needs root, or the same user
            return None

    def _around(self, pid: int) -> Mapping[str, str]:
        """The few variables that name a run; nothing else of the environment leaves this function."""
        try:
            return wanted(self._memory.read(pid, "environ", MOST_OF_AN_ENVIRONMENT))
        except OSError:  # needs root, or the same user
            return {}

    def _ancestors(self, pid: int) -> Iterator[Ancestor]:
        """From the parent upwards, until init or one that can't be read."""
        for _ in range(LONGEST_LINEAGE):
            if pid <= 1:
                return
            try:
                stat = parse_stat(self._read(pid, "stat"))
                command = self._memory.read(pid, "cmdline", MOST_OF_A_COMMAND)
                arguments = command.decode("utf-8", "replace").rstrip("\0").split("\0")
            except (OSError, ValueError):
                return
            yield Ancestor(stat.comm, tuple(arguments))
            pid = stat.parent

    def _started_at(self, start_ticks: int) -> Reading[datetime]:
        if self._boot_seconds is None:
            self._boot_seconds = self._read_boot_seconds()
        seconds = timedelta(seconds=self._boot_seconds + start_ticks / TICKS_PER_SECOND)
        return datetime(1970, 1, 1, tzinfo=timezone.utc) + seconds

    def _read_boot_seconds(self) -> int:
        for line in Path(self._root, "stat").read_bytes().splitlines():
            if line.startswith(b"btime "):
                return int(line.split()[1])
        raise ValueError("no btime in /proc/stat")

    def _read(self, pid: int, name: str) -> bytes:
        return read_once(f"{self._root}/{pid}/{name}", MOST_OF_A_COMMAND)


def parse_stat(raw: bytes) -> _Stat:
    """/proc/PID/stat; `comm` stands in parentheses and may itself hold spaces and parentheses."""
    head, _, tail = raw.rpartition(b")")
    _, _, comm = head.partition(b"(")
    fields = tail.split()
    if len(fields) < 20:
        raise ValueError(f"not a stat line: {raw[:80]!r}")
    parent, group, session, start = (int(fields[place]) for place in (1, 2, 3, 19))
    return _Stat(comm.decode("utf-8", "replace"), parent, group, session, start)


def _reason(error: Exception) -> str:
    if isinstance(error, (FileNotFoundError, ProcessLookupError)):
        return "vanished"
    return "no_permission" if isinstance(error, PermissionError) else "error"
