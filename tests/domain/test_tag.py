"""The holder's name carries the promise, and a person's own tag is given back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.tag import LONGEST, TagState, TagStep, next_step, tag_text


def test_a_tag_says_which_card_until_when() -> None:
    assert tag_text([0], "周五18:00") == "gpu0 周五18:00"
    assert tag_text([2, 0], "周五18:00") == "gpu0,2 周五18:00"
    assert tag_text([0, 1, 2, 3, 4], "Fri18:00") == "5x Fri18:00"


@given(st.lists(st.integers(0, 99), min_size=1, max_size=20, unique=True))
def test_a_tag_is_never_too_long(indices: list[int]) -> None:
    assert len(tag_text(indices, "Wed18:00")) <= LONGEST


def test_set_kept_changed_and_given_back() -> None:
    first = next_step("gpu0 Fri18:00", "PhD", None)
    assert first == TagStep("gpu0 Fri18:00", TagState("PhD", "gpu0 Fri18:00"))
    assert next_step("gpu0 Fri18:00", "gpu0 Fri18:00", first.state) == TagStep(None, first.state)
    later = next_step("gpu0 Sat18:00", "gpu0 Fri18:00", first.state)
    assert later == TagStep("gpu0 Sat18:00", TagState("PhD", "gpu0 Sat18:00"))
    assert next_step("", "gpu0 Sat18:00", later.state) == TagStep("PhD", None)


def test_a_tag_that_a_person_changed_meanwhile_is_theirs() -> None:
    state = TagState("", "gpu0 Fri18:00")
    assert next_step("", "Professor", state) == TagStep(None, None)
    assert next_step("gpu0 Sat18:00", "Professor", state) == TagStep(None, None)


def test_nothing_wanted_and_nothing_ours_is_nothing_to_do() -> None:
    assert next_step("", "PhD", None) == TagStep(None, None)
