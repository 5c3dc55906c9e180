"""How often a bot may speak in one chat and in all: when the next message fits. Pure.

Telegram's own words are "about one message a second in a chat, 20 a minute in a group, 30 a second in all"; an edit is
a message too. Its clock is not ours, so a message counts from the moment when it is known to have arrived, and while
it is on its way its place is taken.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(eq=False)
class Slip:
    """One message's place. `landed_at` None: on its way."""

    landed_at: datetime | None = None


@dataclass
class Window:
    """So many in any stretch of time."""

    most: int
    length: timedelta
    slips: list[Slip] = field(default_factory=list)

    def wait(self, now: datetime, ahead: int = 0) -> float:
        """Seconds until one more fits, behind `ahead` others that wait already; 0 = now."""
        self.slips = [slip for slip in self.slips if slip.landed_at is None or slip.landed_at + self.length > now]
        free = max(self.most - len(self.slips), 0)
        if ahead < free:
            return 0.0
        # Those who wait take the free places now, then one place after the other as it becomes free.
        ends = sorted((slip.landed_at or now) + self.length for slip in self.slips) + [now + self.length] * free
        rounds, place = divmod(ahead - free, self.most)
        return (ends[place] + rounds * self.length - now).total_seconds()


def _in_a_chat() -> tuple[Window, ...]:
    return (Window(5, timedelta(seconds=5)),)


def _in_a_group() -> tuple[Window, ...]:
    return (*_in_a_chat(), Window(20, timedelta(minutes=1)))


class Pace:
    """Counts what is sent to every chat. A group's id is negative, as Telegram has it."""

    def __init__(self) -> None:
        self._chats: dict[int, tuple[Window, ...]] = {}
        self._all = Window(25, timedelta(seconds=1))

    def wait(self, chat_id: int, now: datetime, ahead: int = 0) -> float:
        """Seconds until one more message fits there, behind `ahead` others; 0 = now."""
        return max(self._all.wait(now), *(window.wait(now, ahead) for window in self._windows(chat_id)))

    def take(self, chat_id: int) -> Slip:
        """One is on its way; ask `wait` first, and set `landed_at` when it is known to have arrived, or to be lost."""
        slip = Slip()
        for window in (self._all, *self._windows(chat_id)):
            window.slips.append(slip)
        return slip

    def _windows(self, chat_id: int) -> tuple[Window, ...]:
        if chat_id not in self._chats:
            self._chats[chat_id] = _in_a_group() if chat_id < 0 else _in_a_chat()
        return self._chats[chat_id]
