"""What a sample lets one see of each card: a story may end only where one would have seen it go on."""

from __future__ import annotations

from bot.domain.card import CardId
from bot.domain.evidence import FindingKind, StoryKey, held_bytes
from bot.domain.sample import CardReading, Sample, Unread, Untraced

Sight = frozenset[tuple[CardId, str]]

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
}


def seen(sample: Sample) -> Sight:
    """Pairs of a card and what could be read of it. Nothing, if the sample as a whole failed."""
    if sample.trouble is not None:
        return frozenset()
    return frozenset((row.card.id, what) for row in sample.cards if row.lost is None for what in _readable(row))


def would_be_seen(key: StoryKey, sight: Sight) -> bool:
    """Whether this story, if it went on, would have shown."""
    needed = NEEDED.get(key.kind) or NEEDED_OF_THE_SICK.get(key.aspect, frozenset({"card"}))
    return all((key.card, what) in sight for what in needed)


def _readable(row: CardReading) -> set[str]:
    readings = {
        "memory": row.memory_used_bytes,
        "temperature": row.temperature_celsius,
        "throttling": row.throttled_by,
        "ecc": row.ecc_uncorrected,
    }
    readable = {"card"} | {what for what, reading in readings.items() if not isinstance(reading, Unread)}
    if isinstance(row.processes, Unread):
        return readable
    readable.add("processes")
    # A process that ended between two readings is no riddle; one that hides may be anybody's.
    if all(
        process.origin == Untraced("vanished") or not isinstance(process.origin, Untraced) for process in row.processes
    ):
        readable.add("origins")
    if held_bytes(row.processes) is not None:
        readable.add("process_memory")
    return readable
