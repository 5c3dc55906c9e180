"""Sentences of a group: the corpora, and what the bot must never take for an announcement.

`announcements_tuning.jsonl` is what the word lists were made with. The first 161 lines of
`announcements_held_out.jsonl` were written before them; the 67 after those were committed unmeasured later on, in place
of sets that had been looked at, and moved to the tuning file. One author wrote sentences and word lists, so expect less
of a stranger's group. The first figures of the later sets, before anything was changed for them, precision and recall:
0.97 and 0.67 (90 sentences), 0.90 and 0.74 (95), 0.94 and 0.83 (80), 0.97 and 0.91 (67, the ones that stayed).
Whoever looks at a held-out sentence moves it to the other file. Each line: `at`, `text`, and what is meant.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from bot.domain.phrase import CardWish, read_announcement
from bot.explain import as_json, explain

HERE = Path(__file__).parent
TUNING = HERE / "announcements_tuning.jsonl"
HELD_OUT = HERE / "announcements_held_out.jsonl"
SHARED = HERE.parents[2] / "shared" / "examples" / "announcements.jsonl"
NOW = datetime.fromisoformat("2026-11-25T14:00+08:00")


@dataclass(frozen=True)
class Score:
    """Counts of sentences: `right` were read as meant, `false` as something else than nothing, `missed` not."""

    right: int
    false: tuple[str, ...]
    missed: tuple[str, ...]
    wrong_fields: tuple[str, ...]

    @property
    def precision(self) -> float:
        return self.right / (self.right + len(self.false))

    @property
    def recall(self) -> float:
        return self.right / (self.right + len(self.missed))

    def __str__(self) -> str:
        fields = 1 - len(self.wrong_fields) / self.right
        return (
            f"precision {self.precision:.3f}, recall {self.recall:.3f}, cards and times right in {fields:.3f} of them"
        )


def lines(path: Path) -> Iterator[dict[str, object]]:
    return map(json.loads, path.read_text(encoding="utf-8").splitlines())


def same_instant(got: object, wanted: object) -> bool:
    return got == wanted or (got and wanted and datetime.fromisoformat(str(got)) == datetime.fromisoformat(str(wanted)))


def score(path: Path, *, explained: bool = False) -> Score:
    """How a corpus is read; a sentence read as the wrong act is both false and missed."""
    right, false, missed, wrong = 0, [], [], []
    for line in lines(path):
        at, text = datetime.fromisoformat(str(line["at"])), str(line["text"])
        assert at.tzinfo is not None
        got = next(explain([text], at, at.tzinfo)) if explained else as_json(read_announcement(text, at, at.tzinfo))
        if got["intent"] == line["intent"] != "none":
            right += 1
            same = all(got[key] == line[key] for key in ("cards", "hours")) and same_instant(got["end"], line["end"])
            wrong += [] if same else [text]
            continue
        false += [text] if got["intent"] != "none" else []
        missed += [text] if line["intent"] != "none" else []
    return Score(right, tuple(false), tuple(missed), tuple(wrong))


def test_the_sentences_it_was_made_with() -> None:
    found = score(TUNING)
    assert (found.false, found.missed, found.wrong_fields) == ((), (), ())


def test_the_sentences_it_was_not_made_with(capsys: pytest.CaptureFixture[str]) -> None:
    found = score(HELD_OUT)
    with capsys.disabled():
        print(f"\nheld-out announcements: {found}")
    assert found.precision >= 0.98
    assert found.recall >= 0.85


@pytest.mark.skipif(not SHARED.exists(), reason="the shared examples are not in the repository")
def test_the_labs_own_examples() -> None:
    for explained in (False, True):
        found = score(SHARED, explained=explained)
        assert (found.false, found.missed, found.wrong_fields) == ((), (), ())


def test_there_are_enough_sentences_and_they_do_not_repeat() -> None:
    texts = [str(line["text"]) for path in (TUNING, HELD_OUT) for line in lines(path)]
    assert len(texts) == len(set(texts)) >= 250
    assert len(list(lines(HELD_OUT))) >= 100


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("我用卡0跑两天", "reserve"),
        ("李四用卡0跑两天", "none"),
        ("他用卡0跑两天", "none"),
        ("我昨天用卡0跑了两天", "none"),
        ("我没用卡0", "none"),
        ("如果我用卡0跑两天", "none"),
        ("我用卡0跑两天了", "none"),
        ("「我用卡0跑两天」", "none"),
        ("李四: 我用卡0跑两天", "none"),
        ("我用校园卡0跑两天", "none"),
        ("约 gpu2 4小时", "reserve"),
        ("帮我约一张卡，明天9点到18点", "reserve"),
        ("用时约12小时，我占卡0", "reserve"),
        ("大约卡0 4小时", "none"),
        ("他约gpu2 4小时", "none"),
        ("有没有人约gpu2 4小时", "none"),
        ("约不到卡0", "none"),
        ("别约卡0", "none"),
        ("I'm using card 0 for two days", "reserve"),
        ("bob is using card 0 for two days", "none"),
        ("I was using card 0 for two days", "none"),
        ("I'm not using card 0 for two days", "none"),
        ("if I'm using card 0 for two days", "none"),
        ("bob said I'm using card 0 for two days", "none"),
        ("卡1我跑完了", "release"),
        ("卡1我跑完了吗", "query"),
        ("卡1快跑完了", "none"),
        ("卡1还没跑完", "none"),
        ("明早卡1跑完了释放", "none"),
        ("I'm done with card 1", "release"),
        ("I'm almost done with card 1", "none"),
        ("I'm done with card 1 in two hours", "none"),
        ("are you done with card 1?", "none"),
    ],
)
def test_one_word_makes_the_difference(text: str, intent: str) -> None:
    assert read_announcement(text, NOW, NOW.tzinfo).intent == intent  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("跑完了，卡让出来了", "release"),
        ("我的卡不用了", "release"),
        ("卡我用完了", "release"),
        ("饭卡用完了", "none"),
        ("他的卡让出来了", "none"),
        ("卡快用完了", "none"),
        ("卡不用了吗", "none"),
        ("我的卡明天让出来", "none"),
        ("跑完了，我用卡1跑两天", "none"),
    ],
)
def test_a_release_may_leave_the_card_unsaid(text: str, intent: str) -> None:
    """Which one it is, the ledger knows; who holds none is not answered."""
    phrase = read_announcement(text, NOW, NOW.tzinfo)  # type: ignore[arg-type]
    assert (phrase.intent, phrase.cards) == (intent, None)


def test_two_acts_at_once_are_none() -> None:
    assert read_announcement("卡0我跑完了,我用卡1跑两天", NOW, NOW.tzinfo).intent == "none"  # type: ignore[arg-type]


def test_a_finished_run_in_passing_is_no_release() -> None:
    assert read_announcement("卡0跑完了两个实验,还剩三天的", NOW, NOW.tzinfo).intent == "none"  # type: ignore[arg-type]


def test_an_unclear_length_is_left_unsaid() -> None:
    """The dialogue asks for it."""
    phrase = read_announcement("我用卡0跑两三天", NOW, NOW.tzinfo)  # type: ignore[arg-type]
    assert (phrase.intent, phrase.cards, phrase.duration) == ("reserve", CardWish((0,)), None)


def test_a_time_that_cannot_be_is_no_announcement() -> None:
    assert read_announcement("我用卡0到2026-11-24 9:00", NOW, NOW.tzinfo).intent == "none"  # type: ignore[arg-type]


def test_a_long_message_is_no_announcement() -> None:
    assert read_announcement("我用卡0跑两天," + "这是背景。" * 80, NOW, NOW.tzinfo).intent == "none"  # type: ignore[arg-type]
