"""What people do, and which of it a bot hears."""

from __future__ import annotations

import pytest
from telegram import Bot

from bot.demo.server import LocalTelegram, NotPossible
from tests.demo.conftest import ADA, BO, CHEN, HandClock, Serve


async def test_a_person_looks_as_in_telegram(telegram: LocalTelegram, bot: Bot) -> None:
    for person in (ADA, BO, CHEN):
        await telegram.say(person, person, "hi")
    ada, bo, chen = (update.message.from_user for update in await bot.get_updates())
    assert (ada.first_name, ada.last_name, ada.username, ada.language_code) == ("Ada", "Wang", "ada", "en")
    assert (bo.full_name, bo.language_code) == ("博文", "zh-hans")
    assert (chen.full_name, chen.username, chen.language_code) == ("陈 <b>静</b>", None, None)


async def test_the_language_of_a_person_can_change(telegram: LocalTelegram, bot: Bot) -> None:
    telegram.core.world.change_language(BO, "en")
    await telegram.say(BO, BO, "hi")
    assert (await bot.get_updates())[0].message.from_user.language_code == "en"


async def test_the_group_is_a_supergroup_that_counts_its_own_messages(telegram: LocalTelegram, bot: Bot) -> None:
    await telegram.say(BO, telegram.group_id, "one")
    await telegram.say(BO, telegram.group_id, "two")
    messages = [update.message for update in await bot.get_updates()]
    assert [message.message_id for message in messages] == [1, 2]
    assert (messages[0].chat.type, messages[0].chat.title) == ("supergroup", "Lab 302")
    assert str(telegram.group_id).startswith("-100")


async def test_typed_text_carries_entities(telegram: LocalTelegram, bot: Bot) -> None:
    await telegram.say(BO, telegram.group_id, "🐼 /gpus@lab_bot @ada https://example.org")
    message = (await bot.get_updates())[0].message
    assert [entity.type for entity in message.entities] == ["bot_command", "mention", "url"]
    assert message.parse_entity(message.entities[0]) == "/gpus@lab_bot"


async def test_privacy_mode_hides_what_is_not_meant_for_the_bot(serve: Serve) -> None:
    async with serve(bot_is_admin=False, reads_everything=False) as (server, bot):
        group = server.group_id
        mine = await bot.send_message(group, "board")
        await server.say(BO, group, "just talking")
        await server.say(BO, group, "hello @somebody_else")
        await server.say(BO, group, "/gpus@other_bot")
        heard = ["/gpus", "/gpus@lab_bot", "hi @lab_bot"]
        for text in heard:
            await server.say(BO, group, text)
        await server.say(BO, group, "ok", reply_to=mine.message_id)
        assert [update.message.text for update in await bot.get_updates()] == [*heard, "ok"]


@pytest.mark.parametrize("options", [{"bot_is_admin": True, "reads_everything": False},
                                     {"bot_is_admin": False, "reads_everything": True}])  # fmt: skip
async def test_an_administrator_or_privacy_mode_off_hears_all(serve: Serve, options: dict[str, bool]) -> None:
    async with serve(**options) as (server, bot):
        await server.say(BO, server.group_id, "just talking")
        assert len(await bot.get_updates()) == 1


async def test_an_edit_arrives_as_an_edited_message(telegram: LocalTelegram, bot: Bot, clock: HandClock) -> None:
    message = await telegram.say(BO, telegram.group_id, "I take gpu0")
    clock.advance(5)
    await telegram.edit(BO, telegram.group_id, message["message_id"], "I take gpu1")
    first, second = await bot.get_updates()
    assert (first.message.text, second.edited_message.text) == ("I take gpu0", "I take gpu1")
    assert second.edited_message.message_id == first.message.message_id
    with pytest.raises(NotPossible):
        await telegram.edit(ADA, telegram.group_id, message["message_id"], "not mine")


async def test_a_deep_link_starts_the_chat_with_its_payload(serve: Serve) -> None:
    async with serve() as (server, bot):
        await server.begin(BO, "r_12")
        assert (await bot.get_updates())[0].message.text == "/start r_12"
        with pytest.raises(NotPossible):
            await server.begin(CHEN, "a b")


async def test_a_csv_reaches_the_bot(telegram: LocalTelegram, bot: Bot) -> None:
    await telegram.upload(ADA, ADA, "members.csv", b"name\nBo\n", "text/csv", caption="please add")
    message = (await bot.get_updates())[0].message
    assert (message.document.file_name, message.document.mime_type, message.caption) == (
        "members.csv", "text/csv", "please add")  # fmt: skip
    file = await bot.get_file(message.document.file_id)
    assert bytes(await file.download_as_bytearray()) == b"name\nBo\n"


async def test_a_promotion_is_told_to_the_bot(telegram: LocalTelegram, bot: Bot) -> None:
    telegram.people.change_bot(ADA, "member")
    update = (await bot.get_updates())[0].my_chat_member
    assert (update.old_chat_member.status, update.new_chat_member.status) == ("administrator", "member")
    assert update.from_user.id == ADA


async def test_waiting_for_what_never_comes_ends(telegram: LocalTelegram) -> None:
    import asyncio

    with pytest.raises(asyncio.TimeoutError):
        await telegram.wait_for(lambda: False, 0.01)
