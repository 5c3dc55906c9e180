"""What a sample lets one see of each card: a story may end only where one would have seen it go on."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.card import CardId
from bot.domain.evidence import Finding, FindingKind, StoryKey, held_bytes
from bot.domain.sample import CardReading, Sample, Unread, Untraced


@dataclass(frozen=True)
class Sight:
    """`readable`: pairs of a card and what could be read of it. `present`: pairs of a card and a living pid on it."""

    readable: frozenset[tuple[CardId, str]] = frozenset()
    present: frozenset[tuple[CardId, int]] = frozenset()


GONE = Untraced("vanished")  # the driver lists it yet, and it lives no more
WHO = frozenset({"processes", "origins"})
NEEDED: dict[FindingKind, frozenset[str]] = {
    FindingKind.TRESPASS: WHO,
    FindingKind.COLLISION: WHO,
    FindingKind.OVER_SHARE: WHO | {"process_memory"},
    FindingKind.UNBOOKED_USE: WHO,
    FindingKind.IDLE_BOOKING: WHO,
    FindingKind.OVERRUN: WHO,
    FindingKind.UNEXPLAINED_MEMORY: frozenset({"processes", "process_memory", "memory"}),
}
NEEDED_OF_THE_SICK = {
    "lost": frozenset({"card"}),
    "hot": frozenset({"temperature"}),
    "ecc": frozenset({"ecc"}),
    "throttled": frozenset({"throttling"}),
    "xid": frozenset({"xid"}),
}


def seen(sample: Sample) -> Sight:
    """What this poll could see. Nothing, if the sample as a whole failed."""
    if sample.trouble is not None:
        return Sight()
    answering = [row for row in sample.cards if row.lost is None]
    return Sight(
        readable=frozenset((row.card.id, what) for row in answering for what in _readable(row)),
        present=frozenset(
            (row.card.id, process.pid)
            for row in answering
            if not isinstance(row.processes, Unread)
            for process in row.processes
            if process.origin != GONE
        ),
    )


def would_be_seen(key: StoryKey, sight: Sight) -> bool:
    """Whether this story, if it went on, would have shown."""
    needed = NEEDED.get(key.kind) or NEEDED_OF_THE_SICK.get(key.aspect, frozenset({"card"}))
    return all((key.card, what) in sight.readable for what in needed)


def still_there(finding: Finding, sight: Sight) -> bool:
    """Whether any process of the finding is on the card yet."""
    return any((finding.card.id, process.pid) in sight.present for process in finding.processes)


def _readable(row: CardReading) -> set[str]:
    readings = {
        "memory": row.memory_used_bytes,
        "temperature": row.temperature_celsius,
        "throttling": row.throttled_by,
        "ecc": row.ecc_uncorrected,
        "xid": row.xid,
    }
    readable = {"card"} | {what for what, reading in readings.items() if not isinstance(reading, Unread)}
    if isinstance(row.processes, Unread):
        return readable
    readable.add("processes")
    # A process that ended between two readings is no riddle; one that hides may be anybody's.
    if all(process.origin == GONE or not isinstance(process.origin, Untraced) for process in row.processes):
        readable.add("origins")
    if held_bytes(row.processes) is not None:
        readable.add("process_memory")
    return readable
