"""Lanes never lie over each other, and are true to size where that is possible."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.pictures.lanes import Claim, Lane, lanes

CLAIMS = st.lists(
    st.builds(
        lambda x0, length, fraction: Claim(x0, x0 + length, fraction),
        st.integers(0, 60).map(float),
        st.integers(1, 30).map(float),
        st.floats(0.01, 1.0),
    ),
    max_size=14,
)


@given(CLAIMS)
def test_lanes_that_meet_in_time_do_not_meet_in_height(claims: list[Claim]) -> None:
    laid = lanes(claims)
    assert len(laid) == len(claims)
    for i, (a, lane) in enumerate(zip(claims, laid, strict=True)):
        assert 0 <= lane.low < lane.high <= 1 + 1e-9
        for b, other in list(zip(claims, laid, strict=True))[:i]:
            if a.x0 < b.x1 and b.x0 < a.x1:
                assert lane.high <= other.low + 1e-9 or other.high <= lane.low + 1e-9


def test_halves_fill_the_card() -> None:
    assert lanes([Claim(0, 5, 0.5), Claim(2, 8, 0.5)]) == [Lane(0.0, 0.5), Lane(0.5, 1.0)]


def test_a_share_alone_lies_at_the_bottom_true_to_size() -> None:
    assert lanes([Claim(0, 5, 0.25), Claim(5, 9, 0.4)]) == [Lane(0.0, 0.25), Lane(0.0, 0.4)]


def test_a_sliver_is_thick_enough_to_be_seen() -> None:
    (lane,) = lanes([Claim(0, 5, 0.01)])
    assert lane.high == pytest.approx(0.14)
