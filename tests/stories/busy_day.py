"""A seeded busy day: forty people in one group, in rushes, against a server that keeps Telegram's flood limits.

Most of a day is quiet, and the limits bite when everybody talks at once: after the group's meeting, before a deadline.
So two thirds of what happens falls into rushes of a minute: thirty questions, where a group takes twenty answers.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from bot.demo import cast
from bot.demo.lab import Demo
from bot.demo.server import Persona
from bot.domain.container import InstanceRecord, InstanceState
from bot.domain.instance import all_cards_device, proxy_to_ssh
from bot.domain.member import Role
from bot.settings import Settings
from storage.books import SqliteBooks
from storage.database import connect
from tests.stories.audit import Audit, Said, audited

PEOPLE = 40
RUSH = timedelta(minutes=1)
AFTERWARDS = timedelta(minutes=2)  # for what is still on its way
IDLE_SECONDS = 5.0
IN_RUSHES = 2 / 3
A_RUSH = 30  # events
SEED = 7
CHATTER = ("中午吃什么", "我校园卡丢了两天了", "谁有充电线")
SENTENCES = ("我用卡 {n} 跑两天哈！", "卡{n}我跑完了", "谁在用卡{n}?", "gpu{n} 再续6小时", *CHATTER)
COMMANDS = (
    "/reserve gpu{n} 1h", "/reserve any 2h", "/reserve gpu{n} 99999h", "/mine", "/free", "/gpus", "/release",
    "/who gpu{n}", "/extend 1h", "/reserve", "/history", "/calendar text",
)  # fmt: skip
# What everybody must know: a promise made, changed or given back.
PROMISES = ("reserve", "release", "extend", "move", "undo", "take")


@dataclass(frozen=True)
class Asked:
    """One thing that a person did and wants an answer to."""

    who: int
    what: str
    waited_seconds: float | None  # on the lab's clock; None = never answered


@dataclass
class Day:
    """What came of it."""

    asked: list[Asked] = field(default_factory=list)
    public: list[Said] = field(default_factory=list)
    transcript: list[str] = field(default_factory=list)
    held_up: list[float] = field(default_factory=list)  # each answer in the group, in seconds, by the limits alone
    promises: int = 0
    edits: int = 0
    undelivered: int = 0
    refused: int = 0  # calls that Telegram answered with 429

    @property
    def per_promise(self) -> float:
        return len(self.public) / max(1, self.promises)

    @property
    def unanswered(self) -> list[Asked]:
        return [asked for asked in self.asked if asked.waited_seconds is None]

    def waited(self, share: float) -> float:
        """The wait, in the lab's seconds, that this share of those who asked did not exceed."""
        waits = sorted(asked.waited_seconds for asked in self.asked if asked.waited_seconds is not None)
        return waits[min(int(len(waits) * share), len(waits) - 1)]

    def commonest(self) -> list[tuple[str, int]]:
        return Counter(said.message.saying.key for said in self.public).most_common()


class BusyLab(Demo):
    """The demo's lab with forty students, in the language of the test."""

    def __init__(self, folder: Path, language: Literal["zh", "en"], **server: Any) -> None:
        code = {"zh": "zh-hans", "en": "en"}[language]
        self.students = [Persona(5000 + n, f"学生{n}", f"student{n}", code) for n in range(PEOPLE)]
        self.language = language
        super().__init__(folder, quiet=True, people=(*cast.PERSONAS, *self.students), **server)

    def _settings(self, url: str) -> Settings:
        settings = super()._settings(url)
        telegram = settings.telegram.model_copy(update={"language": self.language})
        return settings.model_copy(update={"telegram": telegram})

    async def let_pass(self, until: datetime) -> None:
        """While nothing is under way the clock skips ahead: a quiet hour is not worth a minute of waiting."""
        while (left := (until - self.clock.now()).total_seconds()) > 0:
            if left > IDLE_SECONDS and self._is_idle():
                self.clock.skip(seconds=left - IDLE_SECONDS)
            await self.clock.sleep(min(max(left, 0), IDLE_SECONDS))

    def _is_idle(self) -> bool:
        """Everything said has reached the bot and is handled, and there is room in the group."""
        assert self.junzi is not None
        assert self.junzi.lab is not None
        on_its_way = bool(self.telegram.core.updates.waiting)
        pending = self.junzi.database.read_now(lambda books: books.inbox.pending())
        return not on_its_way and not pending and self.junzi.lab.messenger.wait_seconds(self.telegram.group_id) == 0

    async def join(self) -> None:
        """Everybody has a container and has opened their claim link."""
        assert self.junzi is not None
        now, code = self.clock.now(), self.students[0].language_code

        def join(books: SqliteBooks) -> None:
            for number, person in enumerate(self.students):
                name = person.username or ""
                member = books.members.add(name, Role.STUDENT, now)
                books.members.bind(member.id, person.telegram_id, person.name, code)
                ready = InstanceState.READY
                record = InstanceRecord("local", name, member.id, 10100 + number, "template", ready, "x", now)
                books.instances.add(record)

        for number, person in enumerate(self.students):
            devices = {"ssh": proxy_to_ssh(10100 + number), "gpu": all_cards_device()}
            self.lxd.plant(person.username or "", devices=devices)
            self.telegram.core.world.chats[person.telegram_id].started = True
        self.junzi.database.write_now(join)


def moments(dice: random.Random, events: int, length: timedelta) -> list[float]:
    """When something happens, in seconds from the start."""
    day, rush = length.total_seconds(), RUSH.total_seconds()
    rushes = [dice.uniform(0, day - rush) for _ in range(max(1, round(events * IN_RUSHES / A_RUSH)))]
    in_rushes = [dice.choice(rushes) + dice.uniform(0, rush) for _ in range(round(events * IN_RUSHES))]
    return sorted([*in_rushes, *(dice.uniform(0, day) for _ in range(events - len(in_rushes)))])


async def play(lab: BusyLab, events: int, length: timedelta) -> Day:
    """The day; the seed makes it the same for every bot, as far as what it shows is the same."""
    async with audited(lab) as audit:
        await lab.join()
        dice, begin, done = random.Random(SEED), lab.clock.now(), []
        for moment in moments(dice, events, length):
            await lab.let_pass(begin + timedelta(seconds=moment))
            something = await _something(lab, dice)
            if something is not None:
                done.append(something)
        await lab.let_pass(lab.clock.now() + AFTERWARDS)
        return await _look_back(lab, audit, done)


Done = tuple[int, str, Any]  # who, what, and the message typed or the query that its press became


async def _something(lab: BusyLab, dice: random.Random) -> Done | None:
    """A person presses a button that they see, says something or types a command; None for mere chatter."""
    telegram, group = lab.telegram, lab.telegram.group_id
    who = dice.choice(lab.students).telegram_id
    seen = [m for m in telegram.messages(group, who)[-30:] if m.get("reply_markup")]
    if dice.random() < 0.25 and seen:
        keys = [b for row in seen[-1]["reply_markup"]["inline_keyboard"] for b in row if "callback_data" in b]
        if keys:
            number = seen[-1]["message_id"] or f"e{seen[-1]['ephemeral_message_id']}"
            data = dice.choice(keys)["callback_data"]
            return who, data, await telegram.press(who, group, number, data)
    words = dice.choice(SENTENCES if dice.random() < 0.3 else COMMANDS).format(n=dice.randrange(4))
    typed = await telegram.say(who, group, words)
    return (who, words, typed) if words.startswith("/") else None


async def _look_back(lab: BusyLab, audit: Audit, done: Sequence[Done]) -> Day:
    assert lab.junzi is not None
    group, telegram = lab.telegram.group_id, lab.telegram
    day = Day()
    for who, what, asked in done:
        began = asked.at if hasattr(asked, "at") else _typed_at(lab, asked)
        answered = next(_answers(lab, who, asked, began), None)
        day.asked.append(Asked(who, what, None if answered is None else (answered - began).total_seconds()))
    said = [said for said in audit.said if said.chat_id == group and not said.is_whisper]
    day.public = [s for s in said if s.is_new and not s.message.saying.key.startswith("live.")]
    day.held_up = [said.held_up_seconds for said in audit.said if said.chat_id == group and said.is_answer]
    day.edits = len(said) - sum(s.is_new for s in said)
    day.transcript = [_line(message) for message in telegram.messages(group)]
    reader = connect(lab.junzi.database.path, read_only=True)
    actions = Counter(row["action"] for row in reader.execute("SELECT action FROM audit"))
    day.promises = sum(actions[action] for action in PROMISES)
    reader.close()
    now = lab.clock.now()
    day.undelivered = lab.junzi.database.read_now(lambda books: len(books.outbox.due(now)))
    day.refused = sum("Too Many Requests" in str(call.error) for call in telegram.calls)
    return day


def _typed_at(lab: BusyLab, typed: dict[str, Any]) -> Any:
    chat = lab.telegram.core.world.group
    ephemeral = typed.get("ephemeral_message_id")
    return (chat.ephemeral[ephemeral] if ephemeral is not None else chat.posts[typed["message_id"]]).date


def _answers(lab: BusyLab, who: int, asked: Any, began: Any) -> Iterator[Any]:
    """When the server took each call that answers it: the press, a reply to what was typed, a whisper, a letter."""
    for call in lab.telegram.calls:
        if call.at < began or call.error is not None:
            continue
        if hasattr(asked, "query_id"):
            if call.method == "answerCallbackQuery" and call.parameters["callback_query_id"] == asked.query_id:
                yield call.at
        elif call.method.startswith("send") and isinstance(call.result, dict):
            result = call.result
            answered = result.get("reply_to_message", {})
            is_reply = answered.get("message_id") == asked["message_id"] != 0
            is_private = str(call.parameters.get("chat_id")) == str(who)
            receiver = result.get("receiver_user", {}).get("id") or _receiver(call.parameters)
            if is_reply or is_private or receiver == who:
                yield call.at


def _receiver(parameters: dict[str, Any]) -> int | None:
    found = parameters.get("ephemeral_message_parameters")
    found = json.loads(found) if isinstance(found, str) else found
    return found.get("receiver_user_id") if isinstance(found, dict) else None


def _line(message: dict[str, Any]) -> str:
    name = message["from"]["first_name"]
    words = message.get("text") or message.get("caption") or str(message.get("rich_message", "(…)"))
    keys = [b["text"] for row in message.get("reply_markup", {}).get("inline_keyboard", []) for b in row]
    under = f"\n      [{'] ['.join(keys)}]" if keys else ""
    return f"{name}: {words}".replace("\n", "\n      ") + under
