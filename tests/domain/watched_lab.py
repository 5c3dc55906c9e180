"""A small lab for the rules of the watch: three members with a container each, and builders for what NVML would say."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from typing import Any

from bot.domain.card import Card, CardId
from bot.domain.reservation import Kind, Reservation
from bot.domain.sample import CardReading, InInstance, OnHost, Origin, Process, Sample, Unread, Untraced
from bot.domain.window import Window

NOW = datetime(2026, 11, 25, 14, 0, tzinfo=timezone.utc)
GIB = 1 << 30
ZHANGSAN, LISI, WANGWU = 1, 2, 3
OWNERS = {"zhangsan": ZHANGSAN, "lisi": LISI, "wangwu": WANGWU, "wangwu-old": WANGWU}
TOTAL = 80 * GIB
GPU0, GPU1 = (Card(CardId("lab", f"GPU-{n}"), n, "A100", TOTAL, f"0000:0{n}:00.0") for n in (0, 1))

HOST, UNTRACED, VANISHED = OnHost(), Untraced("no_permission"), Untraced("vanished")


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


def process(
    pid: int,
    home: str | Origin,
    memory_gib: float | Unread = 10,
    started: float | Unread = -1,
) -> Process:
    """`home`: the name of a container, or an origin. `started`: hours from NOW."""
    return Process(
        pid=pid,
        origin=InInstance(home) if isinstance(home, str) else home,
        memory_bytes=memory_gib if isinstance(memory_gib, Unread) else int(memory_gib * GIB),
        sm_percent=90,
        command="python train.py",
        started_at=started if isinstance(started, Unread) else NOW + hours(started),
    )


def row(*processes: Process, card: Card = GPU0, **readings: Any) -> CardReading:
    """A healthy card with these processes; `readings` replaces any reading."""
    known = [p.memory_bytes for p in processes if not isinstance(p.memory_bytes, Unread)]
    healthy: dict[str, Any] = {
        "memory_used_bytes": sum(known),
        "memory_total_bytes": TOTAL,
        "load_percent": 50,
        "temperature_celsius": 60,
        "power_watts": 200.0,
        "processes": processes,
        "throttled_by": frozenset({"power_cap"}),
        "ecc_uncorrected": 0,
    }
    return CardReading(card, **{**healthy, **readings})


def lost(card: Card = GPU0) -> CardReading:
    return CardReading(card, lost=Unread("lost", "GPU is lost"))


def sample(*rows: CardReading, at: datetime = NOW, trouble: Unread | None = None) -> Sample:
    return Sample("lab", at, rows, trouble=trouble)


def booking(
    member: int,
    *,
    start: float = -2,
    end: float = 2,
    share_gib: int | None = None,
    number: int = 1,
    card: Card = GPU0,
    kind: Kind = Kind.BOOKING,
) -> Reservation:
    share = None if share_gib is None else share_gib * GIB
    return Reservation(number, number, card.id, member, Window(NOW + hours(start), NOW + hours(end)), share, kind=kind)


def pids(processes: Iterable[Process]) -> list[int]:
    return [process.pid for process in processes]
