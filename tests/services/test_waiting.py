"""The waiting list on a real SQLite file, step by step and against a brute-force model of fairness."""

from __future__ import annotations

import multiprocessing
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import combinations, count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.books import Books
from bot.domain.card import Card, CardId
from bot.domain.draft import Draft
from bot.domain.member import Member, Role
from bot.domain.outcome import Booked, Extended, Moved, NotBooked, NotChanged, Undone
from bot.domain.phrase import CardWish, Phrase
from bot.domain.policy import BookingPolicy
from bot.domain.queueing import InLine, NotJoined, NotTaken
from bot.domain.reservation import Kind, Reservation
from bot.domain.waiting import OFFER_LASTS, Ticket, TicketState
from bot.domain.window import Window
from bot.services.changes import ChangeService
from bot.services.observed import Observed
from bot.services.policies import Policies
from bot.services.reservations import ReservationService
from bot.services.waiting import MOST_PLACES, WaitingService
from storage.database import Database
from tests.conftest import FakeClock
from tests.services.at_once import AtOnce, done

GIB = 1 << 30
CARDS = tuple(
    Card(CardId("lab", f"GPU-{n}"), n, "A100" if n < 2 else "3090", 8 * GIB, f"0000:0{n}:00.0") for n in range(3)
)
NUMBERS = count(1)
NAMES = ("zhangsan", "lisi", "wangwu", "zhaoliu")


@dataclass
class Lab:
    """Four members, three cards, and what they can do."""

    database: Database
    clock: FakeClock = field(default_factory=FakeClock)
    policy: BookingPolicy = field(default_factory=BookingPolicy)
    members: list[Member] = field(default_factory=list)

    def __post_init__(self) -> None:
        store, policies, observed = AtOnce(self.database), Policies(self.policy), Observed()
        self.waiting = WaitingService(store, self.clock, policies, observed)
        self.reservations = ReservationService(
            store, self.clock, policies, observed, self.waiting.settle_in, self.waiting.make_way
        )
        self.changes = ChangeService(store, self.clock, policies, self.waiting.settle_in, self.waiting.make_way)
        self.members = self.members or self.database.write_now(self._furnish)

    def _furnish(self, books: Books) -> list[Member]:
        books.cards.see(CARDS, self.clock.now())
        return [
            books.members.add(name, Role.STUDENT, self.clock.now(), telegram_id=n)
            for n, name in enumerate(NAMES, start=1)
        ]

    def origin(self) -> str:
        return f"update:{next(NUMBERS)}"

    def book(self, who: int, card: int | None, hours: float, start: float = 0) -> Booked | NotBooked:
        wish = CardWish() if card is None else CardWish(indices=(card,))
        begin = None if start == 0 else self.clock.now() + timedelta(hours=start)
        phrase = Phrase("reserve", wish, timedelta(hours=hours), begin)
        outcome = done(self.reservations.reserve(self.members[who], phrase, self.origin()))
        assert isinstance(outcome, (Booked, NotBooked))
        return outcome

    def refused(self, who: int, card: int, hours: float) -> NotBooked:
        outcome = self.book(who, card, hours)
        assert isinstance(outcome, NotBooked)
        return outcome

    def queue(self, who: int, draft: Draft) -> InLine | NotJoined:
        draft_id = done(self.reservations.add_draft(draft))
        return done(self.waiting.join(self.members[who], draft_id, self.origin()))

    def wish(self, who: int, *cards: int, hours: float = 2, **rest: Any) -> Draft:
        ids = tuple(CARDS[n].id for n in cards)
        return Draft(self.members[who].id, ids, rest.pop("start", None), timedelta(hours=hours), **rest)

    def release(self, who: int, card: int) -> None:
        done(self.changes.release(self.members[who], lambda _r, c: c.index == card, self.origin()))

    def move(self, who: int, card: int, hours: float) -> Moved | NotChanged:
        """To so many hours from now."""
        start = self.clock.now() + timedelta(hours=hours)
        return done(self.changes.move(self.members[who], lambda _r, c: c.index == card, start, None, self.origin()))

    def extend(self, who: int, card: int, hours: float) -> Extended | NotChanged:
        by = timedelta(hours=hours)
        return done(self.changes.extend(self.members[who], lambda _r, c: c.index == card, by=by, origin=self.origin()))

    def take(self, who: int, ticket: int) -> Booked | NotTaken:
        return done(self.waiting.take(self.members[who], ticket, self.origin()))

    def leave(self, who: int, ticket: int) -> InLine | None:
        return done(self.waiting.leave(self.members[who], ticket, self.origin()))

    def tick(self) -> None:
        done(self.waiting.settle())

    def deliver(self) -> list[str]:
        """Telegram takes everything; the keys of what was said."""

        def work(books: Books) -> list[str]:
            due = books.outbox.due(self.clock.now())
            for owed in due:
                books.outbox.sent(owed.id, 1, owed.id)
            return [owed.notice.message.saying.key for owed in due]

        return self.database.write_now(work)

    def standing(self) -> Sequence[Reservation]:
        return self.database.write_now(lambda books: books.ledger.standing(self.clock.now()))

    def line(self) -> Sequence[Ticket]:
        return self.database.write_now(lambda books: books.waiting.line())

    def ticket(self, number: int) -> Ticket:
        found = self.database.write_now(lambda books: books.waiting.get(number))
        assert found is not None
        return found


@pytest.fixture
def lab(database: Database) -> Lab:
    return Lab(database)


def test_what_is_given_back_is_held_for_the_first_in_line_in_the_same_transaction(lab: Lab) -> None:
    lab.book(0, 0, 5)
    lab.queue(1, lab.wish(1, 0))
    lab.release(0, 0)
    (offer,) = lab.standing()
    assert (offer.kind, offer.member_id) == (Kind.OFFER, lab.members[1].id)
    assert isinstance(lab.book(2, 0, 1), NotBooked)
    assert lab.deliver() == ["waiting.offer"]


def test_taking_turns_the_held_rows_into_a_booking_and_a_second_press_finds_it(lab: Lab) -> None:
    lab.book(0, 0, 5)
    lab.queue(1, lab.wish(1, 0))
    lab.release(0, 0)
    (held,) = lab.standing()
    first, second = lab.take(1, 1), lab.take(1, 1)
    assert isinstance(first, Booked)
    assert isinstance(second, Booked)
    assert (first.again, second.again) == (False, True)
    (row,) = lab.standing()
    assert (row.id, row.window, row.kind) == (held.id, held.window, Kind.BOOKING)


def test_a_booking_that_was_taken_can_be_undone_like_any_other(lab: Lab) -> None:
    lab.book(0, 0, 5)
    lab.queue(1, lab.wish(1, 0))
    lab.release(0, 0)
    lab.take(1, 1)
    done(lab.changes.undo(lab.members[1], lab.origin()))
    assert lab.standing() == []


def test_an_offer_ends_with_its_ten_minutes_and_not_a_second_before(lab: Lab) -> None:
    lab.book(0, 0, 5)
    lab.queue(1, lab.wish(1, 0))
    lab.queue(2, lab.wish(2, 0))
    lab.release(0, 0)
    lab.deliver()
    lab.clock.advance(seconds=OFFER_LASTS.total_seconds() - 1)
    lab.tick()
    assert lab.ticket(1).state is TicketState.OFFERED
    lab.clock.advance(seconds=1)
    lab.tick()
    assert (lab.ticket(1).state, lab.ticket(2).state) == (TicketState.PASSED, TicketState.OFFERED)
    assert sorted(lab.deliver()) == ["waiting.offer", "waiting.passed"]
    late = lab.take(1, 1)
    assert isinstance(late, NotTaken)
    assert late.seen is not None
    assert late.seen.ticket.state is TicketState.PASSED


def test_a_late_press_finds_the_offer_over_even_if_no_tick_has_run(lab: Lab) -> None:
    lab.book(0, 0, 5)
    lab.queue(1, lab.wish(1, 0))
    lab.release(0, 0)
    lab.deliver()
    lab.clock.advance(minutes=10)
    assert isinstance(lab.take(1, 1), NotTaken)
    assert isinstance(lab.book(2, 0, 1), Booked)


def test_whoever_could_not_be_told_keeps_the_offer_until_they_can(lab: Lab) -> None:
    """Telegram was out of reach: nobody is skipped without an offer that they could read."""
    lab.book(0, 0, 5)
    lab.queue(1, lab.wish(1, 0))
    lab.release(0, 0)
    lab.clock.advance(minutes=11)
    lab.tick()
    assert lab.ticket(1).state is TicketState.OFFERED
    assert lab.deliver() == ["waiting.offer"]
    assert isinstance(lab.take(1, 1), Booked)


def test_no_thanks_offers_it_to_the_next_at_once(lab: Lab) -> None:
    lab.book(0, 0, 5)
    lab.queue(1, lab.wish(1, 0))
    lab.queue(2, lab.wish(2, 0))
    lab.release(0, 0)
    assert lab.leave(1, 1) is not None
    assert lab.ticket(2).state is TicketState.OFFERED


def test_a_booking_that_ends_by_itself_frees_the_card_for_the_line_before_anybody_else(lab: Lab) -> None:
    lab.book(0, 0, 1)
    lab.queue(1, lab.wish(1, 0))
    lab.clock.advance(hours=1)
    assert isinstance(lab.book(2, 0, 1), NotBooked), "no tick has run, yet the line comes first"
    assert lab.ticket(1).state is TicketState.OFFERED


def test_somebody_elses_ticket_is_nobodys_to_take_or_leave(lab: Lab) -> None:
    lab.book(0, 0, 5)
    lab.queue(1, lab.wish(1, 0))
    lab.release(0, 0)
    outcome = lab.take(2, 1)
    assert isinstance(outcome, NotTaken)
    assert outcome.seen is None
    assert lab.leave(2, 1) is None
    draft_id = done(lab.reservations.add_draft(lab.wish(1, 1)))
    for joined in (
        done(lab.waiting.join(lab.members[2], draft_id, lab.origin())),
        done(lab.waiting.join_again(lab.members[2], 1, lab.origin())),
    ):
        assert isinstance(joined, NotJoined)
        assert joined.refusal.reason == "not_yours"
    forgotten = done(lab.waiting.join(lab.members[1], draft_id + 9, lab.origin()))
    assert isinstance(forgotten, NotJoined)
    assert forgotten.refusal.reason == "outdated"
    assert lab.ticket(1).state is TicketState.OFFERED


def test_queueing_twice_for_the_same_is_one_place_in_line(lab: Lab) -> None:
    lab.book(0, 0, 5)
    first, second = lab.queue(1, lab.wish(1, 0)), lab.queue(1, lab.wish(1, 0))
    assert isinstance(first, InLine)
    assert isinstance(second, InLine)
    assert (first.again, second.again) == (False, True)
    assert first.ticket == second.ticket


def test_nobody_waits_in_so_many_places_that_they_are_offered_everything(lab: Lab) -> None:
    lab.book(0, 0, 4)
    places = [lab.queue(1, lab.wish(1, 0, hours=hours)) for hours in range(1, MOST_PLACES + 1)]
    assert all(isinstance(place, InLine) for place in places)
    refused = lab.queue(1, lab.wish(1, 0, hours=20))
    assert isinstance(refused, NotJoined)
    assert refused.refusal.reason == "too_many_places"
    assert isinstance(lab.queue(2, lab.wish(2, 0)), InLine)
    assert isinstance(places[0], InLine)
    lab.leave(1, places[0].ticket.id)
    assert isinstance(lab.queue(1, lab.wish(1, 0, hours=20)), InLine)


def test_what_could_never_be_served_is_refused_at_once(lab: Lab) -> None:
    for draft, reason in {
        "too_long": lab.wish(1, 0, hours=24 * 8),
        "no_such_cards": lab.wish(1, count=3, model="a100"),
        "share_too_big": lab.wish(1, 0, memory_bytes=9 * GIB),
        "in_the_past": lab.wish(1, 0, start=lab.clock.now()),
    }.items():
        outcome = lab.queue(1, reason)
        assert isinstance(outcome, NotJoined)
        assert outcome.refusal.reason == draft
    assert lab.line() == []


def test_the_rules_of_any_booking_hold_for_what_is_taken(database: Database) -> None:
    lab = Lab(database, policy=BookingPolicy(cards_at_once=1))
    lab.book(0, 0, 5)
    lab.queue(1, lab.wish(1, 0))
    lab.release(0, 0)
    lab.book(1, 1, 1)
    outcome = lab.take(1, 1)
    assert isinstance(outcome, NotTaken)
    assert outcome.refusal is not None
    assert outcome.refusal.reason == "too_many_cards"
    lab.release(1, 1)
    assert isinstance(lab.take(1, 1), Booked), "it was held meanwhile"


def test_an_offer_that_an_admin_took_away_leaves_the_ticket_in_its_place(lab: Lab) -> None:
    lab.book(0, 0, 5)
    lab.queue(1, lab.wish(1, 0))
    lab.release(0, 0)
    (held,) = lab.standing()
    lab.database.write_now(lambda books: books.ledger.cancel(held.id))
    lab.tick()
    assert lab.ticket(1).state is TicketState.OFFERED, "the card is free again, and they are still the first"
    assert lab.ticket(1).booking != held.booking


def test_a_ticket_lapses_after_a_week_and_its_holder_is_told(lab: Lab) -> None:
    lab.book(0, 0, 24 * 7)
    lab.queue(1, lab.wish(1, 0))
    lab.clock.advance(days=7, seconds=-1)
    lab.tick()
    assert lab.ticket(1).state is TicketState.WAITING
    lab.clock.advance(seconds=1)
    lab.tick()
    assert lab.ticket(1).state is TicketState.LAPSED
    assert lab.deliver() == ["waiting.lapsed"]


def a_pair_waits(lab: Lab) -> InLine | NotJoined:
    """gpu0 is free, gpu1 for 4 hours somebody's, gpu2 for 9."""
    lab.book(0, 1, 4)
    lab.book(0, 2, 9)
    return lab.queue(1, lab.wish(1, hours=6, count=2))


def test_for_a_pair_the_earliest_time_at_which_two_are_free_is_kept(lab: Lab) -> None:
    joined = a_pair_waits(lab)
    assert isinstance(joined, InLine)
    in_four_hours = lab.clock.now() + timedelta(hours=4)
    assert joined.promised == Window.lasting(in_four_hours, timedelta(hours=6))
    assert [card.name for card in joined.cards] == ["gpu0", "gpu1"]
    assert isinstance(lab.book(2, 0, 3), Booked), "before it"
    longer = done(lab.changes.extend(lab.members[2], lambda _r, c: c.index == 0, by=timedelta(hours=2), origin="x"))
    assert isinstance(longer, NotChanged)
    assert longer.values["possible"] == in_four_hours
    refused = lab.book(3, 1, 1, start=5)
    assert isinstance(refused, NotBooked)
    assert [blocker.kind for blocker in refused.refusal.blockers] == [Kind.PROMISE]


def test_a_promise_is_written_once_however_often_the_line_is_looked_at(lab: Lab) -> None:
    lab.book(1, 0, 6)
    lab.queue(0, lab.wish(0, 0, 1, hours=29.0000007))  # "until fri 18:00", said at some fraction of a second
    before = [row.id for row in lab.standing() if row.kind is Kind.PROMISE]
    for _ in range(3):
        lab.clock.advance(seconds=30)
        lab.tick()
    assert len(before) == 2
    assert [row.id for row in lab.standing() if row.kind is Kind.PROMISE] == before


def test_when_its_time_has_come_the_promise_is_offered(lab: Lab) -> None:
    a_pair_waits(lab)
    lab.clock.advance(hours=4)
    lab.tick()
    assert lab.deliver() == ["waiting.offer"]
    assert isinstance(lab.take(1, 1), Booked)


def test_what_is_given_back_earlier_is_offered_earlier(lab: Lab) -> None:
    a_pair_waits(lab)
    lab.clock.advance(hours=1)
    lab.release(0, 1)
    assert lab.ticket(1).state is TicketState.OFFERED
    assert {r.kind for r in lab.standing()} == {Kind.BOOKING, Kind.OFFER}


def test_a_card_that_is_kept_for_later_is_offered_until_then(lab: Lab) -> None:
    """Its end stays where the promise begins, however late the button is pressed; too late, it is an old button."""
    a_pair_waits(lab)
    begins = lab.clock.now() + timedelta(hours=4)
    refused = lab.book(2, 0, 6)
    assert isinstance(refused, NotBooked)
    (shorter,) = [offer for offer in refused.alternatives if offer.is_shorter]
    assert (shorter.starts_now, shorter.window.end) == (True, begins)
    lab.clock.advance(hours=1)
    booked = done(lab.reservations.book_draft(lab.members[2], shorter.draft_id))
    assert isinstance(booked, Booked)
    assert booked.reservations[0].window == Window(lab.clock.now(), begins)

    assert not [offer for offer in lab.refused(3, 0, 6).alternatives if offer.is_shorter], "it is taken now"
    lab.release(2, 0)
    (late,) = [offer for offer in lab.refused(3, 0, 6).alternatives if offer.is_shorter]
    lab.clock.advance(hours=3)
    too_late = done(lab.reservations.book_draft(lab.members[3], late.draft_id))
    assert isinstance(too_late, NotBooked)
    assert too_late.refusal.reason == "outdated"


def test_a_booking_for_which_the_promise_can_move_is_made(lab: Lab) -> None:
    """gpu0 and gpu1 were kept from 4 o'clock on; gpu0 and gpu2 serve the pair as well."""
    lab.book(0, 1, 4)
    lab.book(0, 2, 4)
    lab.queue(1, lab.wish(1, hours=6, count=2))
    assert isinstance(lab.book(2, 1, 3, start=5), Booked)
    ((_, start),) = kept_for(lab).values()
    assert start == lab.clock.now() + timedelta(hours=4)
    kept = sorted(r.card.uuid for r in lab.standing() if r.kind is Kind.PROMISE)
    assert kept == ["GPU-0", "GPU-2"]


def test_a_booking_is_extended_over_a_promise_that_can_move(lab: Lab) -> None:
    """gpu0 and gpu1 were kept from 4 o'clock on; whoever holds gpu1 keeps it longer, since gpu2 serves as well."""
    lab.book(0, 1, 4)
    lab.book(2, 2, 4)
    lab.queue(1, lab.wish(1, hours=6, count=2))
    start = lab.clock.now() + timedelta(hours=4)
    longer = done(lab.changes.extend(lab.members[0], lambda _r, c: c.index == 1, by=timedelta(hours=2), origin="x"))
    assert isinstance(longer, Extended)
    assert [kept for _, kept in kept_for(lab).values()] == [start]
    again = done(lab.changes.extend(lab.members[2], lambda _r, c: c.index == 2, by=timedelta(hours=2), origin="y"))
    assert isinstance(again, NotChanged), "now there is nothing else that serves the pair in time"


def test_a_booking_is_moved_over_a_promise_that_can_move(lab: Lab) -> None:
    """gpu0 and gpu1 were kept from 4 o'clock on; whoever moves to gpu1's afternoon may, since gpu2 serves as well."""
    lab.book(0, 1, 4)
    lab.book(0, 2, 4)
    lab.book(2, 1, 2, start=20)
    lab.book(3, 2, 2, start=20)
    lab.queue(1, lab.wish(1, hours=6, count=2))
    start = lab.clock.now() + timedelta(hours=4)
    assert isinstance(lab.move(2, 1, hours=5), Moved)
    assert [kept for _, kept in kept_for(lab).values()] == [start]
    assert isinstance(lab.move(3, 2, hours=5), NotChanged), "now there is nothing else that serves the pair in time"
    assert [kept for _, kept in kept_for(lab).values()] == [start]


def test_ones_own_promise_is_in_nobodys_way(lab: Lab) -> None:
    a_pair_waits(lab)
    assert isinstance(lab.book(1, 0, 8), Booked)
    lab.tick()
    ((_, start),) = kept_for(lab).values()
    assert start == lab.clock.now() + timedelta(hours=8)


def test_whoever_leaves_the_line_leaves_the_promise(lab: Lab) -> None:
    a_pair_waits(lab)
    lab.leave(1, 1)
    assert {r.kind for r in lab.standing()} == {Kind.BOOKING}


def test_undoing_what_made_a_promise_earlier_is_possible_and_the_promise_is_as_before(lab: Lab) -> None:
    a_pair_waits(lab)
    done(lab.changes.extend(lab.members[0], lambda _r, c: c.index == 1, by=timedelta(hours=-2), origin="x"))
    assert isinstance(done(lab.changes.undo(lab.members[0], "y")), Undone)
    ((_, start),) = kept_for(lab).values()
    assert start == lab.clock.now() + timedelta(hours=4)


def test_a_place_with_a_promise_does_not_lapse_before_it(lab: Lab) -> None:
    lab.book(0, 0, 24 * 7)
    lab.book(2, 0, 24, start=24 * 7)
    lab.queue(1, lab.wish(1, 0, 1))
    lab.clock.advance(days=7)
    lab.tick()
    assert lab.ticket(1).state is TicketState.WAITING
    lab.clock.advance(days=1)
    lab.tick()
    assert lab.ticket(1).state is TicketState.OFFERED


def test_the_schema_does_not_let_an_offer_be_made_of_nothing(lab: Lab) -> None:
    lab.book(0, 0, 5)
    lab.queue(1, lab.wish(1, 0))
    with pytest.raises(sqlite3.IntegrityError):
        lab.database.write_now(lambda books: books.waiting.set_state(1, TicketState.OFFERED))


# A brute-force model: cards, quarters of an hour, and every combination of cards tried.

QUARTER = timedelta(minutes=15)


def is_free(card: Card, rows: Sequence[Reservation], window: Window, memory: int | None) -> bool:
    """Looked at whenever something begins in the window: in between, no more is there than there was."""
    its = [r for r in rows if r.card == card.id]
    for instant in {window.start, *(r.window.start for r in its if window.contains(r.window.start))}:
        there = [r for r in its if r.window.contains(instant)]
        if memory is None or any(r.memory_bytes is None for r in there):
            if there:
                return False
        elif sum(r.memory_bytes or 0 for r in there) + memory > 8 * GIB:
            return False
    return True


def choices(ticket: Ticket) -> Iterator[tuple[Card, ...]]:
    wish = ticket.wish
    if wish.cards:
        yield tuple(card for card in CARDS if card.id in wish.cards)
        return
    yield from combinations([c for c in CARDS if wish.model is None or wish.model in c.model.lower()], wish.count)


def can_be_served(ticket: Ticket, rows: Sequence[Reservation], now: datetime) -> bool:
    start = max(ticket.wish.start or now, now)
    window = Window(start, start + ticket.wish.duration)
    return any(
        all(is_free(card, rows, window, ticket.wish.memory_bytes) for card in cards) for cards in choices(ticket)
    )


def kept_for(lab: Lab) -> dict[int, tuple[int, datetime]]:
    """Ticket: whose it is, and from when on cards are kept for it."""
    rows = [r for r in lab.standing() if r.kind is Kind.PROMISE]
    return {t.id: (t.member_id, r.window.start) for t in lab.line() for r in rows if r.booking == t.booking}


def check_promises(lab: Lab, before: dict[int, tuple[int, datetime]], booked_by: int | None) -> None:
    """Nothing that anybody does delays what was promised to somebody else."""
    after, waiting = kept_for(lab), {t.id for t in lab.line() if t.state is TicketState.WAITING}
    assert len(after) <= 1
    for ticket, (member, start) in before.items():
        if ticket in waiting and member != booked_by:
            assert after[ticket][1] <= start, "delayed"


def check(lab: Lab, before: Sequence[Ticket]) -> None:
    now, rows, line = lab.clock.now(), lab.standing(), lab.line()
    for row in rows:  # the ledger never contradicts itself
        others = [r for r in rows if r.id != row.id]
        assert is_free(next(c for c in CARDS if c.id == row.card), others, row.window, row.memory_bytes)
    held = {row.booking for row in rows if row.kind is Kind.OFFER}
    open_offers = {t.booking: t for t in line if t.state is TicketState.OFFERED}
    assert held == set(open_offers), "nothing is held for nobody"
    assert all(t.offered_until is not None and t.offered_until > now for t in open_offers.values())
    waiting = [t for t in line if t.state is TicketState.WAITING]
    promised = [r for r in rows if r.kind is Kind.PROMISE]
    assert {r.booking for r in promised} <= {t.booking for t in waiting}, "nothing is kept for nobody"
    assert all(r.window.start > now for r in promised), "what is due is offered"
    for ticket in waiting:
        others = [r for r in rows if r.kind is not Kind.PROMISE or r.booking != ticket.booking]
        assert not can_be_served(ticket, others, now), "a card lies free that somebody waits for"
    # Nobody was overtaken: without what later tickets were offered just now, an earlier one could not be served either.
    was = {t.id: t.state for t in before}
    fresh = [t for t in open_offers.values() if was.get(t.id) is not TicketState.OFFERED]
    for earlier in waiting:
        later = {t.booking for t in fresh if t.id > earlier.id}
        assert not can_be_served(earlier, [r for r in rows if r.booking not in later], now), "overtaken"


wishes = st.one_of(
    st.sampled_from([{}, {"cards": (0,)}, {"cards": (1,)}]),  # what most people want
    st.fixed_dictionaries(
        {
            "cards": st.sampled_from([(), (0,), (1,), (2,), (0, 1)]),
            "quarters": st.integers(1, 8),
            "count": st.integers(1, 2),
            "model": st.sampled_from([None, None, "a100", "3090"]),
            "memory_bytes": st.sampled_from([None, None, 4 * GIB, 6 * GIB]),
            "later": st.sampled_from([0, 0, 0, 3]),
        }
    ),
)
who, which = st.integers(0, len(NAMES) - 1), st.integers(0, 7)
queueing = st.tuples(st.just("queue"), who, wishes)
steps = st.one_of(
    queueing,
    queueing,
    st.tuples(
        st.just("book"),
        who,
        st.integers(0, 2),
        st.integers(1, 12),
        st.sampled_from([0, 0, 2]),
        st.sampled_from([0, 30]),
    ),
    st.tuples(st.just("release"), which),
    st.tuples(st.just("move"), who, st.integers(0, 2), st.integers(1, 12)),
    st.tuples(st.just("extend"), who, st.integers(0, 2), st.integers(-4, 8)),
    st.tuples(st.just("take"), which),
    st.tuples(st.just("leave"), which),
    st.tuples(st.just("wait"), st.sampled_from([1, 5, 9, 10, 15, 45])),
)


def play(lab: Lab, what: str, *rest: Any) -> None:
    """One thing that happens; a number picks among what there is."""
    if what == "book":
        member, card, quarters, start, unwatched = rest
        lab.clock.advance(minutes=unwatched)  # no tick in between
        lab.book(member, card, quarters / 4, start)
    elif what == "queue":
        lab.queue(rest[0], draft_of(lab, rest[0], **rest[1]))
    elif what == "release":
        bookings = [r for r in lab.standing() if r.kind is Kind.BOOKING]
        if bookings:
            chosen = bookings[rest[0] % len(bookings)]
            lab.release(chosen.member_id - 1, next(c.index for c in CARDS if c.id == chosen.card))
    elif what in ("move", "extend"):
        member, card, quarters = rest
        (lab.move if what == "move" else lab.extend)(member, card, quarters / 4)
    elif what in ("take", "leave"):
        line = lab.line()
        if line:
            ticket = line[rest[0] % len(line)]
            (lab.take if what == "take" else lab.leave)(ticket.member_id - 1, ticket.id)
    else:
        lab.clock.advance(minutes=rest[0])
        lab.tick()


def draft_of(
    lab: Lab, who: int, *, cards: tuple[int, ...] = (), quarters: int = 4, later: int = 0, **rest: Any
) -> Draft:
    start = lab.clock.now() + timedelta(hours=later) if later else None
    return lab.wish(who, *cards, hours=quarters / 4, start=start, **rest)


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(steps, min_size=6, max_size=30))
def test_nobody_is_overtaken_and_nothing_lies_free_that_somebody_waits_for(
    tmp_path: Path, story: list[tuple[Any, ...]]
) -> None:
    database = Database(tmp_path / "lab.db")
    try:
        lab = Lab(database)
        for card in range(len(CARDS)):  # a full lab
            lab.book(0, card, 3)
        for step in story:
            before, kept = lab.line(), kept_for(lab)
            play(lab, *step)
            lab.deliver()
            check(lab, before)
            check_promises(lab, kept, step[1] + 1 if step[0] in ("book", "move", "extend") else None)
    finally:
        database.close()
        for file in tmp_path.iterdir():
            file.unlink()


def _press_everything(path: Path, seed: int, results: multiprocessing.Queue[list[int]]) -> None:
    """One process of many: tick, and press "take it" under every offer; report the tickets that were won."""
    database = Database(path)
    lab = Lab(database, members=[Member(n, name, Role.STUDENT, n, name, None) for n, name in enumerate(NAMES, 1)])
    won = []
    for step in range(2 * TICKETS):
        number = (step * 7 + seed * 5) % TICKETS + 1
        outcome = lab.take((number - 1) % len(NAMES), number)
        if isinstance(outcome, Booked) and not outcome.again:
            won.append(number)
            lab.release((number - 1) % len(NAMES), outcome.cards[0].index)
    database.close()
    results.put(won)


TICKETS = len(NAMES) * MOST_PLACES


def test_many_processes_on_one_file_take_each_offer_once(lab: Lab) -> None:
    for card in range(len(CARDS)):
        lab.book(0, card, 5)
    for number in range(TICKETS):
        lab.queue(number % len(NAMES), lab.wish(number % len(NAMES), hours=1 + number / 10))
    for card in range(len(CARDS)):
        lab.release(0, card)
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    workers = [context.Process(target=_press_everything, args=(lab.database.path, n, results)) for n in range(4)]
    for worker in workers:
        worker.start()
    won = [number for _ in workers for number in results.get(timeout=120)]
    for worker in workers:
        worker.join()
    assert len(won) == len(set(won)), "nobody took the same offer twice"
    assert len(won) + len(lab.line()) == TICKETS
    check(lab, lab.line())
