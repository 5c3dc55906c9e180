"""How often a bot may speak: Telegram's flood limits, on the clock of the demo. Pure."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass
class Bucket:
    """So many at once, then a steady rate."""

    burst: int
    per_second: float
    level: float = 0.0
    at: datetime | None = None

    def wait(self, now: datetime) -> float:
        """Return the seconds until one more fits, 0 for now."""
        if self.at is not None:
            self.level = max(0.0, self.level - (now - self.at).total_seconds() * self.per_second)
        self.at = now
        return max(0.0, (self.level + 1 - self.burst) / self.per_second)

    def take(self) -> None:
        """Count one; ask ``wait`` first."""
        self.level += 1


@dataclass
class Window:
    """So many in any stretch of time."""

    most: int
    length: timedelta
    taken: deque[datetime] = field(default_factory=deque)

    def wait(self, now: datetime) -> float:
        """Return the seconds until one more fits, 0 for now."""
        while self.taken and self.taken[0] <= now - self.length:
            self.taken.popleft()
        if len(self.taken) < self.most:
            return 0.0
        return (self.taken[0] + self.length - now).total_seconds()

    def take(self, now: datetime) -> None:
        """Count one; ask ``wait`` first."""
        self.taken.append(now)


class FloodLimits:
    """About one message a second per chat with some slack, 20 a minute per group, 30 a second in all."""

    def __init__(self, chat_burst: int = 8) -> None:
        """Begin with nothing counted; Telegram doesn't publish its slack, eight is a cautious guess."""
        self.chat_burst = chat_burst
        self.chats: dict[int, Bucket] = {}
        self.groups: dict[int, Window] = {}
        self.all = Bucket(burst=30, per_second=30.0)

    def take(self, chat_id: int, now: datetime, count: int = 1) -> float:
        """Count messages to a chat and return 0, or count nothing and return the seconds to wait."""
        chat = self.chats.setdefault(chat_id, Bucket(burst=self.chat_burst, per_second=1.0))
        group = self.groups.setdefault(chat_id, Window(20, timedelta(minutes=1))) if chat_id < 0 else None
        waits = [chat.wait(now), self.all.wait(now)]
        if group is not None:
            waits.append(group.wait(now))
        if max(waits) > 0:
            return max(waits)
        for _ in range(count):
            chat.take()
            self.all.take()
            if group is not None:
                group.take(now)
        return 0.0
