"""Who is offered what: first come, first served, as a table of small labs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.card import Card, CardId
from bot.domain.member import Member, Role
from bot.domain.policy import BookingPolicy
from bot.domain.reservation import Kind, Reservation
from bot.domain.waiting import Supply, Ticket, TicketState, Wish, next_offers, people_ahead
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


def offered(
    tickets: Sequence[Ticket],
    standing: Sequence[Reservation] = (),
    *,
    policy: BookingPolicy | None = None,
    busy: frozenset[CardId] = frozenset(),
) -> dict[int, list[str]]:
    supply = Supply(CARDS, MEMBERS, lambda _member: policy or BookingPolicy(), lambda _member: busy)
    offers = next_offers(tickets, standing, supply, NOON)
    return {ticket.id: [card.name for card in request.cards] for ticket, request in offers}


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
        # a pair can't be served with one card; who needs only one may have it
        (line(PAIR, ANY), FULL[1:], {2: ["gpu0"]}),
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
