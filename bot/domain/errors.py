"""What can go wrong outside, in junzi's own words. Adapters raise these; vendor exceptions end at their door.

JunziError
 ├── InstanceError              LXD said no, or did not answer; str() is LXD's own words
 │    ├── LxdUnreachable        the daemon does not answer
 │    ├── InstanceNotFound
 │    ├── InstanceExists
 │    ├── InstanceBusy          another operation on it runs
 │    ├── CardDeviceMissing     it can't start: a gpu device names a card that is not there
 │    ├── PortTaken             it can't start: a proxy device's port is in use
 │    ├── SourceMissing         a disk device's source is not there
 │    └── FolderMissing         a file can't be written: its folder is not there
 └── Undelivered                Telegram did not take a message
      ├── NotYet                try again later (network, flood limit)
      └── Never                 trying again won't help (blocked, chat gone)
"""

from __future__ import annotations


class JunziError(Exception):
    """The root of junzi's own errors."""


class InstanceError(JunziError):
    """LXD refused or failed; str() is LXD's own words."""


class LxdUnreachable(InstanceError):
    pass


class InstanceNotFound(InstanceError):
    pass


class InstanceExists(InstanceError):
    pass


class InstanceBusy(InstanceError):
    pass


class CardDeviceMissing(InstanceError):
    pass


class PortTaken(InstanceError):
    pass


class SourceMissing(InstanceError):
    pass


class FolderMissing(InstanceError):
    pass


class Undelivered(JunziError):
    """Telegram did not take a message."""


class NotYet(Undelivered):
    """`retry_after_seconds` is what Telegram asked for, or None."""

    def __init__(self, message: str, retry_after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class Never(Undelivered):
    pass
