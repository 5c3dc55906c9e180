"""Runs: the processes of one member that belong together, as that member would count them.

A data-parallel job is one run, not eight processes. Belonging together is, in one container:

- the same process group: what one command line of a shell, or one script, started;
- the same launcher and command, each in a session of its own: that is how torchrun starts its workers
  (torch/distributed/elastic, `start_new_session=True`), so their groups and sessions all differ.

Two jobs sent to the background in one terminal have a group each: two runs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.domain.card import Card
from bot.domain.evidence import held_bytes
from bot.domain.sample import InInstance, Process, Sample, Unread

LOCAL_RANK = re.compile(r"--local[-_]rank[= ]\d+")  # DeepSpeed and old launchers tell their workers apart by it
# What stands before the name of what is run.
LAUNCHERS = frozenset(
    "python python3 torchrun accelerate launch deepspeed env uv run nohup time sudo srun mpirun".split()
)


@dataclass(frozen=True)
class Run:
    """One run at one instant. A process on several cards is in `processes` once a card."""

    member: int
    instance: str
    processes: tuple[tuple[Card, Process], ...]

    @property
    def identities(self) -> frozenset[tuple[int, datetime | None]]:
        """Its processes by pid and start: what a later sample has in common with the same run."""
        return frozenset((process.pid, _start(process)) for _, process in self.processes)

    @property
    def cards(self) -> tuple[Card, ...]:
        return tuple(sorted({card for card, _ in self.processes}, key=lambda card: (card.index, card.id)))

    @property
    def started_at(self) -> datetime | None:
        """The earliest start; None if nobody could read any."""
        return min((start for _, process in self.processes if (start := _start(process))), default=None)

    @property
    def memory_bytes(self) -> int | None:
        """On all cards together; None if any of it could not be read."""
        return held_bytes(process for _, process in self.processes)

    @property
    def load_percent(self) -> float | None:
        """The mean over its processes, of those whose load could be read."""
        loads = [process.sm_percent for _, process in self.processes if not isinstance(process.sm_percent, Unread)]
        return sum(loads) / len(loads) if loads else None

    @property
    def command(self) -> str | None:
        """The command line of its first process, masked; None if nobody could read any."""
        commands = (process.command for _, process in self.processes)
        return next((command for command in commands if not isinstance(command, Unread)), None)

    @property
    def name(self) -> str | None:
        """What its owner would call it, as far as it could be read: "train.py (vit) · conda torch2 · tmux train"."""
        command = self.command
        if command is None:
            return None
        processes = [process for _, process in self.processes]
        folder = next((process.folder for process in processes if process.folder), None)
        environment = next((process.environment for process in processes if process.environment), None)
        session = next((process.session_name for process in processes if process.session_name), None)
        place = (folder or "").rstrip("/").rpartition("/")[2]
        script = f"{named(command)} ({place})" if place else named(command)
        return " · ".join(part for part in (script, environment, session) if part)


def runs_in(sample: Sample, owners: Mapping[str, int], *, project: str = "default") -> tuple[Run, ...]:
    """All runs of members in this sample, oldest first. What could not be traced is in none."""
    if sample.trouble is not None:
        return ()
    found = [
        (row.card, process, process.origin.instance)
        for row in sample.cards
        if row.lost is None and not isinstance(row.processes, Unread)
        for process in row.processes
        if isinstance(process.origin, InInstance)
        and process.origin.project == project
        and process.origin.instance in owners
    ]
    groups = _together([(process, instance) for _, process, instance in found])
    members: dict[object, list[tuple[Card, Process, str]]] = {}
    for entry, group in zip(found, groups, strict=True):
        members.setdefault(group, []).append(entry)
    runs = [_run(entries, owners) for entries in members.values()]
    return tuple(sorted(runs, key=lambda run: (str(run.started_at), run.instance, run.processes[0][1].pid)))


def named(command: str) -> str:
    """The script, module or program in a command line: "train.py", "vllm serve", "ipykernel_launcher"."""
    words = [word.strip("'") for word in command.split()]
    for place, word in enumerate(words):
        if word == "-m" and place + 1 < len(words):
            return words[place + 1]
        if word.endswith((".py", ".sh")):
            return word.rpartition("/")[2]
    for word in words:
        program = word.rpartition("/")[2]
        if not word.startswith("-") and "=" not in word and program.rstrip("0123456789.") not in LAUNCHERS:
            return program
    return words[0].rpartition("/")[2] if words else ""


def _run(entries: Iterable[tuple[Card, Process, str]], owners: Mapping[str, int]) -> Run:
    ordered = sorted(entries, key=lambda entry: (str(_start(entry[1])), entry[1].pid, entry[0].index, entry[0].id))
    instance = ordered[0][2]
    return Run(owners[instance], instance, tuple((card, process) for card, process, _ in ordered))


def _together(processes: Iterable[tuple[Process, str]]) -> list[object]:
    """For each process, what stands for its run; equal for those that belong together."""
    processes = list(processes)
    parent_of: dict[object, object] = {}

    def root(thing: object) -> object:
        while thing in parent_of:
            thing = parent_of[thing]
        return thing

    for process, instance in processes:
        ties = _ties(process, instance)
        for tie in ties[1:]:
            first, other = root(ties[0]), root(tie)
            if first != other:
                parent_of[other] = first
    return [root(_ties(process, instance)[0]) for process, instance in processes]


def _ties(process: Process, instance: str) -> list[tuple[object, ...]]:
    ties: list[tuple[object, ...]] = [("pid", instance, process.pid)]
    if process.process_group:
        ties.append(("group", instance, process.process_group))
    leads_session = process.session == process.pid
    if leads_session and process.parent is not None and process.parent > 1 and not isinstance(process.command, Unread):
        ties.append(("launcher", instance, process.parent, LOCAL_RANK.sub("", process.command)))
    return ties


def _start(process: Process) -> datetime | None:
    return None if isinstance(process.started_at, Unread) else process.started_at
