"""What the last poll saw of the world, for everybody who answers a question in between."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.domain.card import CardId
from bot.domain.instance import Instance, SeenCards, seen_cards
from bot.domain.sample import CardReading, InInstance, Sample, Unread


@dataclass
class Observed:
    """Kept in memory only: after a restart it is unknown until the first poll. None = not known, not "nothing"."""

    sample: Sample | None = None
    last_good: Mapping[CardId, tuple[CardReading, Sample]] = field(default_factory=dict)
    instances: Mapping[str, Instance] | None = None

    def saw_sample(self, sample: Sample) -> None:
        self.sample = sample
        if sample.trouble is None:
            fresh = {reading.card.id: (reading, sample) for reading in sample.cards if reading.lost is None}
            self.last_good = {**self.last_good, **fresh}

    def saw_instances(self, instances: Sequence[Instance] | None) -> None:
        self.instances = None if instances is None else {instance.name: instance for instance in instances}

    def instance_names(self) -> frozenset[str]:
        return frozenset(self.instances or ())

    def cards_seen_by(self, instance: str) -> SeenCards | None:
        """None when LXD has not told, or does not know that container."""
        found = (self.instances or {}).get(instance)
        return None if found is None else seen_cards(found.expanded_devices)

    def own_cards(self, instance: str) -> frozenset[CardId]:
        """The cards that a container's processes were on at the last look; none where that can't be told."""
        rows = () if self.sample is None else self.sample.cards
        return frozenset(
            row.card.id
            for row in rows
            if not isinstance(row.processes, Unread)
            and any(isinstance(one.origin, InInstance) and one.origin.instance == instance for one in row.processes)
        )

    def not_idle(self, but_for: str | None = None) -> frozenset[CardId]:
        """Cards that somebody is on, or of which nobody can say whether somebody is.

        `but_for`: the container whose own processes don't count, since they are its owner's own affair.
        """
        if self.sample is None:
            return frozenset()
        return frozenset(
            reading.card.id
            for reading in self.sample.cards
            if reading.lost is not None
            or not isinstance(reading.processes, tuple)
            or any(process.origin != InInstance(but_for or "") for process in reading.processes)
        )
