"""Instants as SQLite keeps them: UTC seconds."""

from __future__ import annotations

from datetime import datetime, timezone


def seconds(instant: datetime) -> int:
    """Whole seconds since 1970, rounded down. ValueError for a naive datetime."""
    if instant.tzinfo is None:
        raise ValueError(f"naive datetime: {instant!r}")
    return int(instant.timestamp() // 1)


def instant(seconds_utc: int) -> datetime:
    return datetime.fromtimestamp(seconds_utc, timezone.utc)
