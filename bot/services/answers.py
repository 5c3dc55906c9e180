"""What people press under the watch's messages. Only whom it is about may; nothing is ever killed by it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.books import Books, Store
from bot.domain.card import Card
from bot.domain.case import Answer, Answered, Case
from bot.domain.evidence import FindingKind
from bot.domain.member import Member
from bot.domain.outcome import Booked, Outcome
from bot.domain.phrase import CardWish, Phrase
from bot.domain.reservation import Reservation
from bot.ports import Clock
from bot.services.changes import shift_rows
from bot.services.idle import give_back_idle
from bot.services.owing import owe_member
from bot.services.reservations import ReservationService
from bot.services.telling import LENGTHS, Teller
from bot.views import warnings
from bot.views.letters import Scene

# Whose press it is, by what is pressed.
HOLDERS = frozenset({Answered.ALLOWED, Answered.SHIFTED, Answered.KEPT, Answered.RELEASED})


@dataclass(frozen=True)
class NotYours:
    """`whose`: for whom the button is; nobody any more, if the matter is over."""

    whose: tuple[Member, ...] = ()


@dataclass(frozen=True)
class NotFreeAnyMore:
    """What was offered a moment ago is somebody else's now, or somebody is on it."""


class AnswerService:
    def __init__(
        self,
        store: Store,
        clock: Clock,
        reservations: ReservationService,
        teller: Teller,
        on_freed: Callable[[Books, datetime], None],
    ) -> None:
        self._store = store
        self._clock = clock
        self._reservations = reservations
        self._teller = teller
        self._on_freed = on_freed

    async def allow(self, member: Member, case_id: int) -> Case | NotYours:
        """It's fine with me: the pair is left alone until that booking ends, as both read it. Who keeps the card longer
        after all is asked again then."""

        def work(books: Books, case: Case) -> Case:
            offender = case.subject.people[0]
            for booking in _bookings(case):
                books.cases.allow(offender, booking.booking, booking.window.end, self._clock.now())
            return case

        return await self._answer(member, case_id, Answered.ALLOWED, work)

    async def mind(self, member: Member, case_id: int) -> Case | NotYours:
        """I do need it, after all: the watch looks again, and tells anew what it sees."""

        def write(books: Books) -> Case | NotYours:
            case = books.cases.get(case_id)
            if case is None or case.answer is None or case.answer.what is not Answered.ALLOWED:
                return NotYours()
            if member.id != case.answer.by:
                holder = books.members.get(case.answer.by)
                return NotYours(() if holder is None else (holder,))
            now = self._clock.now()
            for booking in _bookings(case):
                books.cases.mind(case.subject.people[0], booking.booking)
            books.audit.record("answer", f"case:{case.id}", now, actor=member.id, detail={"what": "minded"})
            case = self._answered(books, replace(case, answer=Answer(Answered.MINDED, member.id, now)), now)
            offender = books.members.get(case.subject.people[0])
            if offender is not None:
                scene = Scene(case, {one.id: one for one in books.members.all()}, self._teller.policy, now)
                owe_member(books, offender, warnings.minded(scene), now)
            return case

        return await self._store.write(write)

    async def stopping(self, member: Member, case_id: int) -> Case | NotYours:
        """Whose run it is says so; the watch sees for itself when it is gone."""
        return await self._answer(member, case_id, Answered.STOPPING)

    async def keep(self, member: Member, case_id: int) -> Case | NotYours:
        return await self._answer(member, case_id, Answered.KEPT)

    async def release(self, member: Member, case_id: int, origin: str) -> Case | NotYours:
        """Give back what lies idle."""

        def work(books: Books, case: Case) -> Case:
            give_back_idle(books, case, member, self._clock.now(), origin)
            self._on_freed(books, self._clock.now())
            return case

        return await self._answer(member, case_id, Answered.RELEASED, work)

    async def book(self, member: Member, case_id: int, duration: timedelta, origin: str) -> Outcome | NotYours:
        """Book the cards that the run is on."""
        case = await self._store.read(lambda books: self._open(books, member, case_id, Answered.BOOKED))
        if isinstance(case, NotYours):
            return case
        return await self._book(member, case, case.cards, duration, Answered.BOOKED, origin)

    async def move(self, member: Member, case_id: int, indices: Sequence[int], origin: str) -> Outcome | NotYours:
        """Book other cards for the run, for as long as the first length that is offered everywhere."""
        case = await self._store.read(lambda books: self._open(books, member, case_id, Answered.MOVING))
        if isinstance(case, NotYours):
            return case
        known = await self._reservations.cards()
        cards = [card for card in known if card.index in indices]
        return await self._book(member, case, cards, LENGTHS[0], Answered.MOVING, origin)

    async def shift(
        self, member: Member, case_id: int, indices: Sequence[int], origin: str
    ) -> Booked | NotFreeAnyMore | NotYours:
        """Move the holder's booking to those equal cards from now on, with the run left where it is. Undone by
        /undo."""

        def write(books: Books) -> Booked | NotFreeAnyMore | NotYours:
            case = self._open(books, member, case_id, Answered.SHIFTED)
            if isinstance(case, NotYours):
                return case
            now = self._clock.now()
            shift = self._teller.shift(books, case, now)
            if [card.index for card in shift.values()] != list(indices):
                return NotFreeAnyMore()
            booked = shift_rows(books, member, shift, now, origin)
            answer = Answer(Answered.SHIFTED, member.id, now, tuple(shift.values()))
            self._answered(books, replace(case, answer=answer), now)
            self._on_freed(books, now)
            return booked

        return await self._store.write(write)

    async def scene(self, case: Case) -> Scene:
        """For what the presser reads at once."""

        def read(books: Books) -> Scene:
            members = {member.id: member for member in books.members.all()}
            return Scene(case, members, self._teller.policy, self._clock.now())

        return await self._store.read(read)

    async def _book(
        self, member: Member, case: Case, cards: Sequence[Card], duration: timedelta, what: Answered, origin: str
    ) -> Outcome | NotYours:
        """The ledger decides; its answer is noted on the case, which may have changed meanwhile."""
        wish = CardWish(indices=tuple(card.index for card in cards))
        phrase = Phrase("reserve", cards=wish, duration=duration)
        outcome = await self._reservations.reserve(member, phrase, origin)
        if isinstance(outcome, Booked):
            await self._answer(member, case.id or 0, what, cards=outcome.cards)
        return outcome

    async def _answer(
        self,
        member: Member,
        case_id: int,
        what: Answered,
        work: Callable[[Books, Case], Case] | None = None,
        cards: Sequence[Card] = (),
    ) -> Case | NotYours:
        def write(books: Books) -> Case | NotYours:
            case = self._open(books, member, case_id, what)
            if isinstance(case, NotYours):
                return case
            now = self._clock.now()
            if work is not None:
                case = work(books, case)
            answer = Answer(what, member.id, now, tuple(cards))
            books.audit.record("answer", f"case:{case.id}", now, actor=member.id, detail={"what": what.value})
            return self._answered(books, replace(case, answer=answer), now)

        return await self._store.write(write)

    def _answered(self, books: Books, case: Case, now: datetime) -> Case:
        """Everybody's message shows it. What came of a private offer is written by the handler instead."""
        books.cases.keep(case)
        private = case.subject.kind in (FindingKind.UNBOOKED_USE, FindingKind.OVERRUN, FindingKind.IDLE_BOOKING)
        return case if private and case.is_final else self._teller.owe(books, case, now)

    @staticmethod
    def _open(books: Books, member: Member, case_id: int, what: Answered) -> Case | NotYours:
        """The case, if it goes on and this is for that member to say."""
        case = books.cases.get(case_id)
        if case is None:
            return NotYours()
        may = whose(case, what)
        if member.id not in may:
            found = (books.members.get(one) for one in may)
            return NotYours(tuple(one for one in found if one is not None))
        return NotYours() if case.ended_at is not None or case.is_final else case


def _bookings(case: Case) -> list[Reservation]:
    return [finding.reservation for finding in case.findings if finding.reservation is not None]


def whose(case: Case, what: Answered) -> tuple[int, ...]:
    """Who may answer that: the holder about their booking, whose run it is about the run."""
    people = case.subject.people
    if case.subject.kind is FindingKind.TRESPASS:
        return people[1:] if what in HOLDERS else people[:1]
    if case.subject.kind is FindingKind.COLLISION:
        return () if what in HOLDERS else tuple({m for finding in case.findings for m in finding.members})
    is_idle = case.subject.kind is FindingKind.IDLE_BOOKING
    return people if is_idle == (what in HOLDERS) else ()
