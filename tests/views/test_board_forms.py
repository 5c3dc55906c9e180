"""The board has several forms, and each says what is so: a fact that changes must change what each of them says.

What a form leaves out is named here, with the reason. A field that is added to a row needs a fact here; then these
tests name the forms that do not show it yet.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.board import Board, CardRow, Holding, OnCard
from bot.domain.member import Member
from bot.domain.past import Past
from bot.domain.sample import CardReading, InInstance, OnHost, Process, Unread
from bot.domain.window import Window
from bot.texts import LANGUAGES, Voice
from bot.views.board import board_message
from bot.views.board_table import with_table
from bot.views.card import card_message
from bot.views.live import live_board, peek
from tests.views.lab_of_two import CARDS, HOUR, LEI, MEI, NOW, ZONE, Kind, held
from tests.views.reading import read

GIB = 1 << 30
READING = CardReading(CARDS[0], 11 * GIB, 24 * GIB, 97, 75)
RUN = Process(7, InInstance("lilei"), 5 * GIB, command="python train.py")
SUN = replace(MEI, id=3, display_name="Sun")


def booking(*, member: Member = LEI, hours: float = 3, **values: object) -> Holding:
    return Holding(held(0, -1, hours, member, **values), member)


def running(process: Process, member: Member | None = LEI) -> tuple[OnCard, ...]:
    return (OnCard(process, member),)


HELD = CardRow(CARDS[0], READING, NOW, None, (booking(),), None, running(RUN))
SHARED = replace(HELD, holding_now=(booking(), booking(member=MEI)))
IDLE = CardRow(CARDS[1], replace(READING, card=CARDS[1]), NOW, None, (), Holding(held(1, 5, 3), LEI), ())
DEAD = replace(HELD, trouble=Unread("lost"), read_at=NOW - HOUR, processes=Unread("lost"))
BOARD = Board((IDLE,), NOW, NOW, None)


# What may be so of a card, by the field of its row: the row before and after it became so.
FACTS: Mapping[str, tuple[CardRow, CardRow]] = {
    "card: its name": (HELD, replace(HELD, card=replace(CARDS[0], index=5))),
    "card: its model, where cards differ": (HELD, replace(HELD, card=replace(CARDS[0], model="NVIDIA L40S"))),
    "reading: load": (HELD, replace(HELD, reading=replace(READING, load_percent=12))),
    "reading: memory used": (HELD, replace(HELD, reading=replace(READING, memory_used_bytes=3 * GIB))),
    "reading: memory in all": (HELD, replace(HELD, reading=replace(READING, memory_total_bytes=48 * GIB))),
    "reading: temperature": (HELD, replace(HELD, reading=replace(READING, temperature_celsius=40))),
    "reading: load unknown": (HELD, replace(HELD, reading=replace(READING, load_percent=Unread("error")))),
    "reading: none yet": (HELD, replace(HELD, reading=None)),
    "trouble: which": (DEAD, replace(DEAD, trouble=Unread("timeout"))),
    "read_at: how old the last reading is": (DEAD, replace(DEAD, read_at=NOW - 2 * HOUR)),
    "holding_now: nobody": (HELD, replace(HELD, holding_now=())),
    "holding_now: who": (HELD, replace(HELD, holding_now=(booking(member=MEI),))),
    "holding_now: until when": (HELD, replace(HELD, holding_now=(booking(hours=4),))),
    "holding_now: a share": (HELD, replace(HELD, holding_now=(booking(memory_bytes=8 * GIB),))),
    "holding_now: a second one": (HELD, SHARED),
    "holding_now: who the second is": (SHARED, replace(SHARED, holding_now=(booking(), booking(member=SUN)))),
    "holding_now: offered, not taken": (HELD, replace(HELD, holding_now=(booking(kind=Kind.OFFER),))),
    "holding_now: maintenance": (HELD, replace(HELD, holding_now=(booking(kind=Kind.MAINTENANCE),))),
    "next: nobody": (IDLE, replace(IDLE, next=None)),
    "next: who": (IDLE, replace(IDLE, next=Holding(held(1, 5, 3, MEI), MEI))),
    "next: when": (IDLE, replace(IDLE, next=Holding(held(1, 6, 3), LEI))),
    "processes: somebody's, unbooked": (IDLE, replace(IDLE, processes=running(RUN))),
    "processes: none": (HELD, replace(HELD, processes=())),
    "processes: unknown": (HELD, replace(HELD, processes=Unread("no_permission"))),
    "processes: whose": (HELD, replace(HELD, processes=running(RUN, MEI))),
    "processes: of the host": (HELD, replace(HELD, processes=running(replace(RUN, origin=OnHost()), None))),
    "processes: how much memory": (HELD, replace(HELD, processes=running(replace(RUN, memory_bytes=9 * GIB)))),
    "processes: command": (HELD, replace(HELD, processes=running(replace(RUN, command="python eval.py")))),
}
# Of the board as a whole.
WHOLE: Mapping[str, Board] = {
    "rows: another card": replace(BOARD, rows=(IDLE, HELD)),
    "now: later": replace(BOARD, now=NOW + HOUR),
    "taken_at: never": replace(BOARD, taken_at=None),
    "taken_at: long ago": replace(BOARD, taken_at=NOW - HOUR),
    "trouble: nothing can be read": replace(BOARD, trouble=Unread("driver_missing")),
}


def in_words(board: Board, voice: Voice) -> str:
    return voice.say(board_message(board).saying)


def as_table(board: Board, voice: Voice) -> str:
    return "\n".join(read(with_table(board_message(board), board), voice.language))


def pinned_in_words(board: Board, voice: Voice) -> str:
    return voice.say(live_board(board).message.saying)


def pinned_as_table(board: Board, voice: Voice) -> str:
    return "\n".join(read(live_board(board).message, voice.language))


def alone(board: Board, voice: Voice) -> str:
    """The page of one card, which gets its bookings from the ledger's past and future."""
    row = board.rows[0]
    holdings = (*row.holding_now, *(() if row.next is None else (row.next,)))
    past = Past(Window(NOW - timedelta(days=1), NOW), NOW, (row.card,), holdings)
    return voice.say(card_message(row, past).saying)


def popped_up(board: Board, voice: Voice) -> str:
    return voice.plain(peek(board.rows[0], board.now))


# Each form, with what it leaves out.
NO_ROOM = {"processes: how much memory", "processes: command"}  # the pinned board's words name people only
OLD = {"read_at: how old the last reading is"}  # a cell has no room for it; the card's page says it
FORMS: Mapping[str, tuple[Callable[[Board, Voice], str], set[str]]] = {
    "/gpus in words": (in_words, set()),
    "/gpus as a table": (as_table, OLD),
    "the pinned board in words": (pinned_in_words, NO_ROOM),
    "the pinned board as a table": (pinned_as_table, OLD),
    "the card's page": (alone, set()),
    "the pop-up": (popped_up, NO_ROOM),
}
ROW_FORMS = [(form, fact) for form in FORMS for fact in FACTS]
BOARD_FORMS = [(form, fact) for form in FORMS if form not in {"the card's page", "the pop-up"} for fact in WHOLE]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("form", "fact"), ROW_FORMS)
def test_every_form_says_what_is_so_of_a_card(form: str, fact: str, language: str) -> None:
    say, left_out = FORMS[form]
    before, after = (say(Board((row, IDLE), NOW, NOW, None), Voice(language, ZONE)) for row in FACTS[fact])
    assert (before == after) == (fact in left_out), f"{form} says:\n{after}"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("form", "fact"), BOARD_FORMS)
def test_every_form_says_what_is_so_of_the_reading(form: str, fact: str, language: str) -> None:
    say, _ = FORMS[form]
    voice = Voice(language, ZONE)
    assert say(WHOLE[fact], voice) != say(BOARD, voice)


@pytest.mark.parametrize(("shape", "facts"), [(CardRow, FACTS), (Board, WHOLE)])
def test_every_field_has_a_fact(shape: type[Any], facts: Mapping[str, object]) -> None:
    without = {field.name for field in fields(shape)} - {fact.partition(":")[0] for fact in facts}
    assert not without, f"what says the board of {shape.__name__}.{', '.join(without)}? Add a fact to this file"
