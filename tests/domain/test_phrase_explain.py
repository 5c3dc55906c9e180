"""`junzi explain`: one phrase a line in, one object a line out, with the keys that other people's scripts read."""

from __future__ import annotations

import argparse
import io
import json
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from bot.explain import explain, read_at, run

LAB = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 25, 14, 0, tzinfo=LAB)
KEYS = ["intent", "cards", "count", "hours", "start", "end", "memory_gib", "note"]


def explained(line: str) -> dict[str, object]:
    return next(explain([line], NOW, LAB))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("gpu0 48h", {"intent": "reserve", "cards": [0], "hours": 48}),
        (
            "/reserve gpu0 24h 10G # ViT",
            {"intent": "reserve", "cards": [0], "hours": 24, "memory_gib": 10, "note": "ViT"},
        ),
        ("/reserve@junzi_bot 0 90m", {"intent": "reserve", "cards": [0], "hours": 1.5}),
        ("/release gpu0", {"intent": "release", "cards": [0]}),
        ("/extend gpu0 6h", {"intent": "extend", "cards": [0], "hours": 6}),
        ("/free 2x 12h", {"intent": "query", "count": 2, "hours": 12}),
        ("/who gpu0", {"intent": "query", "cards": [0]}),
        ("/reserve gpu0 -3h", {"intent": "none"}),
        ("/start", {"intent": "none"}),
        ("any 4h", {"intent": "reserve", "count": 1, "hours": 4}),
        ("all 4h", {"intent": "reserve", "cards": "all", "hours": 4}),
        ("2x a100 12h", {"intent": "reserve", "count": 2, "hours": 12}),
        ("48h", {"intent": "reserve", "hours": 48}),
        (
            "gpu0,gpu2 明天上午9点 4小时",
            {"intent": "reserve", "cards": [0, 2], "hours": 4, "start": "2026-11-26T09:00+08:00"},
        ),
        ("卡0 到周五18点", {"intent": "reserve", "cards": [0], "end": "2026-11-27T18:00+08:00"}),
        (
            "gpu1 22:00-06:00",
            {
                "intent": "reserve",
                "cards": [1],
                "hours": 8,
                "start": "2026-11-25T22:00+08:00",
                "end": "2026-11-26T06:00+08:00",
            },
        ),
        ("gpu0 +6h", {"intent": "extend", "cards": [0], "hours": 6}),
        (
            "今晚我用卡3,跑到明天早上8点",
            {"intent": "reserve", "cards": [3], "start": "2026-11-25T20:00+08:00", "end": "2026-11-26T08:00+08:00"},
        ),
        ("I need two days", {"intent": "none"}),
        ("tomorrow", {"intent": "none"}),
        ("gpu0", {"intent": "none"}),
        ("", {"intent": "none"}),
        ("组会改到两小时后", {"intent": "none"}),
    ],
)
def test_a_line(line: str, said: dict[str, object]) -> None:
    assert explained(line) == {key: said.get(key) for key in KEYS}


def test_the_keys_and_their_order() -> None:
    assert list(explained("gpu0 48h")) == KEYS


def test_the_offset_of_at_is_the_zone_where_nothing_is_configured(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("gpu0 tomorrow 9:00 for 4h\n谁在用卡2?\n"))
    assert run(argparse.Namespace(at="2026-11-25T14:00-05:00", json=True)) == 0
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert first["start"] == "2026-11-26T09:00-05:00"
    assert second["intent"] == "query"


def test_the_labs_zone_where_it_is(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("gpu0 tomorrow 9:00 for 4h\n"))
    assert run(argparse.Namespace(at="2026-11-25T20:00Z", json=True), LAB) == 0
    assert json.loads(capsys.readouterr().out)["start"] == "2026-11-27T09:00+08:00"


def test_for_eyes(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("gpu0 48h\nhello\n"))
    assert run(argparse.Namespace(at="2026-11-25T14:00+08:00", json=False)) == 0
    assert capsys.readouterr().out == "reserve cards=[0] hours=48\nnone\n"


@pytest.mark.parametrize("text", ["2026-11-25T14:00", "yesterday", ""])
def test_at_needs_an_offset(text: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError):
        read_at(text)
    assert run(argparse.Namespace(at=text, json=True)) == 2
    assert "--at" in capsys.readouterr().err


@pytest.mark.parametrize("line", ["请用卡0跑两天", "please use card 2 for two hours", "明天释放卡1"])
def test_a_sentence_that_was_silent_is_not_read_as_arguments(line: str) -> None:
    assert explained(line)["intent"] == "none"
