"""Sizes as people and LXD write them: "32GiB", "32 G", "500MB"."""

from __future__ import annotations

import re

UNITS = {"": 1, "b": 1, "k": 1 << 10, "kib": 1 << 10, "kb": 1000, "m": 1 << 20, "mib": 1 << 20, "mb": 1000**2}
UNITS |= {"g": 1 << 30, "gib": 1 << 30, "gb": 1000**3, "t": 1 << 40, "tib": 1 << 40, "tb": 1000**4}
SIZE = re.compile(r"([0-9]{1,12})(?:\.([0-9]{1,3}))? ?([a-z]{0,3})")


def as_bytes(text: str) -> int | None:
    """None if it is no size. A bare "G" means GiB, as everybody means it who types it; "GB" is 10^9, as LXD has it."""
    match = SIZE.fullmatch(text.strip().lower())
    if match is None or match[3] not in UNITS:
        return None
    return int(float(f"{match[1]}.{match[2] or 0}") * UNITS[match[3]])
