"""Reminding people of their bookings, once each, and what they answer by button."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.books import Books, Store
from bot.domain.card import Card
from bot.domain.draft import Draft
from bot.domain.member import Member
from bot.domain.outcome import Extended, NotChanged
from bot.domain.reminder import Reminder, ReminderKind, ReminderPolicy, Told, due_reminders
from bot.domain.reservation import Kind, Reservation, longest_extension
from bot.domain.sample import InInstance, Sample, Unread
from bot.domain.saying import Message
from bot.ports import Clock
from bot.services.changes import ChangeService
from bot.services.observed import Observed
from bot.services.owing import owe_member
from bot.views import reminders as views

ONE_SECOND = timedelta(seconds=1)
LONGEST_OFFERED = timedelta(days=1)
BOOKED_ON = timedelta(hours=4)


@dataclass(frozen=True)
class Facts:
    """What a reminder is written from."""

    standing: Sequence[Reservation]
    running: frozenset[int]
    now: datetime


class ReminderService:
    def __init__(
        self, store: Store, clock: Clock, observed: Observed, changes: ChangeService, policy: ReminderPolicy
    ) -> None:
        self._store = store
        self._clock = clock
        self._observed = observed
        self._changes = changes
        self._policy = policy

    async def remind(self) -> None:
        """One tick; may run late or twice without harm."""
        await self._store.write(self._remind)

    async def keep(self, member: Member, booking: int, until: datetime, origin: str) -> Extended | NotChanged:
        """Extend a booking up to that instant, or as far towards it as there is room. Never shortens it.

        A second press finds it extended already, and says so.
        """
        outcome = await self._changes.extend(
            member,
            lambda r, _card: r.booking == booking and r.window.end < until,
            until=until,
            as_far_as_possible=True,
            origin=origin,
        )
        if isinstance(outcome, NotChanged) and outcome.reason == "nothing_to_extend":
            return await self.state(member, booking) or outcome
        return outcome

    async def state(self, member: Member, booking: int) -> Extended | None:
        """One's booking as it stands; None if it is over or somebody else's."""

        def read(books: Books) -> Extended | None:
            own = [r for r in books.ledger.of_member(member.id, self._clock.now()) if r.booking == booking]
            if not own:
                return None
            return Extended(_cards(books, own), max(r.window.end for r in own))

        return await self._store.read(read)

    def _remind(self, books: Books) -> None:
        now = self._clock.now()
        standing = books.ledger.standing(now)
        known = [*standing, *books.ledger.ended_between(now - self._policy.after_end, now + ONE_SECOND)]
        told = books.reminders.told_since(now - self._policy.before_end - self._policy.after_end)
        facts = Facts(standing, _running(books, known, self._observed.sample, now), now)
        for reminder in due_reminders(known, told, now, self._policy, facts.running):
            books.reminders.tell(Told(reminder.kind, reminder.booking, reminder.at, now))
            member = books.members.get(reminder.member_id)
            if member is not None and wants_reminders(books, member):
                self._owe(books, member, reminder, facts)

    def _owe(self, books: Books, member: Member, reminder: Reminder, facts: Facts) -> None:
        story = f"reminder:{reminder.kind.value}:{reminder.booking}:{int(reminder.at.timestamp())}"
        stale_at = reminder.at + (self._policy.after_end if reminder.kind is ReminderKind.ENDED else timedelta(0))
        owe_member(books, member, _message(books, reminder, facts), facts.now, story=story, lasts=stale_at - facts.now)


def wants_reminders(books: Books, member: Member) -> bool:
    """Whether they left reminders on; the preference is set elsewhere."""
    return books.facts.get(f"reminders.off:{member.id}") is not True


def _message(books: Books, reminder: Reminder, facts: Facts) -> Message:
    cards = _cards(books, reminder.reservations)
    if reminder.kind is ReminderKind.START:
        return views.start(reminder, cards, facts.now)
    following = _following(reminder, facts.standing)
    who = None if following is None else books.members.get(following.member_id)
    if reminder.kind is ReminderKind.END:
        room = _room(books, reminder, facts.standing)
        return views.end(reminder, cards, facts.now, room, following, who, _waiting(books, reminder, cards))
    if following is not None and following.window.contains(facts.now):
        return views.ended(reminder, cards, following, who, None)
    first = reminder.reservations[0]
    draft = Draft(reminder.member_id, tuple(c.id for c in cards), None, BOOKED_ON, first.memory_bytes, first.note)
    return views.ended(reminder, cards, None, None, books.drafts.add(draft, facts.now))


def _room(books: Books, reminder: Reminder, standing: Sequence[Reservation]) -> datetime:
    """Up to when all its cards can be kept, a day at most."""
    until = reminder.at + LONGEST_OFFERED
    pairs = [(r, books.cards.get(r.card)) for r in reminder.reservations]
    return min(
        (
            longest_extension(r, card, [s for s in standing if s.card == r.card], until)
            for r, card in pairs
            if card is not None
        ),
        default=reminder.at,
    )


def _following(reminder: Reminder, standing: Iterable[Reservation]) -> Reservation | None:
    """The first that comes after it on any of its cards, of somebody else."""
    cards = {r.card for r in reminder.reservations}
    after = (
        s for s in standing if s.card in cards and s.window.start >= reminder.at and s.member_id != reminder.member_id
    )
    return min(after, key=lambda s: (s.window, s.id), default=None)


def _waiting(books: Books, reminder: Reminder, cards: Sequence[Card]) -> int:
    """How many others are in line for one of these cards."""
    line = (t for t in books.waiting.line() if t.member_id != reminder.member_id)
    return sum(1 for ticket in line if ticket.wish.candidates(cards))


def _running(books: Books, known: Iterable[Reservation], sample: Sample | None, now: datetime) -> frozenset[int]:
    """Bookings on whose card a process of their holder was seen; after a booking's end, only a later look counts, and
    only a process that was there before: what began since did so without the booking."""
    if sample is None or sample.trouble is not None:
        return frozenset()
    owners = {record.name: record.member_id for record in books.instances.all()}
    on_card = {
        reading.card.id: [
            (owners.get(process.origin.instance), process.started_at)
            for process in reading.processes
            if isinstance(process.origin, InInstance)
        ]
        for reading in sample.cards
        if reading.lost is None and isinstance(reading.processes, tuple)
    }

    def is_run_of(one: Reservation, owner: int | None, started_at: datetime | Unread) -> bool:
        return owner == one.member_id and (isinstance(started_at, Unread) or started_at < one.window.end)

    return frozenset(
        r.id
        for r in known
        if r.kind is Kind.BOOKING
        and any(is_run_of(r, *run) for run in on_card.get(r.card, ()))
        and (r.window.end > now or r.window.end <= sample.taken_at)
    )


def _cards(books: Books, rows: Iterable[Reservation]) -> tuple[Card, ...]:
    found = (books.cards.get(row.card) for row in rows)
    return tuple(sorted((card for card in found if card is not None), key=lambda card: (card.index, card.id)))
