"""Who is offered what, and what is kept for whom: first come, first served, as a table of small labs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.card import Card, CardId
from bot.domain.member import Member, Role
from bot.domain.policy import BookingPolicy
from bot.domain.reservation import Kind, Reservation, fits
from bot.domain.waiting import (
    Plan,
    Promise,
    Supply,
    Ticket,
    TicketState,
    Wish,
    could_use,
    is_kept_beside,
    make_plan,
    people_ahead,
)
from bot.domain.window import Window
from tests.conftest import NOON

GIB = 1 << 30
HOUR = timedelta(hours=1)
MODELS = ("NVIDIA A100-SXM4-80GB", "NVIDIA A100-SXM4-80GB", "NVIDIA GeForce RTX 3090")
CARDS = tuple(Card(CardId("lab", f"GPU-{n}"), n, model, 80 * GIB, f"0000:0{n}:00.0") for n, model in enumerate(MODELS))
IDS = tuple(card.id for card in CARDS)
MEMBERS = {n: Member(n, f"m{n}", Role.STUDENT, n, f"m{n}", None) for n in range(1, 6)}

ANY, PAIR = Wish(2 * HOUR), Wish(2 * HOUR, count=2)
GPU0, GPU1 = Wish(2 * HOUR, (IDS[0],)), Wish(2 * HOUR, (IDS[1],))


def line(*wishes: Wish) -> list[Ticket]:
    """Each by another member, in the order of coming."""
    return [Ticket(n, n, wish, NOON, wish.lapses_at(NOON)) for n, wish in enumerate(wishes, start=1)]


def held(card: int, hours: float = 5, *, start: float = -1, by: int = 5, share_gib: int | None = None) -> Reservation:
    window = Window(NOON + start * HOUR, NOON + hours * HOUR)
    return Reservation(90 + card, 90 + card, IDS[card], by, window, share_gib and share_gib * GIB)


def supply_of(policy: BookingPolicy | None = None, busy: frozenset[CardId] = frozenset()) -> Supply:
    return Supply(CARDS, MEMBERS, lambda _member: policy or BookingPolicy(), lambda _member: busy)


def plan(
    tickets: Sequence[Ticket],
    standing: Sequence[Reservation] = (),
    *,
    policy: BookingPolicy | None = None,
    busy: frozenset[CardId] = frozenset(),
    now: datetime = NOON,
    promised: Promise | None = None,
) -> Plan:
    return make_plan(tickets, standing, supply_of(policy, busy), now, promised)


def offered(tickets: Sequence[Ticket], standing: Sequence[Reservation] = (), **rest: Any) -> dict[int, list[str]]:
    return names(plan(tickets, standing, **rest))


def names(made: Plan) -> dict[int, list[str]]:
    return {ticket.id: [card.name for card in request.cards] for ticket, request in made.offers}


def kept(made: Plan) -> tuple[int, list[str], float] | None:
    """The promise: whose, which cards, in how many hours."""
    if made.promise is None:
        return None
    request = made.promise.request
    return made.promise.ticket.id, [card.name for card in request.cards], (request.window.start - NOON) / HOUR


FULL = (held(0), held(1), held(2))


@pytest.mark.parametrize(
    ("tickets", "standing", "expected"),
    [
        # nothing is free
        (line(ANY, GPU0), FULL, {}),
        # one card came free: the first in line, not the second
        (line(ANY, ANY), FULL[1:], {1: ["gpu0"]}),
        (line(GPU0, GPU0), FULL[1:], {1: ["gpu0"]}),
        # the first waits for another card: it is not overtaken by the second, who gets what the first does not want
        (line(GPU1, GPU0), FULL[1:], {2: ["gpu0"]}),
        # a pair can't be served with one card; who needs only one may have it, if the pair gets it in time
        (line(PAIR, ANY), FULL[1:], {2: ["gpu0"]}),
        # ... and not beyond: the pair could have gpu0 and gpu1 in 5 hours
        (line(PAIR, Wish(6 * HOUR)), (held(1), held(2, 9)), {}),
        # ... unless another card serves the pair as early
        (line(PAIR, Wish(6 * HOUR)), (held(0), held(1)), {2: ["gpu2"]}),
        (line(PAIR, Wish(6 * HOUR, (IDS[0],))), (held(1), held(2, 5)), {2: ["gpu0"]}),
        # who came before the pair is not kept from anything
        (line(Wish(6 * HOUR), PAIR), FULL[1:], {1: ["gpu0"]}),
        # ... but of two cards the pair comes first
        (line(PAIR, ANY), FULL[2:], {1: ["gpu0", "gpu1"]}),
        # by model, and a model that there is not
        (line(Wish(HOUR, model="3090")), (), {1: ["gpu2"]}),
        (line(Wish(HOUR, model="h100")), (), {}),
        # whoever does not care leaves the named card to the one behind who asks for it
        (line(ANY, GPU0), FULL[2:], {1: ["gpu1"], 2: ["gpu0"]}),
        # ... unless it is the only one
        (line(ANY, GPU0), FULL[1:], {1: ["gpu0"]}),
        # it must be free for the whole time
        (line(ANY), (held(0, 9, start=1), held(1), held(2)), {}),
        (line(Wish(HOUR)), (held(0, 9, start=1), held(1), held(2)), {1: ["gpu0"]}),
        # a share fits beside another share
        (line(Wish(HOUR, (IDS[0],), memory_bytes=30 * GIB)), (held(0, share_gib=50),), {1: ["gpu0"]}),
        (line(Wish(HOUR, (IDS[0],), memory_bytes=31 * GIB)), (held(0, share_gib=50),), {}),
        # a time in the future, not now
        (line(Wish(HOUR, (IDS[0],), start=NOON + 5 * HOUR)), FULL, {1: ["gpu0"]}),
        (line(Wish(HOUR, (IDS[0],), start=NOON + 4 * HOUR)), FULL, {}),
    ],
)
def test_who_is_offered_what(
    tickets: list[Ticket], standing: Sequence[Reservation], expected: dict[int, list[str]]
) -> None:
    assert offered(tickets, standing) == expected


def test_whoever_has_an_offer_already_gets_no_second_one() -> None:
    first, second = line(ANY, ANY)
    first = replace(first, state=TicketState.OFFERED, booking=7, offered_until=NOON + timedelta(minutes=10))
    row = Reservation(7, 7, IDS[0], 1, Window(NOON, NOON + 2 * HOUR), kind=Kind.OFFER)
    assert offered([first, second], (row, *FULL[1:])) == {}


def test_whom_the_rules_forbid_a_card_just_now_waits_on_and_blocks_nobody() -> None:
    tickets = line(ANY, ANY)
    mine = held(1, by=1)
    assert offered(tickets, (mine, held(2)), policy=BookingPolicy(cards_at_once=1)) == {2: ["gpu0"]}


def test_a_card_that_somebody_is_on_is_offered_only_by_name() -> None:
    assert offered(line(ANY), FULL[1:], busy=frozenset({IDS[0]})) == {}
    assert offered(line(GPU0), FULL[1:], busy=frozenset({IDS[0]})) == {1: ["gpu0"]}


def test_ones_place_counts_those_who_want_the_same() -> None:
    tickets = line(GPU0, GPU1, ANY, GPU0)
    assert [people_ahead(ticket, tickets, CARDS) for ticket in tickets] == [0, 0, 2, 2]


def test_an_offer_for_a_short_wish_is_short() -> None:
    assert ANY.offer_lasts == timedelta(minutes=10)
    assert Wish(timedelta(minutes=6)).offer_lasts == timedelta(minutes=3)


def test_a_ticket_lapses_after_a_week_or_when_the_time_it_is_for_has_come() -> None:
    assert ANY.lapses_at(NOON) == NOON + timedelta(days=7)
    assert Wish(HOUR, start=NOON + 3 * HOUR).lapses_at(NOON) == NOON + 3 * HOUR


PAIR_LONG, SINGLE_LONG = Wish(12 * HOUR, count=2), Wish(12 * HOUR)


@pytest.mark.parametrize(
    ("tickets", "standing", "expected"),
    [
        # the earliest time at which two are free together, with the one that is free now
        (line(PAIR), (held(1, 5), held(2, 3)), (1, ["gpu0", "gpu2"], 3)),
        (line(Wish(HOUR, (IDS[0], IDS[1]))), (held(1, 5), held(2, 3)), (1, ["gpu0", "gpu1"], 5)),
        (line(Wish(HOUR, count=2, model="a100")), (held(1, 5), held(2, 3)), (1, ["gpu0", "gpu1"], 5)),
        # ... for the whole time that they are wanted
        (line(PAIR_LONG), (held(1, 5), held(0, 30, start=10), held(2, 8)), (1, ["gpu1", "gpu2"], 8)),
        # who wants one card needs no promise: nobody behind can take it before them
        (line(ANY), FULL, None),
        # nor who wants a certain time, and gets that or nothing
        (line(Wish(HOUR, count=2, start=NOON + 2 * HOUR)), FULL, None),
        # one promise, for the first who needs it
        (line(PAIR, PAIR_LONG), FULL, (1, ["gpu0", "gpu1"], 5)),
        # of cards that nobody before them waits for: those come first
        (line(GPU0, PAIR), FULL, (2, ["gpu1", "gpu2"], 5)),
        (line(ANY, PAIR), FULL, None),
        (line(Wish(2 * HOUR, start=NOON + 4 * HOUR), PAIR), FULL, (2, ["gpu0", "gpu1"], 6)),
        # somebody whom the rules would forbid that booking keeps nothing from others
        (line(Wish(timedelta(days=8), count=2)), FULL, None),
    ],
)
def test_what_is_kept_for_the_first_who_needs_several(
    tickets: list[Ticket], standing: Sequence[Reservation], expected: tuple[int, list[str], float] | None
) -> None:
    assert kept(plan(tickets, standing)) == expected


def test_what_comes_free_earlier_makes_the_promise_earlier() -> None:
    tickets = line(PAIR)
    first = plan(tickets, FULL)
    sooner = plan(tickets, (held(0, 1), *FULL[1:2], held(2, 2)), promised=first.promise)
    assert (kept(first), kept(sooner)) == ((1, ["gpu0", "gpu1"], 5), (1, ["gpu0", "gpu2"], 2))


def test_a_card_that_somebody_is_on_without_a_booking_is_promised_to_nobody_from_now_on() -> None:
    assert kept(plan(line(PAIR), (held(1, 5),), busy=frozenset({IDS[0]}))) == (1, ["gpu0", "gpu1"], 5)
    assert kept(plan(line(PAIR), FULL[2:], busy=frozenset({IDS[0]}))) == (1, ["gpu0", "gpu1"], 5)


def test_a_promise_whose_time_has_come_is_offered_even_if_the_run_before_goes_on() -> None:
    promise = plan(line(PAIR), FULL[1:]).promise
    tickets = line(PAIR, SINGLE_LONG)
    later, busy = NOON + 5 * HOUR, frozenset({IDS[1], IDS[2]})
    made = plan(tickets, (), now=later, busy=busy, promised=promise)
    assert names(made) == {1: ["gpu0", "gpu1"]}
    assert made.offers[0][1].window == Window(later, later + 2 * HOUR)


def test_what_is_over_of_a_promise_is_not_made_up_for_at_the_cost_of_who_comes_next() -> None:
    tickets = line(PAIR)
    promise = plan(tickets, FULL[1:]).promise
    late = NOON + 6 * HOUR
    standing = (held(0, 20, start=7), held(1, 20, start=7), held(2, 20))
    made = plan(tickets, standing, now=late, promised=promise)
    assert [request.window for _, request in made.offers] == [Window(late, NOON + 7 * HOUR)]


@pytest.mark.parametrize(
    ("row", "is_kept"),
    [
        (held(0, 5, start=0), True),  # until the promise begins
        (held(0, 6, start=0), False),
        (held(0, 30, start=7), True),  # once it is over
        (held(2, 6, start=5), True),  # another card
    ],
)
def test_a_booking_of_anybody_else_goes_beside_a_promise_or_not(row: Reservation, is_kept: bool) -> None:
    tickets = line(PAIR)
    standing = (*FULL[1:2], held(2, 9))
    promise = plan(tickets, standing).promise
    assert promise is not None
    assert (is_kept_beside([row], promise, tickets, standing, supply_of(), NOON) is not None) == is_kept


# A busy lab, an hour at a time: whoever is offered something takes it, new people come every hour, and direct bookings
# go wherever the ledger has room.

arrivals = st.lists(
    st.tuples(st.sampled_from([1, 1, 1, 2, 3]), st.integers(1, 12), st.sampled_from([(), (), (0,), (1,)])),
    max_size=2,
)
bookings = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 8), st.integers(1, 12)), max_size=2)
hours = st.lists(st.tuples(arrivals, bookings), min_size=10, max_size=30)


class BusyLab:
    """What stands, who waits, and since when somebody was promised something."""

    def __init__(self) -> None:
        self.standing: list[Reservation] = list(FULL)
        self.waiting: list[Ticket] = []
        self.promise: Promise | None = None
        self.served: dict[int, datetime] = {}
        self.number = 0

    def come(self, count: int, length: int, cards: tuple[int, ...], now: datetime) -> None:
        self.number += 1
        wish = Wish(length * HOUR, tuple(IDS[n] for n in cards), count)
        self.waiting.append(Ticket(self.number, self.number % 4 + 1, wish, now, wish.lapses_at(now)))

    def book(self, card: int, start: int, length: int, now: datetime) -> None:
        """Granted if nothing stands there; if only the promise does, if that can be kept."""
        row = replace(held(card, by=5), window=Window.lasting(now + start * HOUR, length * HOUR))
        if not fits(CARDS[card], [r for r in self.standing if r.card == row.card], row.window, None):
            return
        in_the_way = [] if self.promise is None else [r for r in self.promise.rows if r.card == row.card]
        if not fits(CARDS[card], in_the_way, row.window, None):
            assert self.promise is not None
            moved = is_kept_beside([row], self.promise, self.waiting, self.standing, supply_of(), now)
            if moved is None:
                return
            self.promise = moved
        self.standing.append(row)

    def settle(self, now: datetime) -> None:
        self.standing = [r for r in self.standing if r.window.end > now]
        made = make_plan(self.waiting, self.standing, supply_of(), now, self.promise)
        for ticket, request in made.offers:
            self.served[ticket.id] = now
            self.standing += [Reservation(0, 0, card.id, request.member.id, request.window) for card in request.cards]
        self.waiting = [ticket for ticket in self.waiting if ticket.id not in self.served]
        self.promise = made.promise


def consistent(rows: Sequence[Reservation]) -> bool:
    return all(not a.window.overlaps(b.window) for n, a in enumerate(rows) for b in rows[n + 1 :] if a.card == b.card)


@settings(max_examples=150)
@given(hours)
def test_a_promise_is_kept_whatever_comes_and_no_card_is_kept_free_that_could_be_used(
    story: list[tuple[list[tuple[int, int, tuple[int, ...]]], list[tuple[int, int, int]]]],
) -> None:
    lab, latest = BusyLab(), dict[int, datetime]()
    for hour, (people, made) in enumerate(story):
        now = NOON + hour * HOUR
        for count, length, cards in people:
            lab.come(len(cards) or count, length, cards, now)
        lab.settle(now)
        for card, start, length in made:
            lab.book(card, start, length, now)
        lab.settle(now)
        rows = lab.standing + (lab.promise.rows if lab.promise else [])
        assert consistent(rows), "nothing is promised twice"
        if lab.promise is not None:
            begins, who = lab.promise.request.window.start, lab.promise.ticket.id
            assert begins > now, "what is due is offered"
            assert begins <= latest.get(who, begins), "delayed"
            latest[who] = begins
        for ticket in lab.waiting:
            for_them = lab.promise is not None and lab.promise.ticket.id == ticket.id
            request = could_use(ticket, lab.standing if for_them else rows, supply_of(), now)
            assert request is None, "a card lies free that somebody could use"
    assert all(lab.served.get(who, begins) <= begins for who, begins in latest.items() if who in lab.served)


def test_singles_that_keep_coming_do_not_starve_a_pair() -> None:
    """The reason for all of it: every hour one more person who wants one card for a day."""
    lab = BusyLab()
    lab.standing = [held(0, 6), held(1, 12), held(2, 18)]
    lab.come(2, 12, (), NOON)
    for hour in range(13):
        now = NOON + hour * HOUR
        lab.settle(now)
        lab.come(1, 24, (), now)
    assert lab.served == {1: NOON + 12 * HOUR}, "as soon as two were free; gpu0, free from 6 on, was kept until then"


def test_who_needs_little_time_uses_what_is_kept_for_a_pair_meanwhile() -> None:
    lab = BusyLab()
    lab.standing = [held(0, 6), held(1, 12), held(2, 18)]
    lab.come(2, 12, (), NOON)
    lab.come(1, 24, (), NOON)
    lab.come(1, 6, (), NOON)
    for hour in range(13):
        lab.settle(NOON + hour * HOUR)
    assert lab.served == {3: NOON + 6 * HOUR, 1: NOON + 12 * HOUR}


def test_a_promise_does_not_move_to_what_somebody_before_waits_for() -> None:
    """gpu1 is asked for by name by the last; gpu0 would serve the pair as early, but the first waits for it."""
    tickets = line(GPU0, PAIR, Wish(6 * HOUR, (IDS[1],)))
    assert offered(tickets, (held(0), held(2))) == {}
    assert offered(tickets[1:], (held(0), held(2))) == {3: ["gpu1"]}
