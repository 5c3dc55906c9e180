"""What holds for every phrase: written out and read it is the same booking, no text raises, none takes long."""

from __future__ import annotations

import re
import time
import unicodedata
from datetime import datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.grammar.scan import _FIRST, _KINDS
from bot.domain.grammar.spelling import one_spelling
from bot.domain.phrase import CardWish, Phrase, PhraseError, read_announcement, read_booking, read_cards, read_duration

LAB = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 25, 14, 0, tzinfo=LAB)
ZH_DIGITS = "零一二三四五六七八九"


def zh(number: int) -> str:
    """1 to 99 in Chinese, as it is said before a counted thing: 两, 十二, 二十."""
    tens, ones = divmod(number, 10)
    if number == 2:
        return "两"
    return ("" if not tens else "十" if tens == 1 else ZH_DIGITS[tens] + "十") + (ZH_DIGITS[ones] if ones else "")


wishes = st.one_of(
    st.sets(st.integers(0, 15), min_size=1, max_size=6).map(lambda found: CardWish(tuple(sorted(found)))),
    st.integers(1, 8).map(lambda count: CardWish(count=count)),
    st.just(CardWish(every=True)),
    st.sampled_from(["a100", "h100", "4090", "l40s"]).map(lambda model: CardWish(model=model)),
    st.builds(CardWish, count=st.integers(1, 8), model=st.sampled_from(["a100", "v100", "3090"])),
)
lengths = st.tuples(st.integers(0, 13), st.integers(0, 23), st.integers(0, 59)).filter(any)
starts = st.integers(2, 200 * 24 * 60).map(lambda minutes: NOW + timedelta(minutes=minutes))
notes = st.none() | st.text(st.characters(codec="utf-8", categories=["L", "N"]), min_size=1, max_size=20)


def cards_in_english(wish: CardWish) -> str:
    if wish.every:
        return "all"
    count = f"{wish.count}x" if wish.count else ""
    return " ".join(filter(None, [",".join(f"gpu{index}" for index in wish.indices), count, wish.model or ""]))


def cards_in_chinese(wish: CardWish) -> str:
    if wish.every:
        return "所有卡"
    count = f"{zh(wish.count)}张" + ("" if wish.model else "卡") if wish.count else ""
    return "和".join(f"卡{index}" for index in wish.indices) + count + (f" {wish.model}" if wish.model else "")


def length_in_english(days: int, hours: int, minutes: int) -> str:
    return "".join(f"{n}{unit}" for n, unit in ((days, "d"), (hours, "h"), (minutes, "m")) if n)


def length_in_chinese(days: int, hours: int, minutes: int) -> str:
    return "".join(f"{zh(n)}{unit}" for n, unit in ((days, "天"), (hours, "小时"), (minutes, "分钟")) if n)


def start_in_english(start: datetime) -> str:
    return f"{start:%Y-%m-%d %H:%M}"


def start_in_chinese(start: datetime) -> str:
    part = "凌晨" if start.hour < 6 else "上午" if start.hour < 12 else "下午" if start.hour < 18 else "晚上"
    hour = start.hour if start.hour < 13 else start.hour - 12
    return f"{start.year}年{start.month}月{start.day}号{part}{hour}点{start.minute or ''}{'分' if start.minute else ''}"


@given(wishes, lengths, st.none() | starts, st.none() | st.integers(1, 80), notes)
def test_a_booking_written_out_is_read_back(
    wish: CardWish, length: tuple[int, int, int], start: datetime | None, gib: int | None, note: str | None
) -> None:
    days, hours, minutes = length
    expected = Phrase("reserve", wish, timedelta(days=days, hours=hours, minutes=minutes), start, None, gib, None, note)
    tail = f" # {note}" if note else ""
    english = [cards_in_english(wish), start and start_in_english(start), length_in_english(*length), gib and f"{gib}G"]
    chinese = [
        cards_in_chinese(wish),
        start and start_in_chinese(start),
        length_in_chinese(*length),
        gib and f"{gib}G显存",
    ]
    for words in (english, chinese):
        text = " ".join(word for word in words if word) + tail
        assert read_booking(text, NOW, LAB) == expected, text


@given(lengths)
def test_a_length_written_out_is_read_back(length: tuple[int, int, int]) -> None:
    days, hours, minutes = length
    expected = timedelta(days=days, hours=hours, minutes=minutes)
    assert read_duration(length_in_english(*length)) == read_duration(length_in_chinese(*length)) == expected


@given(wishes)
def test_cards_written_out_are_read_back(wish: CardWish) -> None:
    assert read_cards(cards_in_english(wish)) == read_cards(cards_in_chinese(wish)) == wish


def full_width(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else "\u3000" if c == " " else c for c in text)


@pytest.mark.parametrize(
    "text",
    [
        "gpu0,gpu2 1d12h",
        "2x a100 12h until friday 6pm",
        "卡0 明天上午9点 4小时",
        "gpu1 22:00-06:00 10g",
        "any 4h tomorrow at 9am",
    ],
)
def test_case_width_and_spaces_do_not_matter(text: str) -> None:
    plain = read_booking(text, NOW, LAB)
    for variant in (text.upper(), text.title(), full_width(text), f"  {text.replace(' ', '   ')}  ", text + "。"):
        assert read_booking(variant, NOW, LAB) == plain, variant
    assert unicodedata.normalize("NFKC", full_width(text)) == text


@pytest.mark.parametrize(
    "text", ["I'm using card 0 for two days", "我用卡 0 跑两天哈!", "gpu1 再续6小时", "谁在用卡2?"]
)
def test_case_width_and_emoji_do_not_matter_in_a_sentence(text: str) -> None:
    plain = read_announcement(text, NOW, LAB)
    assert plain.intent != "none"
    for variant in (text.upper(), full_width(text), f"  {text} ", text + " 🙏🙏"):
        assert read_announcement(variant, NOW, LAB) == plain, variant


# Pieces of the grammar in a random order find more than random characters would.
PIECES = (
    "gpu 卡 card 0 1 15 99 0号 , - ~ : . # + x @ % 两 半 个 张 天 小时 点 分 月 号 周 一 五 末 下 明 今晚 早 到"
    " 从 后 前 开始 还 再 续 用 跑 完 了 谁 空 吗 ? h d m w g gib 9:00 22:00 11-28 2/30 24:00 2026-13-45T99:99 until"
    " from to at in for by half and a an any all both a100 4090 monday next this weekend tonight noon am pm more"
    " longer i'm using done free who is extend not \n 。 ， ！ １ ｇ"
).split(" ")
garbled = st.lists(st.sampled_from(PIECES), max_size=14).flatmap(
    lambda pieces: st.sampled_from([" ", ""]).map(lambda gap: gap.join(pieces))
)
instants = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)).map(lambda naive: naive.replace(tzinfo=LAB))


@settings(max_examples=400)
@given(garbled | st.text(max_size=80), instants)
def test_no_text_raises(text: str, now: datetime) -> None:
    assert isinstance(read_booking(text, now, LAB), Phrase | PhraseError)
    assert isinstance(read_duration(text), timedelta | PhraseError)
    assert isinstance(read_cards(text), CardWish | PhraseError)
    phrase = read_announcement(text, now, LAB)
    for instant in (phrase.start, phrase.end):
        assert instant is None or instant.tzinfo is LAB
    assert phrase.end is None or phrase.end > now
    assert phrase.start is None or phrase.start >= now - timedelta(minutes=1)


@settings(max_examples=400)
@given(garbled)
def test_a_booking_lies_ahead_and_runs_forwards(text: str) -> None:
    phrase = read_booking(text, NOW, LAB)
    if isinstance(phrase, Phrase):
        assert phrase.start is None or phrase.start >= NOW
        assert phrase.end is None or phrase.end > (phrase.start or NOW)
        assert phrase.duration is None or phrase.duration > timedelta(0)


def test_no_text_takes_long() -> None:
    """4096 characters, Telegram's limit, of what repeats best; a pattern that backtracks would take minutes."""
    pieces = ["卡", "gpu", "1,", "-", " ", "好的", "ok ", "and ", "an hour ", "9点", "续", "。"]
    began = time.process_time()
    for first, second in product(pieces, [*pieces, ""]):
        for text in ((first + second) * 4096)[:4096], ("卡0" + (first + second) * 200)[:200]:
            read_announcement(text, NOW, LAB)
            read_booking(text, NOW, LAB)
            read_duration(text)
            read_cards(text)
    assert time.process_time() - began < 60  # 3 s for 312 texts; a loose bound, it must not fail on a busy machine


@given(garbled)
def test_the_first_characters_leave_nothing_out(text: str) -> None:
    """The scanner skips what no pattern begins with; every pattern alone finds nothing there."""
    plain = one_spelling(text)
    for _, pattern, _ in _KINDS:
        for match in re.finditer(pattern, plain):
            inside_a_word = match.start() and plain[match.start() - 1 : match.start() + 1].encode().isalpha()
            assert inside_a_word or re.compile(_FIRST).match(plain, match.start()), match
