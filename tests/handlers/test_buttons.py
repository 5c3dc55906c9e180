"""What comes with a press is whatever the presser's app sends: a number is checked before it goes anywhere."""

from __future__ import annotations

import pytest

from handlers.buttons import MOST, BrokenButton, number


@pytest.mark.parametrize(("argument", "value"), [("0", 0), ("42", 42), (str(MOST), MOST)])
def test_a_number(argument: str, value: int) -> None:
    assert number(argument) == value


def test_a_number_may_be_negative_where_that_means_something() -> None:
    assert number("-60", most=100, least=-100) == -60


@pytest.mark.parametrize(
    "argument",
    ["", "-1", "abc", "1.5", "1e5", "١", "²", "1 ", "+1", "1_0", "nan", str(MOST + 1), "9" * 60, "-" + "9" * 60],
)
def test_anything_else_is_a_broken_button(argument: str) -> None:
    with pytest.raises(BrokenButton):
        number(argument)
