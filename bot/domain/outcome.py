"""What came of a request to the ledger, as values that handlers and views read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.card import Card
from bot.domain.draft import Draft
from bot.domain.member import Member
from bot.domain.reservation import Refused, Reservation
from bot.domain.window import Window


@dataclass(frozen=True)
class Booked:
    """`again`: the same message or button had booked this before; nothing was written now."""

    member: Member
    reservations: tuple[Reservation, ...]
    cards: tuple[Card, ...]
    again: bool = False

    @property
    def booking(self) -> int:
        return self.reservations[0].booking

    @property
    def window(self) -> Window:
        return self.reservations[0].window


@dataclass(frozen=True)
class Alternative:
    """Something else that is free, ready to be booked with one tap on the draft.

    `in_use`: somebody is on it all the same, without a booking. `is_shorter`: only until somebody else's begins.
    """

    draft_id: int
    cards: tuple[Card, ...]
    window: Window
    starts_now: bool
    in_use: bool = False
    is_shorter: bool = False


@dataclass(frozen=True)
class NotBooked:
    """`holders`: the members behind the refusal's blockers, by id. `wait`: the draft to queue for, if one can."""

    refusal: Refused
    holders: Mapping[int, Member]
    alternatives: tuple[Alternative, ...] = ()
    wait: int | None = None
    asker: Member | None = None

    @property
    def is_ones_own(self) -> bool:
        """Nothing but the asker's own bookings stands in the way."""
        blockers = self.refusal.blockers
        return bool(blockers) and self.asker is not None and all(r.member_id == self.asker.id for r in blockers)


@dataclass(frozen=True)
class Incomplete:
    """Cards or a length are missing: the draft holds what was said, the dialogue asks for the rest."""

    draft_id: int
    draft: Draft


Outcome = Booked | NotBooked | Incomplete


@dataclass(frozen=True)
class Released:
    """`remaining`: how much earlier than promised the last of them ends."""

    cards: tuple[Card, ...]
    remaining: timedelta


@dataclass(frozen=True)
class Extended:
    """`end`: the new end. With `wanted_end`, somebody comes before that and this is as far as it goes."""

    cards: tuple[Card, ...]
    end: datetime
    wanted_end: datetime | None = None


@dataclass(frozen=True)
class NotChanged:
    """`reason` is a key of the catalogues ("refused.<reason>")."""

    reason: str
    values: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Moved:
    cards: tuple[Card, ...]
    window: Window


# What /undo takes back, as the audit log calls it.
UNDOABLE = ("reserve", "release", "extend", "move", "shift", "revoke")


@dataclass(frozen=True)
class Undone:
    """`action`: what was taken back, one of UNDOABLE."""

    action: str
    cards: tuple[Card, ...]


@dataclass(frozen=True)
class Revoked:
    """What an admin took back from one member; `end`: until when it had been promised."""

    member: Member
    cards: tuple[Card, ...]
    end: datetime


@dataclass(frozen=True)
class Blocked:
    """Cards closed for maintenance (or opened again), and whose bookings that cost."""

    cards: tuple[Card, ...]
    window: Window
    revoked: tuple[Revoked, ...]
