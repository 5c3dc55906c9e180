"""Telling a case: which messages it has now, to whom, and which message they edit. Inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.books import Books
from bot.domain.card import Card
from bot.domain.case import REPEATED, Case, Move, Step
from bot.domain.evidence import FindingKind
from bot.domain.member import Member
from bot.domain.policy import WatchPolicy
from bot.domain.reminder import ReminderKind
from bot.domain.reservation import Kind, choose
from bot.domain.saying import Message
from bot.domain.shifting import Shift, equal_cards
from bot.domain.window import Window
from bot.services.observed import Observed
from bot.services.owing import LASTING, owe_group, owe_member
from bot.views import offers, sickness, warnings
from bot.views.letters import GROUP, Letter, Scene

LENGTHS = (timedelta(hours=4), timedelta(days=1), timedelta(days=2))

WRITERS: Mapping[FindingKind, Callable[[Scene], list[Letter]]] = {
    FindingKind.TRESPASS: warnings.trespass,
    FindingKind.COLLISION: warnings.collision,
    FindingKind.OVER_SHARE: warnings.over_share,
    FindingKind.UNBOOKED_USE: offers.unbooked,
    FindingKind.IDLE_BOOKING: offers.idle,
    FindingKind.OVERRUN: offers.overrun,
    FindingKind.SICK_CARD: sickness.sick,
    FindingKind.UNEXPLAINED_MEMORY: sickness.unexplained,
}


@dataclass(frozen=True)
class Teller:
    """`has_group`: without one, what would be said there is said in private to those whom it is about."""

    observed: Observed
    policy: WatchPolicy
    has_group: bool

    def take(self, books: Books, step: Step, now: datetime) -> Case:
        """Write the case down, and owe what the step asks for."""
        case = step.case
        if step.move is Move.TELL and was_reminded(books, case):
            # The reminder said the same a moment ago, with the same buttons.
            return books.cases.keep(replace(case, answer=None, tellings=0, told_at=None))
        case = books.cases.keep(case)
        if step.move is Move.KEEP:
            return case
        if step.move is Move.TELL and case.tellings > 1:
            self._point_on(books, case, now)
        return self.owe(books, case, now)

    def owe(self, books: Books, case: Case, now: datetime) -> Case:
        """The case's messages as they are now; those of the same telling are edited."""
        members = {member.id: member for member in books.members.all()}
        scene = self.scene(books, case, members, now)
        letters = WRITERS[case.subject.kind](scene)
        if not self.has_group:
            letters = _in_private(letters, case)
        for letter in letters:
            self._send(books, letter.to, letter.message, members, story_name(case, case.tellings), now)
        told = tuple(sorted({*case.told, *(letter.to for letter in letters)}))
        return case if told == case.told else books.cases.keep(replace(case, told=told))

    def scene(self, books: Books, case: Case, members: Mapping[int, Member], now: datetime) -> Scene:
        if case.ending is not None or case.is_final:
            return Scene(case, members, self.policy, now)
        return Scene(
            case,
            members,
            self.policy,
            now,
            spare=self._spare(books, case, now) if case.subject.kind in REPEATED else (),
            lengths=tuple(length for length in LENGTHS if _is_free(books, case.cards, now, length)),
            waiting=len(waiting_for(books, case)),
            equal=tuple(self.shift(books, case, now).values()),
            held=_held_elsewhere(books, case, now),
        )

    def shift(self, books: Books, case: Case, now: datetime) -> Shift:
        """Where the holder's booking could move to from under a run that goes on."""
        if case.subject.kind is not FindingKind.TRESPASS:
            return {}
        standing = books.ledger.standing(now)
        return equal_cards(case.findings, books.cards.all(), standing, self.observed.not_idle(), now)

    def _point_on(self, books: Books, case: Case, now: datetime) -> None:
        """The message of the last telling is no second warning: it says where to read on."""
        members = {member.id: member for member in books.members.all()}
        message = warnings.superseded(Scene(case, members, self.policy, now))
        for to in case.told:
            self._send(books, to, message, members, story_name(case, case.tellings - 1), now)

    def _send(
        self, books: Books, to: int, message: Message, members: Mapping[int, Member], story: str, now: datetime
    ) -> None:
        if to == GROUP:
            owe_group(books, message, now, story=story, lasts=LASTING)
        elif to in members:
            owe_member(books, members[to], message, now, story=story, lasts=LASTING)

    def _spare(self, books: Books, case: Case, now: datetime) -> tuple[Card, ...]:
        """As many other cards that are free for a while and that nobody is on; none if there are not enough."""
        others = [card for card in books.cards.all() if card not in case.cards]
        window = Window.lasting(now, LENGTHS[0])
        standing = books.ledger.standing(now)
        busy = self.observed.not_idle()
        return choose(others, standing, window, len(case.cards), busy=busy) or ()


def story_name(case: Case, telling: int) -> str:
    """The outbox's name for one telling of a case."""
    return f"case:{case.id}:{telling}"


def waiting_for(books: Books, case: Case) -> Sequence[int]:
    """The other members in line whom one of its cards would serve."""
    about = {*case.subject.people}
    line = (ticket for ticket in books.waiting.line() if ticket.member_id not in about)
    return [ticket.member_id for ticket in line if ticket.wish.candidates(case.cards)]


def _held_elsewhere(books: Books, case: Case, now: datetime) -> tuple[Card, ...]:
    """What whose run it is has booked for now: most often, where the run was meant to be."""
    if case.subject.kind not in (FindingKind.TRESPASS, FindingKind.UNBOOKED_USE):
        return ()
    own = books.ledger.of_member(case.subject.people[0], now)
    meant = {r.card for r in own if r.kind is Kind.BOOKING and r.window.contains(now)}
    return tuple(card for card in books.cards.all() if card.id in meant and card not in case.cards)


def was_reminded(books: Books, case: Case) -> bool:
    """Whether its owner was told already, by a reminder, that the booking ended under their run."""
    if case.subject.kind is not FindingKind.OVERRUN:
        return False
    ended = [finding.ended for finding in case.findings if finding.ended is not None]
    if not ended:
        return False
    told = books.reminders.told_since(min(one.window.end for one in ended))
    reminded = {one.booking for one in told if one.kind is ReminderKind.ENDED}
    return all(one.booking in reminded for one in ended)


def _is_free(books: Books, cards: Sequence[Card], now: datetime, length: timedelta) -> bool:
    return not books.ledger.in_the_way((card.id for card in cards), Window.lasting(now, length))


def _in_private(letters: list[Letter], case: Case) -> list[Letter]:
    private = {letter.to for letter in letters if letter.to != GROUP}
    about = [member for finding in case.findings for member in (*case.subject.people, *finding.affected)]
    kept = [letter for letter in letters if letter.to != GROUP]
    for letter in letters:
        if letter.to == GROUP:
            kept += [Letter(member, letter.message) for member in dict.fromkeys(about) if member not in private]
    return kept
