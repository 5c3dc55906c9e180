"""The group: members, pins, reactions, tags, and the command menu."""

from __future__ import annotations

import pytest
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    BotCommandScopeChatAdministrators,
    BotCommandScopeChatMember,
)
from telegram.error import BadRequest

from bot.demo.server import LocalTelegram
from bot.demo.server.command_menu import effective
from tests.demo.conftest import ADA, BO, Serve


async def test_who_is_who(telegram: LocalTelegram, bot: Bot) -> None:
    group = telegram.group_id
    assert (await bot.get_chat_member(group, ADA)).status == "creator"
    assert (await bot.get_chat_member(group, BO)).status == "member"
    itself = await bot.get_chat_member(group, telegram.core.world.bot_id)
    assert (itself.status, itself.can_pin_messages, itself.can_promote_members) == ("administrator", True, False)
    assert {member.user.id for member in await bot.get_chat_administrators(group)} == {ADA, telegram.core.world.bot_id}
    assert await bot.get_chat_member_count(group) == 4
    with pytest.raises(BadRequest, match="Member not found"):
        await bot.get_chat_member(group, 999)


async def test_a_chat_tells_its_pinned_message(telegram: LocalTelegram, bot: Bot) -> None:
    board = await bot.send_message(telegram.group_id, "board")
    assert await bot.pin_chat_message(telegram.group_id, board.message_id)
    chat = await bot.get_chat(telegram.group_id)
    assert (chat.title, chat.pinned_message.text) == ("Lab 302", "board")
    assert "pinned_message" in telegram.messages(telegram.group_id)[-1]
    await bot.unpin_chat_message(telegram.group_id)
    assert (await bot.get_chat(telegram.group_id)).pinned_message is None
    with pytest.raises(BadRequest, match="Message to unpin not found"):
        await bot.unpin_chat_message(telegram.group_id, board.message_id)
    with pytest.raises(BadRequest, match="Message to pin not found"):
        await bot.pin_chat_message(telegram.group_id, 9999)


async def test_pinning_in_the_group_needs_the_right(serve: Serve) -> None:
    async with serve(bot_is_admin=False) as (server, bot):
        board = await bot.send_message(server.group_id, "board")
        with pytest.raises(BadRequest, match="Not enough rights to manage pinned messages in the chat"):
            await bot.pin_chat_message(server.group_id, board.message_id)


async def test_a_reaction_is_one_standard_emoji(telegram: LocalTelegram, bot: Bot) -> None:
    message = await telegram.say(BO, telegram.group_id, "I take gpu0")
    await bot.set_message_reaction(telegram.group_id, message["message_id"], "👀")
    await bot.set_message_reaction(telegram.group_id, message["message_id"], "👌")
    post = telegram.core.world.group.posts[message["message_id"]]
    assert post.reactions == {telegram.core.world.bot_id: ["👌"]}
    with pytest.raises(BadRequest, match="Reaction_invalid"):
        await bot.set_message_reaction(telegram.group_id, message["message_id"], "🐼")
    with pytest.raises(BadRequest, match="Reactions_too_many"):
        await bot.set_message_reaction(telegram.group_id, message["message_id"], ["👀", "👌"])
    with pytest.raises(BadRequest, match="Message to react not found"):
        await bot.set_message_reaction(telegram.group_id, 9999, "👀")


async def test_a_tag_stands_beside_the_name_of_an_ordinary_member(telegram: LocalTelegram, bot: Bot) -> None:
    await bot.set_chat_member_tag(telegram.group_id, BO, "gpu0 周五18:00")
    assert (await telegram.say(BO, telegram.group_id, "hi"))["sender_tag"] == "gpu0 周五18:00"
    with pytest.raises(BadRequest, match="Tag_invalid"):
        await bot.set_chat_member_tag(telegram.group_id, BO, "x" * 17)
    with pytest.raises(BadRequest, match="Tag_emoji_not_allowed"):
        await bot.set_chat_member_tag(telegram.group_id, BO, "gpu0 🔥")
    with pytest.raises(BadRequest, match="User is an administrator of the chat"):
        await bot.set_chat_member_tag(telegram.group_id, ADA, "boss")
    await bot.set_chat_member_tag(telegram.group_id, BO)
    assert "sender_tag" not in await telegram.say(BO, telegram.group_id, "hi")


async def test_tags_need_an_administrator(serve: Serve) -> None:
    async with serve(bot_is_admin=False) as (server, bot):
        with pytest.raises(BadRequest, match="Chat_admin_required"):
            await bot.set_chat_member_tag(server.group_id, BO, "gpu0")


def menu(telegram: LocalTelegram, person: int, chat: int) -> list[str]:
    world = telegram.core.world
    return [command["description"] for command in effective(telegram.core, world.chats[chat], world.personas[person])]


async def test_each_person_sees_the_narrowest_menu_in_their_language(telegram: LocalTelegram, bot: Bot) -> None:
    group = telegram.group_id
    for words, scope, language in (
        ("default", None, None),
        ("private", BotCommandScopeAllPrivateChats(), None),
        ("private zh", BotCommandScopeAllPrivateChats(), "zh"),
        ("group", BotCommandScopeAllGroupChats(), None),
        ("admins", BotCommandScopeChatAdministrators(group), None),
    ):
        await bot.set_my_commands([BotCommand("gpus", words)], scope=scope, language_code=language)
    assert menu(telegram, ADA, ADA) == ["private"]
    assert menu(telegram, BO, BO) == ["private zh"]
    assert menu(telegram, ADA, group) == ["admins"]
    assert menu(telegram, BO, group) == ["group"]
    await bot.set_my_commands([BotCommand("gpus", "Bo")], scope=BotCommandScopeChatMember(group, BO))
    assert menu(telegram, BO, group) == ["Bo"]
    await bot.delete_my_commands(scope=BotCommandScopeChatMember(group, BO))
    assert menu(telegram, BO, group) == ["group"]
    stored = await bot.get_my_commands(scope=BotCommandScopeAllPrivateChats(), language_code="zh")
    assert [command.description for command in stored] == ["private zh"]


@pytest.mark.parametrize(
    ("command", "description", "words"),
    [
        ("", "x", "Command must be non-empty"),
        ("a" * 33, "x", "Command length must not exceed 32"),
        ("Gpus", "x", "Bot_command_invalid"),
        ("gpus", "", "Command description must be non-empty"),
        ("gpus", "x" * 257, "Command description length must not exceed 256"),
    ],
)
async def test_commands_have_a_form(bot: Bot, command: str, description: str, words: str) -> None:
    with pytest.raises(BadRequest, match=words):
        await bot.set_my_commands([(command, description)])


async def test_there_are_at_most_100_commands_for_known_chats_and_languages(bot: Bot) -> None:
    with pytest.raises(BadRequest, match="Bot_commands_too_much"):
        await bot.set_my_commands([(f"c{number}", "x") for number in range(101)])
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.set_my_commands([("gpus", "x")], scope=BotCommandScopeChat(4711))
    with pytest.raises(BadRequest, match="Invalid language code specified"):
        await bot.set_my_commands([("gpus", "x")], language_code="zh-hans")
