"""Where a booking could move when somebody's run of before is still on its card."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.card import Card, CardId
from bot.domain.evidence import Finding, FindingKind
from bot.domain.reservation import Reservation
from bot.domain.sample import Process, Unread
from bot.domain.shifting import equal_cards
from tests.domain.watched_lab import GPU0, GPU1, LISI, NOW, TOTAL, ZHANGSAN, booking, process

GPU2 = Card(CardId("lab", "GPU-2"), 2, "A100", TOTAL, "0000:02:00.0")
LAB = (GPU0, GPU1, GPU2)
BEFORE, LATER = process(1, "zhangsan", started=-5), process(2, "zhangsan", started=-1)


def on(card: Card, *processes: Process, number: int = 1, share_gib: int | None = None) -> Finding:
    """ZHANGSAN's processes on a card that LISI has held for two hours, and for two more."""
    held = booking(LISI, card=card, number=number, share_gib=share_gib)
    return Finding(
        FindingKind.TRESPASS, card, NOW, offender=ZHANGSAN, holder=LISI, processes=processes, reservation=held
    )


@pytest.mark.parametrize(
    ("title", "cards", "standing", "expected"),
    [
        ("the first equal card", LAB, (), ["gpu1"]),
        ("not one that is booked at any time of it", LAB, (booking(3, card=GPU1, start=1, end=9),), ["gpu2"]),
        ("one that is booked after it", LAB, (booking(3, card=GPU1, start=2, end=9),), ["gpu1"]),
        ("what was booked before now is over", LAB, (booking(3, card=GPU1, start=-9, end=0),), ["gpu1"]),
        ("another model is not equal", (GPU0, replace(GPU1, model="3090")), (), []),
        ("less memory is not equal", (GPU0, replace(GPU1, memory_total_bytes=TOTAL // 2)), (), []),
        ("another host's is not where the container is", (GPU0, replace(GPU1, id=CardId("other", "x"))), (), []),
    ],
)
def test_which_card(
    title: str, cards: tuple[Card, ...], standing: tuple[Reservation, ...], expected: list[str]
) -> None:
    shift = equal_cards([on(GPU0, BEFORE)], cards, standing, frozenset({GPU0.id}), NOW)
    assert [card.name for card in shift.values()] == expected, title


def test_not_one_that_somebody_is_on() -> None:
    busy = frozenset({GPU0.id, GPU1.id})
    assert [card.name for card in equal_cards([on(GPU0, BEFORE)], LAB, (), busy, NOW).values()] == ["gpu2"]
    assert equal_cards([on(GPU0, BEFORE)], LAB, (), busy | {GPU2.id}, NOW) == {}


@pytest.mark.parametrize("started", [LATER, process(3, "zhangsan", started=Unread("vanished"))])
def test_only_from_under_a_run_that_was_there_before(started: Process) -> None:
    """Whoever began on a booked card moves themselves; when that was unknown, nobody is said to have been first."""
    assert equal_cards([on(GPU0, BEFORE, started)], LAB, (), frozenset({GPU0.id}), NOW) == {}


def test_several_cards_move_together_or_not_at_all() -> None:
    both = [on(GPU0, BEFORE), on(GPU1, BEFORE, number=2)]
    gpu3 = replace(GPU2, id=CardId("lab", "GPU-3"), index=3)
    busy = frozenset({GPU0.id, GPU1.id})
    assert equal_cards(both, LAB, (), busy, NOW) == {}
    assert equal_cards(both, (*LAB, gpu3), (), busy, NOW) == {1: GPU2, 2: gpu3}


def test_a_share_moves_beside_other_shares() -> None:
    beside = booking(3, card=GPU1, share_gib=50, number=5)
    for gib, expected in ((30, ["gpu1"]), (31, [])):
        shift = equal_cards([on(GPU0, BEFORE, share_gib=gib)], LAB[:2], (beside,), frozenset({GPU0.id}), NOW)
        assert [card.name for card in shift.values()] == expected
