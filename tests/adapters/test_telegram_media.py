"""Pictures, files and pins, against the local Bot API server over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timezone
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from PIL import Image
from telegram import Bot

from bot.adapters.telegram import TelegramMessenger
from bot.demo.server import LocalTelegram, Persona
from bot.domain.asked import Asked
from bot.domain.errors import Never
from bot.domain.saying import Button, Message, Saying
from bot.texts import Voice

LISI = Persona(1002, "李四", "lisi", "zh-hans", "student")
ZH = Voice("zh", ZoneInfo("Asia/Shanghai"))
WORDS = Message(Saying("access.unknown_command"), ((Button(Saying("board.button_refresh"), "gpus"),),), silent=True)


def png(shade: int) -> bytes:
    buffer = BytesIO()
    Image.new("RGB", (40, 30), (shade, shade, shade)).save(buffer, "PNG")
    return buffer.getvalue()


@dataclass
class Post:
    telegram: LocalTelegram
    messenger: TelegramMessenger

    @property
    def group(self) -> int:
        return self.telegram.group_id

    def last(self) -> dict[str, object]:
        return self.telegram.messages(self.group)[-1]


@pytest.fixture
async def post() -> AsyncIterator[Post]:
    telegram = LocalTelegram("1:x", "junzi_bot", [LISI], "lab", lambda: datetime.now(timezone.utc))
    url = await telegram.start(port=0)
    bot = Bot("1:x", base_url=f"{url}/bot", base_file_url=f"{url}/file/bot")
    async with bot:
        yield Post(telegram, TelegramMessenger(bot, group=telegram.group_id))
    await telegram.stop()


async def test_a_picture_comes_with_words_and_buttons_and_gives_way_to_another(post: Post) -> None:
    message_id = await post.messenger.send_photo(post.group, png(10), WORDS, ZH)
    first = post.last()
    assert first["message_id"] == message_id
    assert first["photo"]
    assert first["caption"] == ZH.plain(WORDS.saying)
    assert first["reply_markup"]

    await post.messenger.edit_photo(post.group, message_id, png(200), WORDS, ZH)
    second = post.last()
    assert second["message_id"] == message_id
    assert second["photo"] != first["photo"]
    assert second["reply_markup"] == first["reply_markup"]


async def test_the_same_picture_again_is_fine(post: Post) -> None:
    message_id = await post.messenger.send_photo(post.group, png(10), WORDS, ZH)
    await post.messenger.edit_photo(post.group, message_id, png(10), WORDS, ZH)


async def test_a_file_keeps_its_name_and_its_bytes(post: Post) -> None:
    answered = (await post.telegram.say(LISI.telegram_id, post.group, "/ics"))["message_id"]
    await post.messenger.send_document(post.group, "显卡预约.ics", b"BEGIN:VCALENDAR", WORDS, ZH, asked=Asked(answered))
    document = post.last()["document"]
    assert isinstance(document, dict)
    assert document["file_name"] == "显卡预约.ics"
    assert document["file_size"] == len(b"BEGIN:VCALENDAR")


async def test_a_pin_is_silent_and_twice_is_fine(post: Post) -> None:
    message_id = await post.messenger.send(post.group, WORDS, ZH)
    await post.messenger.pin(post.group, message_id)
    await post.messenger.pin(post.group, message_id)
    assert post.telegram.core.world.group.pinned == [message_id]
    pins = [call.parameters for call in post.telegram.calls if call.method == "pinChatMessage"]
    assert all(str(call["disable_notification"]).lower() == "true" for call in pins)


async def test_what_is_unpinned_leaves_the_other_pins(post: Post) -> None:
    first, second = [await post.messenger.send(post.group, WORDS, ZH) for _ in range(2)]
    for message_id in (first, second):
        await post.messenger.pin(post.group, message_id)
    await post.messenger.unpin(post.group, first)
    assert post.telegram.core.world.group.pinned == [second]
    with pytest.raises(Never, match="not found"):
        await post.messenger.unpin(post.group, first)


async def test_what_will_never_succeed_is_told_apart(post: Post) -> None:
    message_id = await post.messenger.send(post.group, WORDS, ZH)
    post.telegram.core.world.bot_status = "member"
    with pytest.raises(Never, match="rights"):
        await post.messenger.pin(post.group, message_id)
    with pytest.raises(Never):
        await post.messenger.edit_photo(post.group, 10**6, png(1), WORDS, ZH)
