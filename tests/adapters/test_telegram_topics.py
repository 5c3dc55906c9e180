"""A group with topics, over HTTP: own posts in their topic, answers where asked, and a topic that is gone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timezone
from zoneinfo import ZoneInfo

import pytest
from telegram import Bot

from bot.adapters.telegram import TelegramMessenger
from bot.demo.server import LocalTelegram, Persona
from bot.domain.ability import Abilities, Able, Occasion
from bot.domain.asked import Asked
from bot.domain.errors import Never
from bot.domain.saying import Message, Saying
from bot.texts import Voice
from tests.adapters.test_telegram_media import png

BOSS = Persona(1001, "王老师", "prof", "zh-hans", "admin", group_admin=True)
LISI = Persona(1002, "李四", "lisi", "zh-hans", "student")
ZH = Voice("zh", ZoneInfo("Asia/Shanghai"))
WORDS = Message(Saying("access.unknown_command"))
TABLE = Message(Saying("access.unknown_command"), rich=Saying("access.unknown_command"))


@dataclass
class Keeper:
    """Writes down what became of the bot's own posts."""

    number: int | None
    told: list[str] = field(default_factory=list)

    async def refused(self, words: str) -> None:
        self.told.append(f"refused: {words}")

    async def taken(self) -> None:
        self.told.append("taken")


@dataclass
class Forum:
    telegram: LocalTelegram
    messenger: TelegramMessenger
    keeper: Keeper
    able: Able

    @property
    def group(self) -> int:
        return self.telegram.group_id

    def topic(self, name: str) -> int:
        return self.telegram.topics[name]

    def landed(self) -> int | None:
        """The topic of the last message."""
        return self.telegram.core.world.group.history()[-1].topic_id


@pytest.fixture
async def forum() -> AsyncIterator[Forum]:
    def now() -> datetime:
        return datetime.now(timezone.utc)

    telegram = LocalTelegram("1:x", "junzi_bot", [BOSS, LISI], "lab", now, topics=("cards", "chat"), flood_limits=False)
    url = await telegram.start(port=0)
    keeper, able = Keeper(telegram.topics["cards"]), Able(Abilities(whispers=True, is_admin=True, rich=True))
    async with Bot("1:x", base_url=f"{url}/bot", base_file_url=f"{url}/file/bot") as bot:
        messenger = TelegramMessenger(bot, group=telegram.group_id, topic=keeper, able=able)
        yield Forum(telegram, messenger, keeper, able)
    await telegram.stop()


async def test_posts_of_its_own_go_to_the_configured_topic(forum: Forum) -> None:
    await forum.messenger.send(forum.group, WORDS, ZH)
    assert forum.landed() == forum.topic("cards")
    await forum.messenger.send(forum.group, TABLE, ZH)
    assert forum.landed() == forum.topic("cards")
    await forum.messenger.send_photo(forum.group, png(1), WORDS, ZH)
    assert forum.landed() == forum.topic("cards")
    assert forum.keeper.told == ["taken"] * 3


@pytest.mark.parametrize("where", ["chat", None])
async def test_answers_come_where_it_was_asked(forum: Forum, where: str | None) -> None:
    topic = None if where is None else forum.topic(where)
    said = await forum.telegram.say(LISI.telegram_id, forum.group, "/gpus", topic=topic)
    for asked in (Asked(said["message_id"], topic), Asked(None, topic)):
        for message in (WORDS, TABLE):
            await forum.messenger.send(forum.group, message, ZH, asked=asked)
            assert forum.landed() == topic
        await forum.messenger.send_photo(forum.group, png(1), WORDS, ZH, asked=asked)
        assert forum.landed() == topic
        await forum.messenger.send_document(forum.group, "x.ics", b"x", WORDS, ZH, asked=asked)
        assert forum.landed() == topic
    for picture in (None, png(1)):
        occasion = Occasion(topic=topic)
        await forum.messenger.whisper(forum.group, LISI.telegram_id, WORDS, ZH, occasion, picture)
        assert forum.landed() == topic
        assert forum.telegram.core.world.group.history()[-1].receiver_id == LISI.telegram_id
    assert forum.keeper.told == []


@pytest.mark.parametrize("message", [WORDS, TABLE])
@pytest.mark.parametrize("end", ["closed", "deleted", "no topics any more"])
async def test_a_topic_that_takes_no_post_does_not_make_the_bot_silent(
    forum: Forum, end: str, message: Message
) -> None:
    if end == "closed":
        forum.telegram.people.close_topic(BOSS.telegram_id, forum.topic("cards"))
    elif end == "deleted":
        forum.telegram.people.delete_topic(BOSS.telegram_id, forum.topic("cards"))
    else:
        forum.telegram.people.change_forum(is_forum=False)
    await forum.messenger.send(forum.group, message, ZH)
    assert forum.landed() is None
    (told,) = forum.keeper.told
    assert told.startswith("refused: ")
    assert forum.able.now.rich, "a topic that is gone says nothing about tables"


async def test_an_answer_to_what_was_deleted_stays_in_the_topic(forum: Forum) -> None:
    said = await forum.telegram.say(LISI.telegram_id, forum.group, "/gpus", topic=forum.topic("chat"))
    forum.telegram.people.delete(LISI.telegram_id, forum.group, str(said["message_id"]))
    await forum.messenger.send(forum.group, WORDS, ZH, asked=Asked(said["message_id"], forum.topic("chat")))
    assert forum.landed() == forum.topic("chat")


async def test_where_a_closed_topic_takes_no_answer_it_is_given_in_general(forum: Forum) -> None:
    """An admin may write in a closed topic, a bot without that right may not."""
    forum.telegram.people.close_topic(BOSS.telegram_id, forum.topic("chat"))
    said = await forum.telegram.say(BOSS.telegram_id, forum.group, "/gpus", topic=forum.topic("chat"))
    asked = Asked(said["message_id"], forum.topic("chat"))
    occasion = Occasion(topic=forum.topic("chat"))
    assert await forum.messenger.whisper(forum.group, BOSS.telegram_id, WORDS, ZH, occasion) is None
    await forum.messenger.send(forum.group, WORDS, ZH, asked=asked)
    assert forum.landed() is None
    assert forum.keeper.told == []
    forum.telegram.people.close_general()
    with pytest.raises(Never):
        await forum.messenger.send(forum.group, WORDS, ZH, asked=asked)
