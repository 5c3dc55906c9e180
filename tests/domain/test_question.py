"""What people typed to the bot in their own words on their first day, and what they meant."""

from __future__ import annotations

import pytest

from bot.domain.question import HINTS, asked_about, small_talk
from bot.domain.topic import BY_NAME

ASKED = {
    "ssh": ("怎么登录", "忘记密码了", "我的密码是多少", "为什么连不上", "登不上去了", "ｓｓｈ 怎么用",
            "I forgot my password", "Permission denied (publickey,password).", "connect to host: Connection refused",
            "what is my port?", "how do I ssh from my laptop"),
    "scp": ("怎么传文件", "数据怎么上传", "how do I upload data?", "how to send files"),
    "conda": ("没有conda", "装不上包", "怎么装 pytorch", "error: externally-managed-environment",
              "-bash: conda: command not found", "ModuleNotFoundError: No module named 'torch'"),
    "cuda": ("nvidia-smi: command not found", "驱动怎么装"),
    "datasets": ("数据集在哪", "is there imagenet"),
    "reserve": ("怎么预约显卡", "帮我约一张卡", "how do I book"),
    "mine": ("怎么取消预约", "我的预约", "how do I cancel my booking", "my bookings"),
    "share": ("我的程序 out of memory 了怎么办", "CUDA out of memory"),
    "warning": ("怎么停掉程序", "how do I kill it"),
    "runs": ("程序断了", "怎么用tmux", "怎么看程序还在不在跑", "可以合上电脑吗", "is my job still running",
             "can I close my laptop while it trains"),
    "container": ("硬盘满了", "No space left on device", "mkdir: cannot create directory: Disk quota exceeded"),
    "port": ("怎么连jupyter", "-bash: jupyter: command not found"),
    "snapshot": ("怎么备份",),
}  # fmt: skip


@pytest.mark.parametrize(("name", "sentence"), [(name, one) for name, many in ASKED.items() for one in many])
def test_a_question_finds_its_topic(name: str, sentence: str) -> None:
    found = asked_about(sentence)
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize("sentence", ["", "😀", "今天谁请客", "a laptop's report pipes up", "/gpus", "下周见"])
def test_what_is_about_nothing_here_finds_nothing(sentence: str) -> None:
    assert asked_about(sentence) is None


def test_every_hint_is_of_a_students_topic() -> None:
    assert [name for name in HINTS if name not in BY_NAME or BY_NAME[name].for_admins] == []


@pytest.mark.parametrize(
    ("sentence", "kind"),
    [("你好！", "hello"), ("Hi", "hello"), ("谢谢啦～", "thanks"), ("Thank you!", "thanks"), ("好", "yes"),
     ("OK.", "yes"), ("帮助", "help"), ("help", "help"), ("？", "help"), ("help me with conda", None),
     ("好像不行", None), ("", None)],
)  # fmt: skip
def test_small_talk_is_the_whole_sentence(sentence: str, kind: str | None) -> None:
    assert small_talk(sentence) == kind
