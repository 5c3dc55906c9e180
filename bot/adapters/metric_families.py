"""A census as Prometheus' metric families. What is not known is absent: a gap in a graph, never a zero.

Checked by hand: `curl http://127.0.0.1:9400/metrics`, beside `nvidia-smi --query-gpu=memory.used,utilization.gpu`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta

from prometheus_client.core import GaugeMetricFamily

from bot.domain.board import CardRow, Holding
from bot.domain.census import Census
from bot.domain.reservation import Kind
from bot.domain.sample import CardReading, Process, Reading, Unread

CARD = ("host", "gpu", "uuid", "model")
# A reading older than this says nothing about now; Prometheus would stamp it with the time of its own visit.
STALE_AFTER = timedelta(minutes=5)
NOBODY = ""


def families(census: Census) -> Iterator[GaugeMetricFamily]:
    yield from _cards(census)
    yield from _holdings(census)
    yield from _containers(census)
    yield from _bot(census)


def _family(name: str, what: str, labels: tuple[str, ...] = ()) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"junzi_{name}", what, labels=labels)


def _labels(row: CardRow) -> tuple[str, ...]:
    return (row.card.id.host, row.card.name, row.card.id.uuid, row.card.model)


def _fresh(census: Census) -> list[tuple[CardRow, CardReading]]:
    """Cards that answered the last poll, if that was lately."""
    taken_at = census.board.taken_at
    if taken_at is None or census.board.now - taken_at > STALE_AFTER:
        return []
    return [(row, row.reading) for row in census.board.rows if row.reading is not None and row.trouble is None]


def _cards(census: Census) -> Iterator[GaugeMetricFamily]:
    answers = _family("card_up", "1 if the card answered the last poll, 0 if it did not", CARD)
    if census.board.taken_at is not None:
        for row in census.board.rows:
            answers.add_metric(_labels(row), 0 if row.trouble is not None else 1)
    yield answers
    readings = _fresh(census)
    for name, what, values in (
        ("card_load_ratio", "Share of the last interval in which a kernel ran", [r.load_percent for _, r in readings]),
        ("card_memory_used_bytes", "Memory in use", [r.memory_used_bytes for _, r in readings]),
        ("card_memory_total_bytes", "Memory of the card", [r.memory_total_bytes for _, r in readings]),
        ("card_temperature_celsius", "Temperature of the chip", [r.temperature_celsius for _, r in readings]),
        ("card_power_watts", "Power that is drawn", [r.power_watts for _, r in readings]),
        ("card_ecc_uncorrected_errors", "Uncorrectable memory errors", [r.ecc_uncorrected for _, r in readings]),
    ):
        family, scale = _family(name, what, CARD), 0.01 if name.endswith("_ratio") else 1.0
        for (row, _), value in zip(readings, values, strict=True):
            if not isinstance(value, Unread):
                family.add_metric(_labels(row), value * scale)
        yield family
    yield from _throttled(readings)
    yield from _processes(readings)


def _throttled(readings: list[tuple[CardRow, CardReading]]) -> Iterator[GaugeMetricFamily]:
    family = _family("card_throttled", "1 for each reason why the card runs slower than it could", (*CARD, "reason"))
    for row, reading in readings:
        if not isinstance(reading.throttled_by, Unread):
            for reason in sorted(reading.throttled_by):
                family.add_metric((*_labels(row), reason), 1)
    yield family


def _processes(readings: list[tuple[CardRow, CardReading]]) -> Iterator[GaugeMetricFamily]:
    """`member` is empty for what runs on the host, or in nobody's container."""
    counts = _family("card_processes", "Processes on the card by member", (*CARD, "member"))
    memory = _family("card_process_memory_bytes", "Memory of the card by member", (*CARD, "member"))
    for row, _ in readings:
        if isinstance(row.processes, Unread):
            continue
        by_member: dict[str, list[Process]] = defaultdict(list)
        for on in row.processes:
            by_member[NOBODY if on.member is None else on.member.unix_name].append(on.process)
        for member, processes in sorted(by_member.items()):
            counts.add_metric((*_labels(row), member), len(processes))
            total = _sum([process.memory_bytes for process in processes])
            if not isinstance(total, Unread):
                memory.add_metric((*_labels(row), member), total)
        if not by_member:
            counts.add_metric((*_labels(row), NOBODY), 0)
    yield counts
    yield memory


def _sum(values: list[Reading[int]]) -> Reading[int]:
    """Unknown as soon as one of them is."""
    total = 0
    for value in values:
        if isinstance(value, Unread):
            return value
        total += value
    return total


def _holdings(census: Census) -> Iterator[GaugeMetricFamily]:
    promised = _family("card_held", "1 for each promise of the card that holds now", (*CARD, "member", "kind"))
    until = _family("card_held_until_seconds", "When that promise ends, as UNIX time", (*CARD, "member", "kind"))
    for row in census.board.rows:
        ends: dict[tuple[str, ...], float] = {}
        for holding in row.holding_now:
            labels = (*_labels(row), _holder(holding), _kind(holding))
            ends[labels] = max(ends.get(labels, 0.0), holding.reservation.window.end.timestamp())
        for labels, end in ends.items():
            promised.add_metric(labels, 1)
            until.add_metric(labels, end)
    yield promised
    yield until


def _holder(holding: Holding) -> str:
    return NOBODY if holding.member is None else holding.member.unix_name


def _kind(holding: Holding) -> str:
    reservation = holding.reservation
    if reservation.kind is Kind.BOOKING and not reservation.is_exclusive:
        return "share"
    return reservation.kind.value


def _containers(census: Census) -> Iterator[GaugeMetricFamily]:
    running = _family("container_running", "1 if the container runs, 0 if it does not", ("container", "member"))
    for name, instance in sorted((census.instances or {}).items()):
        running.add_metric((name, census.owners.get(name, NOBODY)), int(instance.is_running))
    yield running


def _bot(census: Census) -> Iterator[GaugeMetricFamily]:
    polled = _family("last_poll_timestamp_seconds", "When the cards were last asked, as UNIX time")
    if census.board.taken_at is not None:
        polled.add_metric((), census.board.taken_at.timestamp())
    yield polled
    bookings = _family("bookings", "Cards that are promised, now and later", ("state",))
    bookings.add_metric(("now",), census.bookings_now)
    bookings.add_metric(("later",), census.bookings_later)
    yield bookings
    for name, what, count in (
        ("members", "People known to the bot", census.members),
        ("waiting", "Places in the waiting list", census.waiting),
        ("messages_owed", "Messages that are due and not sent yet", census.owed),
    ):
        family = _family(name, what)
        family.add_metric((), count)
        yield family
