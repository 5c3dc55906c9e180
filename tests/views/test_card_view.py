"""A card's own page: what its driver reported last, and its slices where MIG is on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.domain.board import CardRow
from bot.domain.past import Past
from bot.domain.sample import MigInstance, Unread, Xid
from bot.domain.window import Window
from bot.texts import LANGUAGES, Voice
from bot.views.card import card_message
from tests.domain.watched_lab import GIB, GPU0, NOW, row


def page(language: str, **readings: Any) -> str:
    seen = CardRow(GPU0, row(**readings), NOW, None, (), None, ())
    past = Past(Window(NOW - timedelta(days=1), NOW), NOW, (GPU0,), ())
    return Voice(language, ZoneInfo("Asia/Shanghai")).say(card_message(seen, past).saying)


@pytest.mark.parametrize("language", LANGUAGES)
def test_slices_are_shown_with_their_memory_and_the_card_has_no_load(language: str) -> None:
    cut = (MigInstance(0, 3 * GIB, 40 * GIB), MigInstance(2, Unread("error"), Unread("error")))
    text = page(language, load_percent=Unread("not_supported"), mig=cut)
    assert "MIG" in text
    assert " 0:" in text or " 0：" in text
    assert "0%" not in text
    assert "MIG" not in page(language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_last_xid_comes_with_its_time(language: str) -> None:
    assert "XID 31" in page(language, xid=Xid(31, NOW - timedelta(days=2)))
    assert "XID" not in page(language, xid=None)
    assert "XID" not in page(language, xid=Unread("not_supported"))


def test_two_troubles_stand_under_each_other() -> None:
    text = page("en", throttled_by=frozenset({"hw_thermal"}), ecc_uncorrected=2, xid=Xid(48, NOW))
    assert "hw_thermal\n⚠️ uncorrectable memory errors: 2\n⚠️ last error" in text
