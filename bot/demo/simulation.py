"""The made-up lab's training runs: who runs what on which card, as a function of the clock and a seed.

*Acts* are a script (bot/demo/runs.py). *Habits* are everyday life: whoever's container runs trains now and then on a
card that nobody uses, so that loads move and runs end while one looks. Tests and the chat page start and end runs by
hand. Nothing here reads the time or rolls a die of its own: the same seed and clock give the same lab.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta

from bot.demo.hardware import FOUR_MAKES, GIB, Make, made_up_cards
from bot.demo.runs import HABITS, Act, Program, Run
from bot.domain.sample import Unread, Xid

STEP = timedelta(seconds=2)  # the grid on which things begin and end, however often one looks
MOST_STEPS = 2000  # after a long absence the grid is wider
WARMING = timedelta(seconds=40)  # in which a card comes two thirds of the way to its temperature


class World:
    """The lab. `running` tells which containers run now; a stopped container's runs are over.

    `regulars` are those who follow their habits (None: everybody whose container runs).
    """

    def __init__(
        self,
        now: Callable[[], datetime],
        running: Callable[[], Collection[str]],
        *,
        host: str = "gpu-lab",
        seed: int = 1,
        makes: Sequence[Make] = FOUR_MAKES,
        acts: Sequence[Act] = (),
        habits: Sequence[Program] = HABITS,
        regulars: Collection[str] | None = None,
        step: timedelta = STEP,
    ) -> None:
        self.host = host
        self.makes = tuple(makes)
        self.cards = made_up_cards(host, makes)
        self.trouble: Unread | None = None
        self.lost: dict[int, Unread] = {}
        self.leaked_bytes: dict[int, int] = {}
        self.xids: dict[int, Xid] = {}
        self._oom_kills: dict[str, int] = {}
        self._now = now
        self._running = running
        self._seed = seed
        self._acts = tuple(acts)
        self._habits = tuple(habits)
        self._regulars = regulars
        self._step = step
        self._start = self._time = now()
        self._runs: dict[int, Run] = {}
        self._next_habit: dict[str, datetime] = {}
        self._played: set[tuple[int, int]] = set()
        self._celsius = [make.celsius[0] for make in self.makes]
        self._dice = random.Random(seed)  # noqa: S311 no secret is made of it
        self._last_pid = 20_000

    # What others may do to the lab.

    def start_run(
        self,
        instance: str | None,
        card_index: int,
        command: str,
        memory_bytes: int,
        *,
        effort: int = 95,
        lasts: timedelta | None = None,
        process_group: int | None = None,
    ) -> int:
        """A process appears on a card, at once and with all of its memory; its pid. `instance` None: on the host."""
        now = self.catch_up()
        program = Program(command, memory_bytes, effort)
        return self._begin(instance, (card_index,), program, now, lasts, process_group=process_group, warms_up=False)

    def end_run(self, pid: int) -> None:
        """The process is gone; one that is not there may be ended too."""
        self.catch_up()
        self._runs.pop(pid, None)

    def kill_for_memory(self, pid: int) -> None:
        """The kernel kills it, because its container has no memory left; it counts that."""
        run = self._runs.get(pid)
        if run is not None and run.instance is not None:
            self._oom_kills[run.instance] = self._oom_kills.get(run.instance, 0) + 1
        self.end_run(pid)

    def counts(self, instances: Collection[str]) -> Mapping[str, int]:
        """`bot.ports.OomKills`."""
        return {instance: self._oom_kills.get(instance, 0) for instance in instances}

    def end_all_runs(self) -> None:
        self.catch_up()
        self._runs.clear()

    def lose_card(self, card_index: int) -> None:
        """It falls off the bus, as after an XID 79."""
        self.lost[card_index] = Unread("lost", "GPU is lost (made up)")

    def restore_card(self, card_index: int) -> None:
        self.lost.pop(card_index, None)

    def xid(self, card_index: int, code: int) -> None:
        """The driver reports an error of that card."""
        self.xids[card_index] = Xid(code, self.catch_up())

    def leak(self, card_index: int, memory_bytes: int) -> None:
        """Memory that no process accounts for."""
        self.leaked_bytes[card_index] = memory_bytes

    def hang(self) -> None:
        """The driver answers nobody any more."""
        self.trouble = Unread("timeout", "the driver does not answer (made up)")

    def wake(self) -> None:
        self.trouble = None

    # What is to be seen.

    def catch_up(self) -> datetime:
        """Let everything happen that was due until now; now."""
        now = self._now()
        step = max(self._step, (now - self._time) / MOST_STEPS)
        while self._time + step <= now:
            self._time += step
            self._happen(self._time, step)
        self._end_due(now)
        return now

    def runs(self) -> tuple[Run, ...]:
        """Everything that runs now, by pid."""
        now = self.catch_up()
        return tuple(run for pid, run in sorted(self._runs.items()) if run.started_at <= now)

    def load_percent(self, card_index: int, now: datetime) -> int:
        efforts = [self._effort_now(run, now) for run in self._runs.values() if run.card_index == card_index]
        return min(100, round(sum(efforts)))

    def sm_percent(self, run: Run, now: datetime) -> int:
        return min(100, round(self._effort_now(run, now)))

    def temperature_celsius(self, card_index: int) -> int:
        return round(self._celsius[card_index])

    def power_watts(self, card_index: int, now: datetime) -> float:
        idle, full = self.makes[card_index].watts
        return round(idle + (full - idle) * self.load_percent(card_index, now) / 100, 1)

    # How it comes about.

    def _happen(self, at: datetime, step: timedelta) -> None:
        awake = sorted(self._running())
        self._end_due(at)
        self._end_stopped(awake)
        for number, act in enumerate(self._acts):
            self._play(number, act, at, awake)
        busy = {run.instance for run in self._runs.values()}
        for instance in awake:
            if self._habits and instance not in busy and (self._regulars is None or instance in self._regulars):
                self._follow_habit(instance, at)
        self._warm(step)

    def _end_due(self, at: datetime) -> None:
        self._runs = {pid: run for pid, run in self._runs.items() if run.ends_at is None or run.ends_at > at}

    def _end_stopped(self, awake: Collection[str]) -> None:
        self._runs = {pid: run for pid, run in self._runs.items() if run.instance is None or run.instance in awake}

    def _play(self, number: int, act: Act, at: datetime, awake: Sequence[str]) -> None:
        """Begin the act if it is on and was not played yet this time round; nobody there, no play."""
        since = at - self._start - act.after
        if since < timedelta(0) or since % act.every >= act.lasts:
            return
        performance = (number, since // act.every)
        cast = [name for name in awake if act.actor in (None, name) and name not in act.not_by]
        if performance in self._played or not cast:
            return
        self._played.add(performance)
        self._begin(cast[performance[1] % len(cast)], (act.card_index,), act.program, at, act.lasts)

    def _follow_habit(self, instance: str, at: datetime) -> None:
        due = self._next_habit.setdefault(instance, at + timedelta(seconds=self._dice.uniform(2, 25)))
        if at < due:
            return
        lasts = timedelta(seconds=self._dice.uniform(100, 600))
        self._next_habit[instance] = at + lasts + timedelta(seconds=self._dice.uniform(30, 150))
        program = self._dice.choice(self._habits)
        free = [index for index in self._free_cards() if self.makes[index].memory_bytes > program.memory_bytes + GIB]
        if len(free) >= program.cards:
            self._begin(instance, sorted(self._dice.sample(free, program.cards)), program, at, lasts)

    def _free_cards(self) -> list[int]:
        """Cards that nobody is on and no act needs: students are nice, mostly."""
        taken = (
            {run.card_index for run in self._runs.values()} | {act.card_index for act in self._acts} | set(self.lost)
        )
        return [index for index in range(len(self.cards)) if index not in taken]

    def _begin(
        self,
        instance: str | None,
        card_indexes: Sequence[int],
        program: Program,
        at: datetime,
        lasts: timedelta | None,
        *,
        process_group: int | None = None,
        warms_up: bool = True,
    ) -> int:
        """One process a card, in one process group; the first pid."""
        pids = [self._new_pid() for _ in card_indexes]
        for pid, card_index in zip(pids, card_indexes, strict=True):
            self._runs[pid] = Run(
                pid=pid,
                instance=instance,
                card_index=card_index,
                command=program.command,
                memory_bytes=program.memory_bytes,
                started_at=at,
                ends_at=None if lasts is None else at + lasts,
                effort=program.effort,
                process_group=process_group or pids[0],
                folder=f"/home/{instance}/{program.folder}" if instance else None,
                warms_up=warms_up,
                environment=program.environment,
                session_name=program.session_name,
            )
        return pids[0]

    def _new_pid(self) -> int:
        self._last_pid += self._dice.randint(3, 200)
        return self._last_pid

    def _effort_now(self, run: Run, now: datetime) -> float:
        """A wave, a little noise, and a dip while the run validates: what such a curve looks like."""
        age = (now - run.started_at).total_seconds()
        wave = 1 + 0.05 * math.sin(age / 2.7 + run.pid)
        noise = random.Random(f"{self._seed}:{run.pid}:{int(age)}").uniform(-0.04, 0.04)  # noqa: S311
        dip = 0.35 if age % 95 > 88 else 1.0
        return max(0.0, min(100.0, run.effort * (wave + noise) * dip))

    def _warm(self, step: timedelta) -> None:
        share = 1 - math.exp(-step / WARMING)
        efforts = dict.fromkeys(range(len(self.makes)), 0)
        for run in self._runs.values():
            efforts[run.card_index] += run.effort
        for index, make in enumerate(self.makes):
            cool, hot = make.celsius
            target = cool + (hot - cool) * min(100, efforts[index]) / 100
            self._celsius[index] += (target - self._celsius[index]) * share
