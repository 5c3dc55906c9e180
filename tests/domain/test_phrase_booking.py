"""What may be typed after /reserve, as tables: cards, lengths, memory, notes, and what is refused with which words."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain.phrase import ERRORS, CardWish, Phrase, PhraseError, read_booking, read_cards, read_duration

LAB = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 25, 14, 0, tzinfo=LAB)  # a Wednesday


def booked(text: str) -> Phrase:
    phrase = read_booking(text, NOW, LAB)
    assert isinstance(phrase, Phrase), phrase
    return phrase


def refused(text: str) -> PhraseError:
    error = read_booking(text, NOW, LAB)
    assert isinstance(error, PhraseError), error
    return error


CARDS = {
    "gpu0": CardWish((0,)),
    "GPU 0": CardWish((0,)),
    "gpu #1": CardWish((1,)),
    "cuda:1": CardWish((1,)),
    "卡0": CardWish((0,)),
    "卡 0": CardWish((0,)),
    "0号卡": CardWish((0,)),
    "卡零": CardWish((0,)),
    "card one": CardWish((1,)),
    "gpu0,gpu2": CardWish((0, 2)),
    "gpu2, gpu0": CardWish((0, 2)),
    "gpu0 gpu2": CardWish((0, 2)),
    "gpu0、gpu2": CardWish((0, 2)),
    "卡0卡1": CardWish((0, 1)),
    "卡0和卡1": CardWish((0, 1)),
    "0号和1号卡": CardWish((0, 1)),
    "gpus 0 and 1": CardWish((0, 1)),
    "gpu0-3": CardWish((0, 1, 2, 3)),
    "gpu0-gpu3": CardWish((0, 1, 2, 3)),
    "gpu0,2-3": CardWish((0, 2, 3)),
    "卡0到卡2": CardWish((0, 1, 2)),
    "0": CardWish((0,)),
    "0,2": CardWish((0, 2)),
    "0-3": CardWish((0, 1, 2, 3)),
    "all": CardWish(every=True),
    "all cards": CardWish(every=True),
    "全部": CardWish(every=True),
    "所有卡": CardWish(every=True),
    "any": CardWish(count=1),
    "随便一张": CardWish(count=1),
    "any 2": CardWish(count=2),
    "2x": CardWish(count=2),
    "2 cards": CardWish(count=2),
    "两张卡": CardWish(count=2),
    "a100": CardWish(model="a100"),
    "A100": CardWish(model="a100"),
    "4090": CardWish(model="4090"),
    "RTX 4090": CardWish(model="rtx 4090"),
    "2x a100": CardWish(count=2, model="a100"),
    "a100 x2": CardWish(count=2, model="a100"),
    "两张 a100": CardWish(count=2, model="a100"),
    "两张卡 gpu0 gpu1": CardWish((0, 1)),
}


@pytest.mark.parametrize(("text", "cards"), CARDS.items())
def test_cards_alone_and_in_front_of_a_length(text: str, cards: CardWish) -> None:
    assert read_cards(text) == cards
    phrase = booked(f"{text} 4h")
    assert (phrase.cards, phrase.duration) == (cards, timedelta(hours=4))


@pytest.mark.parametrize(("text", "cards"), CARDS.items())
def test_cards_in_front_of_a_chinese_length(text: str, cards: CardWish) -> None:
    phrase = booked(f"{text} 两天")
    assert (phrase.cards, phrase.duration) == (cards, timedelta(days=2))


HOURS = {
    "48h": 48,
    "48 hours": 48,
    "1d12h": 36,
    "1d 12h": 36,
    "1 day and 12 hours": 36,
    "90m": 1.5,
    "90 min": 1.5,
    "1h30m": 1.5,
    "1h30": 1.5,
    "1.5h": 1.5,
    "+6h": 6,
    "an hour": 1,
    "half an hour": 0.5,
    "half a day": 12,
    "an hour and a half": 1.5,
    "two and a half days": 60,
    "a couple of hours": 2,
    "twenty-four hours": 24,
    "a week": 168,
    "2天": 48,
    "两天": 48,
    "两天半": 60,
    "一天半": 36,
    "半天": 12,
    "1天12小时": 36,
    "一天零6小时": 30,
    "3个小时": 3,
    "三小时": 3,
    "一个半小时": 1.5,
    "两个半小时": 2.5,
    "半小时": 0.5,
    "半个小时": 0.5,
    "一刻钟": 0.25,
    "90分钟": 1.5,
    "二十四小时": 24,
    "一周": 168,
    "两个星期": 336,
    "10000d": 240_000,
    "２天": 48,
    "４８Ｈ": 48,
}


@pytest.mark.parametrize(("text", "hours"), HOURS.items())
def test_lengths_alone_and_after_a_card(text: str, hours: float) -> None:
    assert read_duration(text) == timedelta(hours=hours)
    phrase = booked(f"gpu0 {text}")
    assert (phrase.cards, phrase.duration, phrase.end) == (CardWish((0,)), timedelta(hours=hours), None)


@pytest.mark.parametrize(
    ("text", "gib", "fraction"),
    [
        ("10G", 10, None),
        ("10GiB", 10, None),
        ("10 GB", 10, None),
        ("10g显存", 10, None),
        ("10 GiB of memory", 10, None),
        ("20480 MiB", 20, None),
        ("1.5g", 1.5, None),
        ("half", None, 0.5),
        ("half of it", None, 0.5),
        ("一半", None, 0.5),
        ("一半显存", None, 0.5),
        ("四分之一", None, 0.25),
        ("50%", None, 0.5),
    ],
)
def test_a_share_of_memory(text: str, gib: float | None, fraction: float | None) -> None:
    for phrase in (booked(f"gpu0 24h {text}"), booked(f"gpu0 {text} 24h")):
        assert (phrase.memory_gib, phrase.memory_fraction, phrase.duration) == (gib, fraction, timedelta(hours=24))


def test_half_of_a_named_card() -> None:
    assert booked("半张卡0 2h") == booked("卡0 一半 2h")


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("gpu0 48h # ViT ablation", "ViT ablation"),
        ("gpu0 48h #ViT ablation", "ViT ablation"),
        ("卡0 两天 ＃ 消融实验 #2", "消融实验 #2"),
        ("gpu #1 48h # note", "note"),
        # Others read it in the bot's own messages: it can't look like one of them.
        ("gpu0 48h # x\n\n⚠️ 李四\u202e 在 gpu1", "x ⚠️ 李四 在 gpu1"),
        ("gpu0 48h # " + "長" * 4000, "長" * 99 + "…"),
        ("gpu0 48h #", None),
        ("gpu0 48h", None),
    ],
)
def test_a_note_is_kept_as_it_was_written(text: str, note: str | None) -> None:
    assert booked(text).note == note


def test_nothing_said_is_nothing_asked() -> None:
    """/reserve alone opens the dialogue, and /reserve gpu0 asks only how long."""
    assert booked("") == Phrase("reserve")
    assert booked("gpu0") == Phrase("reserve", CardWish((0,)))


@pytest.mark.parametrize(
    "text", ["gpu0 for 4h please", "我用卡0 4小时,谢谢", "please reserve gpu0 for 4 hours", "卡0 现在 4h"]
)
def test_polite_words_change_nothing(text: str) -> None:
    phrase = booked(text)
    assert (phrase.cards, phrase.duration, phrase.start) == (CardWish((0,)), timedelta(hours=4), None)


REFUSED = {
    "gpu0 -3h": ("phrase.bad_duration", {"text": "-3h"}),
    "gpu0 0h": ("phrase.bad_duration", {"text": "0h"}),
    "卡0 0小时": ("phrase.bad_duration", {"text": "0小时"}),
    "gpu0 999999999999d": ("phrase.duration_too_long", {"text": "999999999999d"}),
    "gpu0 " + "9" * 30 + "w": ("phrase.duration_too_long", {"text": "9" * 30 + "w"}),
    "gpu0 a few hours": ("phrase.vague_duration", {"text": "a few hours"}),
    "gpu0 两三天": ("phrase.vague_duration", {"text": "两三天"}),
    "gpu0 2-3h": ("phrase.vague_duration", {"text": "2-3h"}),
    "gpu0 4h 6h": ("phrase.two_durations", {"first": "4h", "second": "6h"}),
    "gpu0 48": ("phrase.no_unit", {"text": "48"}),
    "0 48": ("phrase.no_unit", {"text": "48"}),
    "gpu0 5parsecs": ("phrase.unknown_unit", {"text": "5parsecs"}),
    "gpu0 3个世纪": ("phrase.unknown_unit", {"text": "3个世纪"}),
    "gpu0 foo 4h": ("phrase.not_understood", {"text": "foo"}),
    "写点什么": ("phrase.not_understood", {"text": "写点什么"}),
    "gpu0-": ("phrase.bad_cards", {"text": "gpu0-"}),
    "gpu0, 4h": None,
    "gpu3-0 4h": ("phrase.bad_cards", {"text": "gpu3-0"}),
    "gpu0x 4h": ("phrase.bad_cards", {"text": "gpu0x"}),
    "gpu0 all cards 4h": ("phrase.cards_contradict", {"text": "gpu0 all cards"}),
    "gpu0 2x 4h": ("phrase.cards_contradict", {"text": "gpu0 2x"}),
    "gpu0 -5G 4h": ("phrase.bad_memory", {"text": "-5g"}),
    "gpu0 0G 4h": ("phrase.bad_memory", {"text": "0g"}),
    "gpu0 150% 4h": ("phrase.bad_memory", {"text": "150%"}),
    "gpu0 10G 20G 4h": ("phrase.bad_memory", {"text": "20g"}),
    "gpu0 25:00 4h": ("phrase.bad_time", {"text": "25:00"}),
    "gpu0 until 13:75": ("phrase.bad_time", {"text": "13:75"}),
    "gpu0 2-30 14:00 4h": ("phrase.bad_time", {"text": "2-30"}),
    "gpu0 13月1号 4h": ("phrase.bad_time", {"text": "13月1号"}),
    "gpu0 tomorrow 9:00 friday 10:00": ("phrase.two_times", {"first": "tomorrow 9:00", "second": "friday 10:00"}),
}


@pytest.mark.parametrize(("text", "error"), REFUSED.items())
def test_what_is_wrong_is_named(text: str, error: tuple[str, dict[str, str]] | None) -> None:
    if error is None:
        assert booked(text)
    else:
        assert refused(text) == PhraseError(*error)


@pytest.mark.parametrize("text", ["", "-3h", "0h", "3", "4 parsecs", "gpu0", "soon", "4h 5h", "10G", "tomorrow"])
def test_what_is_no_length(text: str) -> None:
    assert isinstance(read_duration(text), PhraseError)


@pytest.mark.parametrize("text", ["", "gpu0-", "4h", "gpu3-1", "gpu0 all cards", "foo", "gpu0 foo", "tomorrow"])
def test_what_are_no_cards(text: str) -> None:
    assert isinstance(read_cards(text), PhraseError)


def test_every_error_is_in_the_list_with_its_values() -> None:
    texts = [text for text, error in REFUSED.items() if error] + ["gpu0 until 11-20 9:00", "gpu0 明天9点到明天8点"]
    texts += ["gpu0 tomorrow 9:00 for 4h until 14:00"]
    seen = set()
    for error in map(refused, texts):
        assert set(error.values) == set(ERRORS[error.key]), error
        seen.add(error.key)
    assert seen == set(ERRORS), "an error without an example"
