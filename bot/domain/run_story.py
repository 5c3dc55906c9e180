"""Runs over time: when one began, what it used, when it ended and what is known of how; when it lies idle.

A run is the same from poll to poll, and over a restart of the bot, while it has a process (pid and start) or a
process group in common with what was seen before: a script that starts one program after the other is one run.

A poll that could not see its cards neither ends it nor says it idles. Nothing here ever says that a run succeeded:
that can't be seen from outside.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum

from bot.domain.card import Card, CardId
from bot.domain.policy import RunPolicy
from bot.domain.run import Run
from bot.domain.sample import CardReading, Process, Sample, Unread
from bot.domain.sight import seen


class RunEnding(str, Enum):
    OUT_OF_MEMORY = "out_of_memory"  # the kernel killed something in its container meanwhile
    CARD_LOST = "card_lost"
    CONTAINER_STOPPED = "container_stopped"
    ALL_AT_ONCE = "all_at_once"  # with everything else of its container
    WHILE_AWAY = "while_away"  # nobody looked for a while
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class RunRecord:
    """One run as it is remembered. `cards`: all it was ever on; `on`: those of the last look.

    `load_sum` is percent times seconds, over `load_seconds` of which the load is known. `missing_since`: the first of
    the `missed` polls running that would have shown it and did not. `oom_kills`: its container's count when last seen.
    """

    member: int
    instance: str
    name: str | None
    cards: tuple[Card, ...]
    on: tuple[CardId, ...]
    identities: frozenset[tuple[int, datetime | None]]
    groups: frozenset[int]
    started_at: datetime
    last_seen: datetime
    id: int | None = None
    peak_memory_bytes: int | None = None
    load_sum: float = 0.0
    load_seconds: float = 0.0
    idle_since: datetime | None = None
    idle_told: bool = False
    missed: int = 0
    missing_since: datetime | None = None
    card_lost: bool = False
    oom_kills: int | None = None
    ended_at: datetime | None = None
    ending: RunEnding | None = None

    @property
    def load_percent(self) -> float | None:
        return self.load_sum / self.load_seconds if self.load_seconds else None

    def lasted(self, now: datetime) -> timedelta:
        return (self.ended_at or now) - self.started_at


class RunMove(str, Enum):
    ENDED = "ended"
    IDLE = "idle"  # for so long that its owner is told, once
    NONE = ""


@dataclass(frozen=True)
class RunStep:
    record: RunRecord
    move: RunMove = RunMove.NONE


@dataclass(frozen=True)
class Surroundings:
    """What is known beside the cards. `stopped`: containers that don't run. `oom_kills`: each container's count."""

    stopped: Collection[str] = frozenset()
    oom_kills: Mapping[str, int] = field(default_factory=dict)


def follow_runs(
    records: Iterable[RunRecord],
    runs: Iterable[Run],
    sample: Sample,
    around: Surroundings,
    policy: RunPolicy,
) -> tuple[RunStep, ...]:
    """The open records after this poll, with those that ended in it; new ones have no number yet."""
    now = sample.taken_at
    records = [record for record in records if record.ended_at is None]
    if sample.trouble is not None:
        return tuple(RunStep(record) for record in records)
    found = _matched(records, runs)
    steps = []
    for place, record in enumerate(records):
        own = found.get(place, [])
        steps.append(_seen(record, own, sample, around, policy) if own else _unseen(record, sample, around, policy))
    steps += [RunStep(_begun(run, sample, around, now)) for run in found.get(None, [])]
    return tuple(_all_at_once(steps))


def _matched(records: list[RunRecord], runs: Iterable[Run]) -> dict[int | None, list[Run]]:
    """Each run with the place of the record it goes on from; None for those that are new."""
    found: dict[int | None, list[Run]] = {}
    for run in runs:
        place = next((place for place, record in enumerate(records) if _is_same(record, run)), None)
        found.setdefault(place, []).append(run)
    return found


def _is_same(record: RunRecord, run: Run) -> bool:
    if (record.member, record.instance) != (run.member, run.instance):
        return False
    return bool(record.identities & run.identities or record.groups & _groups(run))


def _groups(run: Run) -> frozenset[int]:
    return frozenset(process.process_group for _, process in run.processes if process.process_group)


def _begun(run: Run, sample: Sample, around: Surroundings, now: datetime) -> RunRecord:
    return RunRecord(
        member=run.member,
        instance=run.instance,
        name=run.name,
        cards=run.cards,
        on=tuple(card.id for card in run.cards),
        identities=run.identities,
        groups=_groups(run),
        started_at=min(run.started_at or now, now),
        last_seen=now,
        peak_memory_bytes=run.memory_bytes,
        idle_since=now if is_idle([run], sample) else None,
        oom_kills=around.oom_kills.get(run.instance),
    )


def _seen(record: RunRecord, runs: list[Run], sample: Sample, around: Surroundings, policy: RunPolicy) -> RunStep:
    now = sample.taken_at
    if now <= record.last_seen:
        return RunStep(record)
    cards = {card.id: card for run in runs for card in run.cards}
    known = [run.memory_bytes for run in runs if run.memory_bytes is not None]
    loads = [run.load_percent for run in runs if run.load_percent is not None]
    seconds = min(now - record.last_seen, policy.longest_gap).total_seconds() if loads else 0.0
    idle = is_idle(runs, sample)
    idle_since = (record.idle_since or now) if idle else record.idle_since if idle is None else None
    record = replace(
        record,
        name=record.name or runs[0].name,
        cards=tuple(sorted({*record.cards, *cards.values()}, key=lambda card: (card.index, card.id))),
        on=tuple(sorted(cards)),
        identities=frozenset().union(*(run.identities for run in runs)),
        groups=frozenset().union(*map(_groups, runs)),
        last_seen=now,
        peak_memory_bytes=max((*known, record.peak_memory_bytes or 0)) if known else record.peak_memory_bytes,
        load_sum=record.load_sum + (sum(loads) / len(loads) * seconds if loads else 0.0),
        load_seconds=record.load_seconds + seconds,
        idle_since=idle_since,
        missed=0,
        missing_since=None,
        oom_kills=around.oom_kills.get(record.instance, record.oom_kills),
    )
    if idle and not record.idle_told and idle_since is not None and now - idle_since >= policy.idle_after:
        return RunStep(replace(record, idle_told=True), RunMove.IDLE)
    return RunStep(record)


def _unseen(record: RunRecord, sample: Sample, around: Surroundings, policy: RunPolicy) -> RunStep:
    now = sample.taken_at
    if now <= (record.missing_since or record.last_seen):
        return RunStep(record)
    rows = {row.card.id: row for row in sample.cards}
    is_lost = any(card not in rows or rows[card].lost is not None for card in record.on)
    record = replace(record, card_lost=record.card_lost or is_lost)
    if is_lost and now - record.last_seen > policy.longest_gap:
        return _ended(record, record.last_seen, around, policy)
    if not _would_show(record, sample):
        return RunStep(record)
    record = replace(record, missed=record.missed + 1, missing_since=record.missing_since or now)
    if record.missed < policy.polls_before_end:
        return RunStep(record)
    return _ended(record, record.missing_since or now, around, policy)


def _would_show(record: RunRecord, sample: Sample) -> bool:
    readable = seen(sample).readable
    return all((card, what) in readable for card in record.on for what in ("processes", "origins"))


def _ended(record: RunRecord, at: datetime, around: Surroundings, policy: RunPolicy) -> RunStep:
    return RunStep(replace(record, ended_at=at, ending=_how(record, at, around, policy)), RunMove.ENDED)


def _how(record: RunRecord, at: datetime, around: Surroundings, policy: RunPolicy) -> RunEnding:
    """The most telling of what is known."""
    kills = around.oom_kills.get(record.instance)
    if record.card_lost:
        return RunEnding.CARD_LOST
    if kills is not None and record.oom_kills is not None and kills > record.oom_kills:
        return RunEnding.OUT_OF_MEMORY
    if record.instance in around.stopped:
        return RunEnding.CONTAINER_STOPPED
    return RunEnding.WHILE_AWAY if at - record.last_seen > policy.longest_gap else RunEnding.UNKNOWN


def _all_at_once(steps: list[RunStep]) -> list[RunStep]:
    """Several runs of one container that went in the same poll did not each come to their own end."""
    gone: dict[tuple[str, datetime | None], int] = {}
    for step in steps:
        if step.move is RunMove.ENDED:
            key = (step.record.instance, step.record.ended_at)
            gone[key] = gone.get(key, 0) + 1
    return [
        replace(step, record=replace(step.record, ending=RunEnding.ALL_AT_ONCE))
        if step.record.ending is RunEnding.UNKNOWN and gone[(step.record.instance, step.record.ended_at)] > 1
        else step
        for step in steps
    ]


def is_idle(runs: Iterable[Run], sample: Sample) -> bool | None:
    """Whether nothing of it computes; None if that can't be known.

    A process's own load alone is no proof: on some cards the driver reports 0 for every process (HAMi #2015). So the
    card as a whole must be at rest, or another process of it must be seen computing.
    """
    rows = {row.card.id: row for row in sample.cards}
    answers = {_rests(process, rows[card.id]) for run in runs for card, process in run.processes}
    if False in answers:
        return False
    return None if None in answers else True


def _rests(process: Process, row: CardReading) -> bool | None:
    own, whole = process.sm_percent, row.load_percent
    if not isinstance(own, Unread) and own > 0:
        return False
    if not isinstance(whole, Unread) and whole == 0:
        return True
    if isinstance(own, Unread) or isinstance(row.processes, Unread):
        return None
    others = [other.sm_percent for other in row.processes if other.pid != process.pid]
    return True if any(not isinstance(load, Unread) and load > 0 for load in others) else None
