"""What somebody means who asks in their own words: "忘记密码了", "how do I send files?", a line of an error.

No grammar: a sentence is about what its longest known words are about. What is found is a topic of /help, with a way to
all the others under it; so a wrong guess costs a tap, and no answer costs the reader's trust.
"""

from __future__ import annotations

import re
from typing import Literal

from bot.domain.grammar.spelling import one_spelling
from bot.domain.topic import BY_NAME, Topic

SmallTalk = Literal["hello", "thanks", "help", "yes"]

# By the topic's name. Latin words count as whole words, with or without an "s"; Chinese ones anywhere.
HINTS: dict[str, tuple[str, ...]] = {
    "first": ("怎么开始", "从哪开始", "第一步", "新手", "怎么用服务器", "怎么跑", "跑代码", "跑程序", "get started",
              "getting started", "how do i start", "where do i start", "first step", "run my code", "run code"),
    "ssh": ("登录", "登陆", "登不上", "登不了", "连不上", "连接不上", "连不了", "进不去", "怎么连", "怎么进", "终端",
            "公钥", "密钥", "ssh", "vscode", "vs code", "putty", "xshell", "termius", "log in", "login", "connect",
            "connection refused", "connection timed out", "permission denied", "host key", "host identification",
            "密码", "忘了密码", "password", "我的端口", "端口是多少", "my port", "private key", "public key"),
    "scp": ("传数据", "传文件", "上传", "下载", "传上去", "传到", "拷", "解压", "传不上", "scp", "rsync", "winscp",
            "filezilla", "upload", "download", "transfer", "unzip", "send file", "send data", "send my data",
            "copy file", "copy data"),
    "conda": ("环境", "安装", "装", "装包", "装不上", "没有python", "conda", "pip", "venv", "virtualenv", "miniforge",
              "environment", "install", "externally-managed", "no module named", "modulenotfounderror", "sudo",
              "apt"),
    "cuda": ("驱动", "cuda", "cuda_visible_devices", "nvidia-smi", "driver"),
    "datasets": ("数据集", "dataset", "imagenet", "mnist", "coco", "cifar"),
    "reserve": ("约卡", "预约", "预定", "预订", "订卡", "约一张", "用卡", "用显卡", "要卡", "book", "booking",
                "reserve"),
    "mine": ("取消", "取消预约", "我的预约", "我的卡", "续时", "续约", "续卡", "延长", "释放", "退卡", "还卡", "撤销",
             "改时间", "cancel", "release", "extend", "undo", "give back", "give it back", "my booking", "my card"),
    "wait": ("排队", "排到", "轮到", "queue", "waiting list", "in line"),
    "share": ("合用", "共用", "显存不够", "显存", "out of memory", "oom"),
    "gpus": ("谁在用", "谁占", "看卡", "卡的状态", "who is using", "who uses"),
    "announcements": ("群里怎么", "在群里说", "privacy mode"),
    "warning": ("警告", "提醒", "怎么停", "停掉", "停止", "杀掉", "别人的卡", "warning", "warned", "kill", "stop my",
                "stop the", "stop a run"),
    "runs": ("跑完", "还在跑", "在不在跑", "断了", "断开", "掉线", "后台", "关电脑", "关掉电脑", "合上电脑", "程序没了",
             "tmux", "screen", "nohup", "background", "disconnect", "notification", "still running",
             "close my laptop", "close the laptop", "turn off my laptop", "turn off my computer"),
    "container": ("硬盘", "磁盘", "空间", "容器", "重启", "关机", "开机", "disk", "disk full", "no space",
                  "no space left on device", "disk quota exceeded", "container", "restart", "reboot"),
    "port": ("端口", "浏览器", "隧道", "jupyter", "tensorboard", "notebook", "port", "tunnel", "browser"),
    "snapshot": ("快照", "备份", "还原", "恢复", "弄坏", "装坏", "snapshot", "backup", "restore"),
    "why": ("lxd", "docker", "为什么用容器"),
    "copy": ("共享什么", "别人装的", "模板", "template"),
}  # fmt: skip
SMALL_TALK: dict[SmallTalk, tuple[str, ...]] = {
    "hello": ("你好", "您好", "在吗", "在不在", "嗨", "哈喽", "早上好", "晚上好", "hi", "hello", "hey",
              "good morning"),
    "thanks": ("谢谢", "谢谢你", "谢啦", "多谢", "感谢", "收到", "知道了", "明白", "明白了", "好的谢谢", "好谢谢",
               "ok谢谢", "谢了", "辛苦了", "thanks", "thank you",
               "thx", "got it", "ok thanks", "ok thank you", "thanks a lot", "many thanks", "cheers", "👍", "👌", "🙏"),
    "yes": ("好", "好的", "好吧", "嗯", "嗯嗯", "行", "可以", "是", "是的", "对", "要", "确定", "yes", "y", "yeah",
            "yep", "ok", "okay", "sure"),
    "help": ("帮助", "帮忙", "怎么办", "怎么用", "菜单", "命令", "help", "help me", "menu", "commands", "?", "??"),
}  # fmt: skip

_LONGEST = 400  # characters: of more, only the beginning is read
_DECORATION = re.compile(r"^[\s,.!。,、~…啊呀哦啦]+|[\s,.!。、~…\-啊呀哦啦]+$")


def _pattern(hint: str) -> re.Pattern[str]:
    if not hint.isascii():
        return re.compile(re.escape(hint))
    return re.compile(rf"(?<![a-z0-9_]){re.escape(hint)}s?(?![a-z0-9_])")


def _weight(hint: str) -> int:
    """A Chinese character says about as much as two letters."""
    return sum(1 if letter.isascii() else 2 for letter in hint)


_PATTERNS = tuple((_pattern(hint), _weight(hint), name) for name, hints in HINTS.items() for hint in hints)


def asked_about(sentence: str) -> Topic | None:
    """The topic of /help that the sentence is about: that of the longest word found; None if none is."""
    plain = one_spelling(sentence[:_LONGEST])
    found = [(length, name) for pattern, length, name in _PATTERNS if pattern.search(plain)]
    return BY_NAME[max(found, key=lambda one: one[0])[1]] if found else None


def small_talk(sentence: str) -> SmallTalk | None:
    """A sentence that is nothing but a greeting, a thank-you or a call for help."""
    plain = _DECORATION.sub("", one_spelling(sentence[:_LONGEST]))
    return next((kind for kind, words in SMALL_TALK.items() if plain in words), None)
