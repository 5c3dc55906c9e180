"""What a finding is: one thing that is not as agreed, with evidence that nobody can argue with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from bot.domain.card import Card, CardId
from bot.domain.reservation import Reservation
from bot.domain.sample import Process, Unread


class FindingKind(str, Enum):
    TRESPASS = "trespass"
    COLLISION = "collision"
    OVER_SHARE = "over_share"
    UNBOOKED_USE = "unbooked_use"
    IDLE_BOOKING = "idle_booking"
    OVERRUN = "overrun"
    SICK_CARD = "sick_card"
    UNEXPLAINED_MEMORY = "unexplained_memory"


@dataclass(frozen=True)
class StoryKey:
    """What makes a finding of this poll the same as one of the poll before.

    `aspect` tells a sick card's ills apart, and one idle booking from the next.
    """

    kind: FindingKind
    card: CardId
    offender: int | None = None
    holder: int | None = None
    aspect: str = ""

    def in_order(self) -> tuple[str, CardId, int, int, str]:
        """What to sort by."""
        return (self.kind.value, self.card, self.offender or 0, self.holder or 0, self.aspect)


@dataclass(frozen=True)
class Finding:
    """One thing that is not as agreed, with its evidence.

    `offender` and `holder` are member ids; `members` are all who are named as being on the card against the rules (in
    a collision nobody is the offender). `reservation` is the one it breaks or concerns, `ended` the offender's own
    booking that is over. `amount` and `allowed`: bytes (over-share, unexplained memory), degrees Celsius (sick card,
    "hot"), errors (sick card, "ecc") or the number of the XID (sick card, "xid"). `detail`: the vendor's words about a
    card that does not answer. `affected`: the other members who hold the card, or a share of it, now.
    """

    kind: FindingKind
    card: Card
    seen_at: datetime
    offender: int | None = None
    holder: int | None = None
    aspect: str = ""
    members: tuple[int, ...] = ()
    processes: tuple[Process, ...] = ()
    reservation: Reservation | None = None
    ended: Reservation | None = None
    amount: int | None = None
    allowed: int | None = None
    detail: str = ""
    affected: tuple[int, ...] = ()

    @property
    def story(self) -> StoryKey:
        return StoryKey(self.kind, self.card.id, self.offender, self.holder, self.aspect)

    @property
    def memory_bytes(self) -> int | None:
        """What its processes hold together; None if any of them could not be read."""
        return held_bytes(self.processes)

    def looks_like(self, other: Finding) -> bool:
        """Whether a reader would see the same: the same people, processes and booking, whatever the last digit."""
        return self._seen_by_reader() == other._seen_by_reader()

    def _seen_by_reader(self) -> object:
        pids = tuple(process.pid for process in self.processes)
        booking = self.reservation and (self.reservation.id, self.reservation.window)
        code = self.amount if self.aspect == "xid" else None  # another XID is another matter, not a last digit
        return (self.story, self.members, self.affected, pids, booking, self.card.index, code)


def held_bytes(processes: Iterable[Process]) -> int | None:
    """Their memory together; None if any of it could not be read."""
    total = 0
    for process in processes:
        if isinstance(process.memory_bytes, Unread):
            return None
        total += process.memory_bytes
    return total
