"""When the ledger was last copied by junzi-backup.timer."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

FOLDER = "/var/backups/junzi"  # deploy/junzi-backup.service


def last_copy_at(folder: str = FOLDER) -> datetime | None:
    """Of the newest copy; where there is none yet, of the last change in the folder, which the installation made.

    None where nothing is copied to: no such folder, or it may not be looked into.
    """
    try:
        copies = [file.stat().st_mtime for pattern in ("day-*.db", "month-*.db") for file in Path(folder).glob(pattern)]
        newest = max(copies, default=None) or Path(folder).stat().st_mtime
    except OSError:
        return None
    return datetime.fromtimestamp(newest, timezone.utc)
