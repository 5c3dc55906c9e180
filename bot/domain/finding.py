"""What a sample says against the ledger. Pure: a sample, what is booked and whose container is whose -> findings.

| on the card                                                 | finding                                        |
|-------------------------------------------------------------|------------------------------------------------|
| booked as a whole, another member's process                 | trespass                                       |
| shares booked, more memory used than one's share            | over-share                                     |
| shares booked, no share of one's own, more than what is left| over-share                                     |
| shares booked, no share of one's own, fits in what is left  | unbooked use                                   |
| nothing booked, two members                                 | collision                                      |
| nothing booked, one member, a process older than the end of a booking of theirs | overrun                    |
| nothing booked, one member otherwise                        | unbooked use                                   |
| booked, nothing of the holder's runs                        | idle booking (told only after a long time)     |
| does not answer, too hot, throttled by heat, ECC errors, XID| sick card                                      |
| memory in use that no living process accounts for           | unexplained memory                             |

Nobody is accused by what was not measured: not on a card that could not be read, not by a process of the host, of an
unknown container or one that could not be traced; and never the holder by a process of their own.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.domain.evidence import Finding, FindingKind, held_bytes
from bot.domain.policy import WatchPolicy
from bot.domain.reservation import FOR_THE_LINE, Kind, Reservation
from bot.domain.sample import CardReading, InInstance, Process, Sample, Unread, Untraced, Xid

# Being held to a power limit is everyday life of a card at full load; these are not.
SICK_THROTTLING = frozenset({"hw_slowdown", "sw_thermal", "hw_thermal", "power_brake"})


def judge(
    sample: Sample,
    standing: Iterable[Reservation],
    owners: Mapping[str, int],
    now: datetime,
    policy: WatchPolicy,
    *,
    project: str = "default",
    allowed: Container[tuple[int, int]] = (),
) -> tuple[Finding, ...]:
    """Everything that is not as agreed at this instant, in an order of its own.

    `standing`: what is booked now, and bookings that ended lately (for overruns). `owners`: instance of `project` to
    member. `allowed`: pairs of a member and a booking whose holder said "it's fine with me". A finding is one poll's
    view: bot/domain/story.py says when people hear of it.
    """
    if sample.trouble is not None:
        return ()
    booked = tuple(sorted(standing, key=lambda reservation: (reservation.window, reservation.id)))
    findings: list[Finding] = []
    for row in sample.cards:
        scene = _Scene.of(row, booked, owners, now, policy, project)
        findings += scene.sick()
        if row.lost is None and not isinstance(row.processes, Unread):
            findings += scene.people(allowed)
            findings += scene.idle(frozenset(owners.values()))
            findings += scene.unexplained()
    return tuple(sorted(findings, key=lambda finding: finding.story.in_order()))


@dataclass(frozen=True)
class _Scene:
    """One card with who is on it and who may be."""

    row: CardReading
    now: datetime
    policy: WatchPolicy
    active: tuple[Reservation, ...]
    ended: tuple[Reservation, ...]
    processes: tuple[Process, ...]
    by_member: Mapping[int, tuple[Process, ...]]

    @classmethod
    def of(
        cls,
        row: CardReading,
        booked: tuple[Reservation, ...],
        owners: Mapping[str, int],
        now: datetime,
        policy: WatchPolicy,
        project: str,
    ) -> _Scene:
        # What is kept for the line is nobody's yet: no one breaks it, and it does not lie idle.
        here = [one for one in booked if one.card == row.card.id and one.kind not in FOR_THE_LINE]
        processes = () if row.lost or isinstance(row.processes, Unread) else row.processes
        return cls(
            row=row,
            now=now,
            policy=policy,
            active=tuple(one for one in here if one.window.contains(now)),
            ended=tuple(one for one in here if one.window.end <= now and one.kind is Kind.BOOKING),
            processes=tuple(sorted(processes, key=lambda process: process.pid)),
            by_member=_by_member(processes, owners, project),
        )

    def people(self, allowed: Container[tuple[int, int]]) -> Iterator[Finding]:
        """Who is on the card against the rules. Whoever holds any of it now is judged by their share alone."""
        holders = {one.member_id for one in self.active}
        strangers = sorted(self.by_member.keys() - holders)
        exclusive = next((one for one in self.active if one.is_exclusive), None)
        if exclusive is not None:
            uninvited = [member for member in strangers if (member, exclusive.booking) not in allowed]
            yield from (self._trespass(member, exclusive) for member in uninvited)
        elif self.active:
            yield from self._over_shares()
            yield from (self._beside_shares(member) for member in strangers)
        elif len(strangers) > 1:
            yield self._finding(FindingKind.COLLISION, members=tuple(strangers), processes=self._of_all(strangers))
        elif strangers:
            yield self._alone(strangers[0])

    def idle(self, with_instance: frozenset[int]) -> Iterator[Finding]:
        """A holder without a container of their own can't be seen, and a process nobody could trace may be theirs."""
        if any(isinstance(process.origin, Untraced) for process in self.processes):
            return
        told: set[int] = set()
        for one in self.active:
            member = one.member_id
            absent = member in with_instance and member not in self.by_member and member not in told
            if absent and one.kind is Kind.BOOKING:
                told.add(member)
                # Each booking by itself: one made a moment ago has not lain idle for the hours of the one before.
                yield self._finding(FindingKind.IDLE_BOOKING, holder=member, aspect=str(one.booking), reservation=one)

    def sick(self) -> Iterator[Finding]:
        row, news = self.row, self._xid_news()
        if row.lost is not None:
            yield self._ill(
                "lost", detail=f"{row.lost.reason}: {row.lost.detail}" + (f" (XID {news.code})" if news else "")
            )
            return
        if news is not None:
            yield self._ill("xid", amount=news.code, detail=f"XID {news.code}, {news.at:%Y-%m-%d %H:%M:%S} UTC")
        ills = {
            "hot": _above(row.temperature_celsius, self.policy.hot_celsius - 1),
            "ecc": _above(row.ecc_uncorrected, 0),
        }
        for aspect, amount in ills.items():
            if amount is not None:
                yield self._ill(aspect, amount=amount)
        faults = frozenset() if isinstance(row.throttled_by, Unread) else row.throttled_by & SICK_THROTTLING
        if faults:
            yield self._ill("throttled", detail=", ".join(sorted(faults)))

    def _xid_news(self) -> Xid | None:
        """The last XID, if it is new: one of last week says nothing about the card today."""
        xid, news_for = self.row.xid, max(self.policy.xid_news_for, self.policy.longest_gap)
        return None if xid is None or isinstance(xid, Unread) or self.now - xid.at >= news_for else xid

    def _ill(self, aspect: str, **evidence: object) -> Finding:
        holding = next(iter(self.active), None)
        return self._finding(
            FindingKind.SICK_CARD, aspect=aspect, reservation=holding, affected=self._holders(), **evidence
        )

    def _holders(self, but_for: int | None = None) -> tuple[int, ...]:
        return tuple(sorted({one.member_id for one in self.active} - {but_for}))

    def unexplained(self) -> Iterator[Finding]:
        """Memory of a pid that lives no more counts as held by nobody."""
        dead = tuple(process for process in self.processes if process.origin == Untraced("vanished"))
        living = held_bytes(process for process in self.processes if process not in dead)
        used = self.row.memory_used_bytes
        if living is None or isinstance(used, Unread):
            return
        amount = used - living
        if amount > self.policy.unexplained_memory_bytes:
            yield self._finding(FindingKind.UNEXPLAINED_MEMORY, processes=dead, amount=amount)

    def _trespass(self, member: int, exclusive: Reservation) -> Finding:
        return self._accusation(
            FindingKind.TRESPASS,
            member,
            holder=exclusive.member_id,
            reservation=exclusive,
            ended=self._outlived(member),
        )

    def _over_shares(self) -> Iterator[Finding]:
        for member in sorted({one.member_id for one in self.active} & self.by_member.keys()):
            own = [one for one in self.active if one.member_id == member]
            allowed = sum(one.memory_bytes or 0 for one in own)
            if self._known_bytes(member) > allowed + self.policy.share_tolerance_bytes:
                yield self._accusation(FindingKind.OVER_SHARE, member, reservation=own[0], allowed=allowed)

    def _beside_shares(self, member: int) -> Finding:
        """What the shares leave over is anybody's; more than that eats into what was promised."""
        total = self.row.card.memory_total_bytes
        left = None if total is None else max(0, total - sum(one.memory_bytes or 0 for one in self.active))
        if left is not None and self._known_bytes(member) > left + self.policy.share_tolerance_bytes:
            return self._accusation(FindingKind.OVER_SHARE, member, allowed=left)
        return self._alone(member)

    def _alone(self, member: int) -> Finding:
        ended = self._outlived(member)
        return self._accusation(FindingKind.OVERRUN if ended else FindingKind.UNBOOKED_USE, member, ended=ended)

    def _outlived(self, member: int) -> Reservation | None:
        """The member's latest booking here that ended under a process of theirs."""
        starts = [p.started_at for p in self.by_member[member] if not isinstance(p.started_at, Unread)]
        over = [
            one for one in self.ended if one.member_id == member and any(start < one.window.end for start in starts)
        ]
        return max(over, key=lambda one: (one.window.end, one.id), default=None)

    def _accusation(
        self,
        kind: FindingKind,
        member: int,
        *,
        holder: int | None = None,
        reservation: Reservation | None = None,
        ended: Reservation | None = None,
        allowed: int | None = None,
    ) -> Finding:
        processes = self.by_member[member]
        amount = None if allowed is None else self._known_bytes(member)
        return self._finding(
            kind,
            affected=self._holders(but_for=member),
            offender=member,
            holder=holder,
            members=(member,),
            processes=processes,
            reservation=reservation,
            ended=ended,
            amount=amount,
            allowed=allowed,
        )

    def _finding(self, kind: FindingKind, **evidence: object) -> Finding:
        return Finding(kind=kind, card=self.row.card, seen_at=self.now, **evidence)  # type: ignore[arg-type]

    def _of_all(self, members: Iterable[int]) -> tuple[Process, ...]:
        return tuple(process for member in members for process in self.by_member[member])

    def _known_bytes(self, member: int) -> int:
        """What the member holds for certain: a process whose memory could not be read counts nothing against them."""
        amounts = (process.memory_bytes for process in self.by_member[member])
        return sum(amount for amount in amounts if not isinstance(amount, Unread))


def _by_member(
    processes: Iterable[Process], owners: Mapping[str, int], project: str
) -> Mapping[int, tuple[Process, ...]]:
    grouped: dict[int, list[Process]] = {}
    for process in sorted(processes, key=lambda process: process.pid):
        origin = process.origin
        if isinstance(origin, InInstance) and origin.project == project and origin.instance in owners:
            grouped.setdefault(owners[origin.instance], []).append(process)
    return {member: tuple(group) for member, group in grouped.items()}


def _above(reading: int | Unread, limit: int) -> int | None:
    return None if isinstance(reading, Unread) or reading <= limit else reading
