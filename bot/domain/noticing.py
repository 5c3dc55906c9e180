"""What somebody changed about containers on the host, past junzi: found by comparing, told once, never overwritten.

Whether one runs or not is no matter of this: its member may switch it off from inside.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.domain.instance import Instance
from bot.domain.inventory import Disagreement, Row

# LXD writes these itself, or they come from the image.
NOT_BY_HAND = ("volatile.", "image.")
# Their values say something to an admin and are never secrets.
SHOWN_VALUES = ("limits.", "security.", "boot.", "user.junzi.", "snapshots.")
# The others mend themselves, or are a matter of a moment.
WORTH_TELLING = frozenset(Disagreement) - {Disagreement.HALF_MADE}
OF_PORTS = frozenset({Disagreement.OTHER_PORT, Disagreement.NEW_PORT, Disagreement.NO_PORT})


@dataclass(frozen=True)
class HandChange:
    """One thing that is another than it was. `kind`: "device" or "config"; None = there was or is none.

    The values of a config key that may be a secret are not kept: then `before` and `after` are "".
    """

    container: str
    kind: str
    key: str
    before: str | None
    after: str | None

    @property
    def is_ssh(self) -> bool:
        """The device that leads to sshd: what became of its port is told in better words."""
        return self.kind == "device" and any(":22" in (words or "") for words in (self.before, self.after))


@dataclass(frozen=True)
class Seen:
    """What was seen at the last look. `told`: (container, disagreement) that the admins know of."""

    told: frozenset[tuple[str, str]] = frozenset()
    containers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class News:
    """What to tell now, and what to remember."""

    disagreements: tuple[tuple[Row, Disagreement], ...]
    changes: tuple[HandChange, ...]
    seen: Seen

    @property
    def is_any(self) -> bool:
        return bool(self.disagreements or self.changes)


def compare(seen: Seen, rows: Iterable[Row], touched: Collection[str]) -> News:
    """`touched`: containers that junzi worked on since the last look; what is new about them is its own doing."""
    rows = [row for row in rows if row.name not in touched]
    standing = {
        (row.name, what.value): (row, what) for row in rows for what in row.disagreements() if what in WORTH_TELLING
    }
    unseen_now = {(name, what) for name, what in seen.told if name in touched}
    new = tuple(pair for key, pair in standing.items() if key not in seen.told)
    present = {row.name: snapshot_of(row.instance) for row in rows if row.instance is not None}
    ports = {row.name for row, what in new if what in OF_PORTS}
    changes = tuple(
        change
        for name, now in sorted(present.items())
        if name in seen.containers
        for change in _changes(name, seen.containers[name], now)
        if not (name in ports and change.is_ssh)
    )
    return News(new, changes, Seen(frozenset(standing) | unseen_now, present))


def snapshot_of(instance: Instance) -> dict[str, dict[str, str]]:
    """What of it could be changed by hand, as text that is fit to be kept: no value that may be a secret."""
    devices = {name: _words(device) for name, device in instance.devices.items()}
    config = {
        key: value if key.startswith(SHOWN_VALUES) else f"#{abs(hash_of(value)):x}"
        for key, value in instance.config.items()
        if not key.startswith(NOT_BY_HAND)
    }
    return {"device": devices, "config": config}


def hash_of(value: str) -> int:
    """Only to see that it changed; Python's own hash differs from run to run."""
    total = 5381
    for byte in value.encode():
        total = (total * 33 + byte) % (1 << 61)
    return total


def _words(device: Mapping[str, str]) -> str:
    return " ".join(f"{key}={value}" for key, value in sorted(device.items()))


def _changes(name: str, before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterable[HandChange]:
    for kind in ("config", "device"):
        old, new = before.get(kind, {}), now.get(kind, {})
        for key in sorted({*old, *new}):
            if old.get(key) != new.get(key):
                yield HandChange(name, kind, key, _shown(old.get(key)), _shown(new.get(key)))


def _shown(value: str | None) -> str | None:
    return "" if value is not None and value.startswith("#") else value
