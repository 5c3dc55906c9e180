"""A seeded busy day of 40 people in one group: how much of it everybody has to read, and what flood limits cost.

    python -m tests.benchmarks.bench_busy_day [EVENTS]

600 commands, presses and sentences in eight hours, against a server that keeps Telegram's flood limits. The same day is
played with a bot that can whisper (an administrator, Bot API 10.3) and with one that can't (10.0). Printed: messages of
the bot that everybody sees, per promise made, changed or given back; and notices that were never delivered.
"""

from __future__ import annotations

import asyncio
import logging
import random
import sys
import tempfile
from pathlib import Path
from typing import Any

from bot.demo import cast
from bot.demo.lab import Demo
from bot.demo.server import Persona
from bot.domain.container import InstanceRecord, InstanceState
from bot.domain.instance import all_cards_device, proxy_to_ssh
from bot.domain.member import Role
from storage.books import SqliteBooks
from storage.database import connect

PEOPLE = 40
HOURS = 8
SPEED = 240
PROMISES = "SELECT COUNT(*) FROM audit WHERE action IN ('reserve', 'release', 'extend', 'move', 'undo')"
SENTENCES = (
    "我用卡 {n} 跑两天哈！",
    "卡{n}我跑完了",
    "谁在用卡{n}?",
    "gpu{n} 再续6小时",
    "中午吃什么",
    "我校园卡丢了两天了",
)
COMMANDS = (
    "/reserve gpu{n} 1h", "/reserve any 2h", "/reserve gpu{n} 99999h", "/mine", "/free", "/gpus", "/release",
    "/who gpu{n}", "/extend 1h", "/reserve", "/history", "/calendar text",
)  # fmt: skip


def people() -> list[Persona]:
    return [Persona(5000 + n, f"学生{n}", f"student{n}", "zh-hans") for n in range(PEOPLE)]


async def play(folder: Path, events: int, **server: Any) -> dict[str, int]:
    """One day; the seed makes it the same day for every bot."""
    dice = random.Random(7)
    everybody = people()
    demo = Demo(folder, speed=SPEED, quiet=True, people=(*cast.PERSONAS, *everybody), **server)
    await demo.start(port=0)
    assert demo.junzi is not None
    now = demo.clock.now()

    def join(books: SqliteBooks) -> None:
        for number, person in enumerate(everybody):
            member = books.members.add(f"student{number}", Role.STUDENT, now)
            books.members.bind(member.id, person.telegram_id, person.name, "zh-hans")
            books.instances.add(
                InstanceRecord(
                    "local", f"student{number}", member.id, 10100 + number, "template", InstanceState.READY, "x", now
                )
            )

    for number in range(PEOPLE):
        demo.lxd.plant(f"student{number}", devices={"ssh": proxy_to_ssh(10100 + number), "gpu": all_cards_device()})
    demo.junzi.database.write_now(join)
    telegram, group = demo.telegram, demo.telegram.group_id
    pause = HOURS * 3600 / events
    for _ in range(events):
        person = dice.choice(everybody).telegram_id
        seen = [m for m in telegram.messages(group, person) if m.get("reply_markup")]
        if dice.random() < 0.25 and seen:
            await _press(telegram, dice, person, group, seen[-1])
        else:
            words = dice.choice(SENTENCES if dice.random() < 0.3 else COMMANDS).format(n=dice.randrange(4))
            await telegram.say(person, group, words)
        await demo.clock.sleep(pause)
    await demo.clock.sleep(600)
    bots = [m for m in telegram.messages(group) if m.get("from", {}).get("is_bot")]
    reader = connect(demo.junzi.database.path, read_only=True)
    promises = reader.execute(PROMISES).fetchone()[0]
    reader.close()
    lost = demo.junzi.database.read_now(lambda books: len(books.outbox.due(demo.clock.now())))
    refused = sum(1 for call in telegram.calls if call.error is not None and "Too Many Requests" in str(call.error))
    await demo.stop()
    return {"public": len(bots), "promises": promises, "undelivered": lost, "429s": refused}


async def _press(telegram: Any, dice: random.Random, person: int, group: int, message: dict[str, Any]) -> None:
    keys = [b for row in message["reply_markup"]["inline_keyboard"] for b in row if "callback_data" in b]
    if keys:
        number = message["message_id"] or f"e{message['ephemeral_message_id']}"
        await telegram.press(person, group, number, dice.choice(keys)["callback_data"])


async def main(events: int) -> None:
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    print(f"{events} commands, presses and sentences of {PEOPLE} people in {HOURS} hours, seed 7")
    for name, server in (("old server", {"bot_api": "10.0"}), ("administrator", {})):
        with tempfile.TemporaryDirectory() as folder:
            found = await play(Path(folder), events, **server)
        ratio = found["public"] / max(1, found["promises"])
        print(
            f"{name:<14} public messages {found['public']:>4}  promises {found['promises']:>3}"
            f"  per promise {ratio:5.2f}  undelivered {found['undelivered']}  429s met {found['429s']}",
            flush=True,
        )


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 600))
