"""Tables, and messages that one member alone sees, against the local Bot API server over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from telegram import Bot

from bot.adapters.telegram import TelegramMessenger
from bot.demo.server import LocalTelegram, Persona
from bot.domain.ability import Abilities, Able, Occasion
from bot.domain.errors import Never
from bot.domain.saying import Button, Message, Saying, Table
from bot.texts import Voice
from tests.adapters.test_telegram_media import png

ADA, BO = 1001, 1002
PEOPLE = [Persona(ADA, "Ada", "ada", "zh-hans", "student"), Persona(BO, "Bo", "bo", "en", "student")]
ZH = Voice("zh", ZoneInfo("Asia/Shanghai"))
TABLE = Saying("rich.board", {"table": Table(("gpu",), (("0",),)), "folds": "", "age": Saying("board.never_read")})
PLAIN = Message(Saying("access.unknown_command"))
RICH = Message(Saying("access.unknown_command"), rich=TABLE)
AT_ANY_TIME = Occasion()


@dataclass
class Group:
    telegram: LocalTelegram
    messenger: TelegramMessenger
    able: Able

    @property
    def id(self) -> int:
        return self.telegram.group_id

    async def whisper(self, message: Message, picture: bytes | None = None, occasion: Occasion = AT_ANY_TIME) -> int:
        whispered = await self.messenger.whisper(self.id, ADA, message, ZH, occasion, picture)
        assert whispered is not None
        return whispered

    def seen_by(self, who: int) -> list[dict[str, Any]]:
        return self.telegram.messages(self.id, who)


@asynccontextmanager
async def a_group(**server: Any) -> AsyncIterator[Group]:
    telegram = LocalTelegram("1:x", "junzi_bot", PEOPLE, "lab", lambda: datetime.now(timezone.utc), **server)
    url = await telegram.start(port=0)
    able = Able(Abilities(date_times=True, rich=True, whispers=True, is_admin=True))
    async with Bot("1:x", base_url=f"{url}/bot", base_file_url=f"{url}/file/bot") as bot:
        yield Group(telegram, TelegramMessenger(bot, group=telegram.group_id, able=able), able)
    await telegram.stop()


@pytest.fixture
async def group() -> AsyncIterator[Group]:
    async with a_group() as group:
        yield group


async def test_a_table_is_whispered_and_changed_in_its_place(group: Group) -> None:
    whisper = await group.whisper(RICH)
    (seen,) = group.seen_by(ADA)
    assert seen["rich_message"]["blocks"]
    assert group.seen_by(BO) == []
    await group.messenger.edit_whisper(group.id, ADA, whisper, PLAIN, ZH)
    assert "rich_message" not in group.seen_by(ADA)[0]
    await group.messenger.edit_whisper(group.id, ADA, whisper, RICH, ZH)
    await group.messenger.edit_whisper(group.id, ADA, whisper, RICH, ZH)
    assert [m["ephemeral_message_id"] for m in group.seen_by(ADA) if "rich_message" in m] == [whisper]


async def test_a_picture_gives_way_to_another_and_to_a_text_never(group: Group) -> None:
    whisper = await group.whisper(PLAIN, png(10))
    first = group.seen_by(ADA)[0]
    await group.messenger.edit_whispered_photo(group.id, ADA, whisper, png(200), PLAIN, ZH)
    (second,) = group.seen_by(ADA)
    assert second["ephemeral_message_id"] == whisper
    assert second["photo"] != first["photo"]
    with pytest.raises(Never, match="no text"):
        await group.messenger.edit_whisper(group.id, ADA, whisper, PLAIN, ZH)


async def test_a_text_becomes_a_picture(group: Group) -> None:
    whisper = await group.whisper(PLAIN)
    await group.messenger.edit_whispered_photo(group.id, ADA, whisper, png(200), PLAIN, ZH)
    assert group.seen_by(ADA)[0]["photo"]


async def test_a_page_has_its_picture_in_it(group: Group) -> None:
    page = Message(PLAIN.saying, rich=Saying("rich.digest", {"summary": "x", "members": "y", "cards": "z"}))
    assert await group.messenger.send_page(group.id, png(10), page, ZH) == 1
    (message,) = group.seen_by(BO)
    assert message["rich_message"]["blocks"][0]["photo"]


async def test_a_server_without_tables_takes_no_page() -> None:
    async with a_group(bot_api="10.0") as group:
        assert await group.messenger.send_page(group.id, png(10), RICH, ZH) is None
        assert group.seen_by(BO) == []


async def test_taking_back_twice_is_fine(group: Group) -> None:
    whisper = await group.whisper(PLAIN)
    for _ in range(2):
        await group.messenger.take_back_whisper(group.id, ADA, whisper)
        assert group.seen_by(ADA) == []
    with pytest.raises(Never):
        await group.messenger.edit_whispered_photo(group.id, ADA, whisper, png(1), PLAIN, ZH)


async def test_a_whisper_stands_where_the_pressed_message_stood_for_the_presser_alone(group: Group) -> None:
    pressable = Message(PLAIN.saying, ((Button(Saying("board.button_refresh"), "gpus"),),))
    public = await group.messenger.send(group.id, pressable, ZH)
    query = await group.telegram.press(ADA, group.id, public, "gpus")
    whisper = await group.whisper(RICH, occasion=Occasion(query.query_id, in_place=True))
    assert [m.get("ephemeral_message_id") for m in group.seen_by(ADA)] == [whisper]
    assert [m["message_id"] for m in group.seen_by(BO)] == [public]


async def test_a_table_shown_to_everybody_is_deleted_and_whispers_are_off() -> None:
    """The trap: a server of 10.1 knows tables and ignores for whom they are."""
    async with a_group(bot_api="10.1") as group:
        assert await group.messenger.whisper(group.id, ADA, RICH, ZH, AT_ANY_TIME) is None
        assert group.seen_by(BO) == group.seen_by(ADA) == []
        assert not group.able.now.whispers
        assert group.able.now.rich


async def test_a_server_without_tables_gets_the_plain_form_for_one_alone(group: Group) -> None:
    broken = Message(PLAIN.saying, rich=Saying("common.nothing"))
    whisper = await group.whisper(broken)
    assert group.seen_by(ADA)[0]["text"]
    assert not group.able.now.rich
    group.able.now = Abilities(rich=True, whispers=True, is_admin=True)
    await group.messenger.edit_whisper(group.id, ADA, whisper, Message(Saying("board.gone"), rich=broken.rich), ZH)
    assert not group.able.now.rich


async def test_what_is_refused_in_any_form_says_nothing_about_tables(group: Group) -> None:
    """Somebody who has left the group, say: the next table is sent as one."""
    stranger = 999
    assert await group.messenger.whisper(group.id, stranger, RICH, ZH, AT_ANY_TIME) is None
    assert group.able.now.rich
    assert group.able.now.whispers


async def test_an_edit_that_the_server_does_not_know_will_never_succeed() -> None:
    async with a_group(bot_api="10.1") as group:
        with pytest.raises(Never, match="not found"):
            await group.messenger.edit_whispered_photo(group.id, ADA, 1, png(1), PLAIN, ZH)
