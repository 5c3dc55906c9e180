"""The one-time link: what is given out is what is read back, and nothing else is taken for one."""

from __future__ import annotations

import pytest

from bot.domain.claim_link import PLAIN_START, claim_link, pasted_code


@pytest.mark.parametrize(
    "text",
    [
        claim_link("junzi_bot", "k7-Q_x"),
        f"我的链接：{claim_link('junzi_bot', 'k7-Q_x')}，打不开",
        "http://t.me/junzi_bot/?start=k7-Q_x",
        "tg://resolve?domain=junzi_bot&start=k7-Q_x",
    ],
)
def test_the_code_is_found_in_what_people_paste(text: str) -> None:
    assert pasted_code(text) == "k7-Q_x"


@pytest.mark.parametrize(
    "text",
    ["", "start=k7", "https://example.org/?start=k7", "https://t.me/junzi_bot", claim_link("junzi_bot", PLAIN_START)],
)
def test_nothing_else_is_a_link(text: str) -> None:
    assert pasted_code(text) is None
