"""One thing at a time with one container, whichever use case does it."""

from __future__ import annotations

import pytest

from bot.services.at_work import AlreadyAtWork, AtWork


def test_a_second_one_is_told_what_runs_and_others_are_not_held_up():
    at_work = AtWork()
    with at_work.alone("zhangsan", "archive"):
        assert at_work.what("zhangsan") == "archive"
        lisi, zhangsan = at_work.alone("lisi", "restart"), at_work.alone("zhangsan", "restart")
        with lisi, pytest.raises(AlreadyAtWork) as told, zhangsan:
            raise AssertionError("two at once")
    assert told.value.saying.values["what"].key == "container.doing_archive"
    assert at_work.what("zhangsan") is None


def test_what_failed_is_over_too():
    at_work = AtWork()
    with pytest.raises(ValueError), at_work.alone("zhangsan", "archive"):
        raise ValueError
    with at_work.alone("zhangsan", "archive"):
        pass
