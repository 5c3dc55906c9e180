"""Every command of the table of contents, typed in the group by a student and by the admin, and buttons pressed at
random under what came: the audit behind every story (audit.py) says whether anybody saw what was not theirs to see."""

from __future__ import annotations

import asyncio
import random

import pytest

from handlers import COMMANDS
from tests.stories.conftest import ADMIN, LISI, Talk, buttons, is_bots, key_of

pytestmark = pytest.mark.quiet_lab

# What a person might type behind the command; without a row, nothing.
WORDS = {
    "reserve": ("gpu1 2h", "gpu0 99h", "gpu9", "", "any 1h"),
    "release": ("gpu1", ""),
    "extend": ("2h",),
    "move": ("gpu2",),
    "snapshot": ("one",),
    "restore": ("one",),
    "port": ("8888",),
    "sshkey": ("ssh-ed25519 nonsense",),
    "adduser": ("zhangsan",),
    "invite": ("wangwu",),
    "archive": ("wangwu",),
    "adopt": ("lisi",),
    "restoreuser": ("wangwu",),
    "deluser": ("lisi",),
    "bookfor": ("lisi gpu2 1h",),
    "revoke": ("gpu2",),
    "block": ("gpu3 1h",),
    "unblock": ("gpu3",),
    "power": ("wangwu stop",),
    "assign": ("lisi gpu1",),
    "limit": ("lisi cpu=2",),
    "mount": ("lisi /srv/datasets /mnt/x",),
    "unmount": ("lisi /mnt/x",),
    "help": ("", "ssh"),
    "start": ("", "nonsense"),
    "runs": ("", "all"),
    "notify": ("", "gpu0"),
    "gpus": ("", "gpu0"),
    "calendar": ("", "text"),
}


def seen(talk: Talk, who: int) -> dict[tuple[int, str], str]:
    """Everything of the bot's that this person can read, in the group or in private; the pinned board is no answer."""
    board = set(talk.telegram.core.world.group.pinned)
    return {
        (chat, key_of(m)): str(m.get("text") or m.get("caption") or m.get("rich_message"))
        for chat in (talk.group, who)
        for m in talk.telegram.messages(chat, who)
        if is_bots(m) and m["message_id"] not in board
    }


async def test_every_command_is_answered_in_the_group_and_tells_nobody_what_is_not_theirs(talk: Talk) -> None:
    silent = []
    for who in (LISI.telegram_id, ADMIN.telegram_id):
        for command in COMMANDS:
            for words in WORDS.get(command.name, ("",)):
                before = seen(talk, who)
                talk.demo.clock.skip(seconds=5)  # nobody types faster, and nobody is answered faster in one group
                await talk.type(who, f"/{command.name} {words}".rstrip(), talk.group)
                try:
                    await talk.telegram.wait_for(lambda who=who, before=before: seen(talk, who) != before, 5)
                except asyncio.TimeoutError:
                    silent.append(f"{who}: /{command.name} {words}")
    assert not silent


async def test_whatever_button_anybody_presses_tells_nobody_what_is_not_theirs(talk: Talk) -> None:
    dice = random.Random(7)
    people = (LISI.telegram_id, ADMIN.telegram_id)
    openers = (
        "/reserve",
        "/gpus",
        "/mine",
        "/free",
        "/calendar",
        "/who gpu0",
        "/help",
        "/extend",
        "我用卡 1 跑两天哈！",
    )
    for _ in range(60):
        talk.demo.clock.skip(seconds=5)
        who = dice.choice(people)
        if dice.random() < 0.3:
            await talk.type(who, dice.choice(openers), talk.group)
        else:
            pressable = [
                (key_of(m), b["callback_data"])
                for m in talk.telegram.messages(talk.group, who)
                for b in buttons(m)
                if "callback_data" in b
            ]
            query = await talk.telegram.press(who, talk.group, *dice.choice(pressable))
            assert query is not None
            await talk.telegram.wait_for(lambda query=query: query.answer is not None, talk.patience)
        await talk.settled()
