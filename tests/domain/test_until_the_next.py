"""How long the cards that somebody asks for are free together before the next booking begins."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.card import Card, CardId
from bot.domain.reservation import Reservation, fits, until_the_next
from bot.domain.window import Window
from tests.conftest import NOON

GIB = 1 << 30
CARDS = tuple(Card(CardId("lab", f"GPU-{n}"), n, "A100", 8 * GIB, f"0000:0{n}:00.0") for n in range(2))
HOUR = timedelta(hours=1)


def at(hours: float) -> datetime:
    return NOON + hours * HOUR


def booking(card: int, start: float, end: float, memory: int | None = None) -> Reservation:
    return Reservation(1, 1, CARDS[card].id, 1, Window(at(start), at(end)), memory)


def test_until_the_next_booking_of_any_of_the_cards() -> None:
    standing = [booking(0, 5, 9), booking(1, 3, 4)]
    assert until_the_next(CARDS, standing, Window(at(0), at(8))) == Window(at(0), at(3))
    assert until_the_next(CARDS[:1], standing, Window(at(0), at(8))) == Window(at(0), at(5))


def test_not_at_all_if_one_is_taken_at_once() -> None:
    assert until_the_next(CARDS, [booking(0, -1, 2), booking(1, 4, 5)], Window(at(0), at(8))) is None


def test_a_share_goes_on_beside_other_shares_as_long_as_there_is_room() -> None:
    standing = [booking(0, 1, 9, 3 * GIB), booking(0, 4, 9, 3 * GIB)]
    assert until_the_next(CARDS[:1], standing, Window(at(0), at(8)), 4 * GIB) == Window(at(0), at(4))


bookings = st.builds(
    lambda card, start, length, memory: booking(card, start, start + length, memory and memory * GIB),
    st.integers(0, 1),
    st.integers(-3, 8),
    st.integers(1, 6),
    st.sampled_from([None, None, 2, 5]),
)


@given(st.lists(bookings, max_size=5), st.integers(1, 10), st.sampled_from([None, 4 * GIB]))
def test_it_is_free_and_not_a_moment_longer_would_be(
    standing: list[Reservation], hours: int, memory: int | None
) -> None:
    asked = Window(at(0), at(hours))

    def is_free(until: float) -> bool:
        window = Window(at(0), at(until))
        return all(fits(card, [r for r in standing if r.card == card.id], window, memory) for card in CARDS)

    if is_free(hours):
        return
    found = until_the_next(CARDS, standing, asked, memory)
    free = [half / 2 for half in range(1, 2 * hours) if is_free(half / 2)]
    assert (found is None) == (not free)
    if found is not None:
        assert found == Window(at(0), at(max(free)))
