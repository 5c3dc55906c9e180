"""NVIDIA's management library as `bot.ports.Cards`: all cards of this host, joined with /proc.

NVML is opened once and its handles are kept: without persistence mode the driver needs a second and a half a card to
wake up. A call may hang in the driver for good, so every poll runs on a thread of its own and the bot waits for it
only so long.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from bot.adapters.nvml_errors import LibraryGone
from bot.adapters.nvml_library import Library
from bot.adapters.patience import Job, PatientThread
from bot.adapters.procfs import ProcFs
from bot.domain.sample import CardReading, Process, Reading, Sample, Unread

log = logging.getLogger("junzi.nvml")

# With a card missing, NVML is opened anew only now and then: a card's reset needs a moment in which nobody holds it.
REOPEN_EVERY_POLLS = 10


@dataclass
class _Poll:
    """One round. `rows` grows while it runs, so that a hang at the fourth card does not cost the first three."""

    taken_at: datetime
    names: frozenset[str]
    rows: list[CardReading] = field(default_factory=list)
    given_up: bool = False


class NvmlCards:
    """Fulfils `bot.ports.Cards`. `now` is the clock's; `instance_names` is asked at every poll."""

    def __init__(
        self,
        host: str,
        now: Callable[[], datetime],
        instance_names: Callable[[], frozenset[str]],
        *,
        project: str = "default",
        deadline_seconds: float = 10.0,
        proc_root: str | Path = "/proc",
        pci_root: str | Path = "/sys/bus/pci/devices",
    ) -> None:
        self._host = host
        self._now = now
        self._instance_names = instance_names
        self._deadline_seconds = deadline_seconds
        self._procfs = ProcFs(proc_root, project=project)
        self._library = Library(host, pci_root, now)
        self._thread = PatientThread("junzi-nvml")
        self._lock = threading.Lock()
        self._running: tuple[_Poll, Job[Sample]] | None = None
        self._polls = 0
        self._some_lost = False
        self._closed = False
        self._closing: Job[None] | None = None
        self._warned: frozenset[str] = frozenset()

    async def sample(self) -> Sample:
        """All cards now. Two who ask at the same time get the same answer."""
        sample = await asyncio.to_thread(self.sample_within, self._deadline_seconds)
        if sample.trouble is None:
            self._warn_once(sample.warnings)
        return sample

    async def close(self) -> None:
        """Give the driver back, unless it hangs: closing NVML under a call crashes the process."""
        await asyncio.to_thread(self.close_within, self._deadline_seconds)

    def sample_within(self, seconds: float) -> Sample:
        """`sample` for callers without an event loop: blocks, but never longer than that."""
        if self._closed:
            return Sample(self._host, self._now(), trouble=Unread("error", "closed"))
        poll, job = self._join_or_start()
        if poll.given_up:
            return Sample(self._host, self._now(), trouble=_late(poll))
        if not job.wait(seconds):
            poll.given_up = True
            return self._partial(poll)
        if job.result is None:
            log.error("a poll of the cards failed", exc_info=job.error)
            return Sample(self._host, poll.taken_at, trouble=Unread("error", repr(job.error)))
        return job.result

    def close_within(self, seconds: float) -> None:
        """`close` for callers without an event loop. Who closes a second time waits for the same end."""
        with self._lock:
            closed, self._closed = self._closed, True
            if self._closing is None:
                # On the poll thread, so after any call that is under way: a driver that hangs is left as it is.
                self._closing = self._thread.start(self._library.close)
                self._thread.stop()
        if not self._closing.wait(seconds) and not closed:
            log.warning("the NVIDIA driver does not answer; it is left as it is")

    def wait_for_driver(self, seconds: float) -> bool:
        """Whether no call is under way after that time: a poll that was given up may still end one day."""
        with self._lock:
            running = self._running
        return running is None or running[1].wait(seconds)

    def _join_or_start(self) -> tuple[_Poll, Job[Sample]]:
        with self._lock:
            if self._running is None or self._running[1].is_done:
                poll = _Poll(self._now(), self._instance_names())
                self._running = poll, self._thread.start(lambda: self._read_all(poll))
            return self._running

    def _read_all(self, poll: _Poll) -> Sample:
        """On the poll thread: open what is closed, read every card, say what is missing."""
        try:
            if self._polls % REOPEN_EVERY_POLLS == 0 and (self._some_lost or self._library.misses_cards()):
                self._library.close()
            self._polls += 1
            self._library.open()
            for card in self._library.cards:
                row = card.read(self._joiner(poll.names))
                poll.rows.append(replace(row, xid=self._library.xids.reading(row.card.id.uuid)))
        except LibraryGone as gone:
            self._library.close()
            self._procfs.forget_all_but(())
            return Sample(self._host, poll.taken_at, trouble=gone.unread)
        rows = [*poll.rows, *self._library.lost_rows()]
        self._some_lost = any(row.lost is not None for row in rows)
        self._procfs.forget_all_but(pids_of(rows))
        return Sample(self._host, poll.taken_at, in_order(rows), warnings=self._library.warnings)

    def _joiner(self, names: frozenset[str]) -> Callable[[int, Reading[int], Reading[int], frozenset[str]], Process]:
        def join(pid: int, memory: Reading[int], sm: Reading[int], kinds: frozenset[str]) -> Process:
            facts = self._procfs.facts(pid, names)
            return Process(
                pid=pid,
                origin=facts.origin,
                memory_bytes=memory,
                sm_percent=sm,
                kinds=kinds,
                command=facts.command,
                started_at=facts.started_at,
                process_group=facts.process_group,
                session=facts.session,
                parent=facts.parent,
                folder=facts.folder,
                environment=facts.environment,
                session_name=facts.session_name,
            )

        return join

    def _partial(self, poll: _Poll) -> Sample:
        """What was read before the driver hung; if that is nothing, there is trouble."""
        rows, late = list(poll.rows), _late(poll)
        if not rows:
            return Sample(self._host, poll.taken_at, trouble=late)
        read = {row.card.id for row in rows}
        rows += [CardReading(card, lost=late) for card in self._library.known.values() if card.id not in read]
        return Sample(self._host, poll.taken_at, in_order(rows), warnings=self._library.warnings)

    def _warn_once(self, warnings: tuple[str, ...]) -> None:
        """A lost card is a row, and whoever reads rows says so; what is in no row is said here."""
        for line in set(warnings) - self._warned:
            log.warning("%s", line)
        self._warned = frozenset(warnings)


def in_order(rows: list[CardReading]) -> tuple[CardReading, ...]:
    return tuple(sorted(rows, key=lambda row: (row.card.index, row.card.pci_address)))


def pids_of(rows: list[CardReading]) -> frozenset[int]:
    listed = (row.processes for row in rows)
    return frozenset(process.pid for known in listed if not isinstance(known, Unread) for process in known)


def _late(poll: _Poll) -> Unread:
    return Unread("timeout", f"the driver has not answered since {poll.taken_at:%Y-%m-%d %H:%M:%S} UTC")
