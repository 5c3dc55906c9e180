"""Pins, reactions and member tags."""

from __future__ import annotations

import re

from bot.demo.server import shapes
from bot.demo.server.arguments import Arguments
from bot.demo.server.chats import Chat, Post
from bot.demo.server.core import Core
from bot.demo.server.entities import utf16_length
from bot.demo.server.errors import bad_request

# The emoji every chat may use; a bot picks one of them.
REACTIONS = frozenset(
    (
        "👍 👎 ❤ 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 "
        "🕊 🤡 🥱 🥴 😍 🐳 ❤‍🔥 🌚 🌭 💯 🤣 ⚡ 🍌 🏆 💔 🤨 😐 🍓 "
        "🍾 💋 🖕 😈 😴 😭 🤓 👻 👨‍💻 👀 🎃 🙈 😇 😨 🤝 ✍ 🤗 🫡 "
        "🎅 🎄 ☃ 💅 🤪 🗿 🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 🤷‍♂ 🤷 🤷‍♀ "
        "😡 "
    ).split()
)
EMOJI = re.compile("[\U0001f000-\U0001faff☀-➿⬀-⯿\U0001f1e6-\U0001f1ff️]")
MOST_TAG = 16


def _pinnable(core: Core, args: Arguments, chat: Chat, words: str) -> Post:
    if chat.is_group and not core.may("can_pin_messages"):
        raise bad_request("not enough rights to manage pinned messages in the chat")
    post = chat.posts.get(args.integer("message_id"))
    if post is None:
        raise bad_request(words)
    return post


def pin_chat_message(core: Core, args: Arguments) -> bool:
    """Pin a message; Telegram notes it in the chat."""
    chat = core.target(args)
    post = _pinnable(core, args, chat, "message to pin not found")
    if post.message_id in chat.pinned:
        return True
    chat.pinned.append(post.message_id)
    note = Post(chat.chat_id, 0, core.world.bot_id, core.now(), {"pinned_message": post},
                topic_id=post.topic_id, silent=args.flag("disable_notification"))  # fmt: skip
    core.place(note)
    core.show_pins(chat)
    return True


def unpin_chat_message(core: Core, args: Arguments) -> bool:
    """Unpin a message, by default the latest pinned one."""
    chat = core.target(args)
    if not args.integer("message_id"):
        if chat.is_group and not core.may("can_pin_messages"):
            raise bad_request("not enough rights to manage pinned messages in the chat")
        if not chat.pinned:
            raise bad_request("message to unpin not found")
        chat.pinned.pop()
    else:
        post = _pinnable(core, args, chat, "message to unpin not found")
        if post.message_id not in chat.pinned:
            raise bad_request("message to unpin not found")
        chat.pinned.remove(post.message_id)
    core.show_pins(chat)
    return True


def unpin_all_chat_messages(core: Core, args: Arguments) -> bool:
    """Unpin everything."""
    chat = core.target(args)
    if chat.is_group and not core.may("can_pin_messages"):
        raise bad_request("not enough rights to manage pinned messages in the chat")
    chat.pinned.clear()
    core.show_pins(chat)
    return True


def set_message_reaction(core: Core, args: Arguments) -> bool:
    """React with one standard emoji, or with none."""
    wanted = args.objects("reaction", "ReactionType")
    emoji = [str(item.get("emoji", "")).replace("\ufe0f", "") for item in wanted]
    chat = core.target(args)
    post = chat.posts.get(args.integer("message_id"))
    if post is None:
        raise bad_request("message to react not found")
    if any(one not in REACTIONS for one in emoji):
        raise bad_request("REACTION_INVALID")
    if len(emoji) > 1:
        raise bad_request("REACTIONS_TOO_MANY")
    post.reactions.pop(core.world.bot_id, None)
    if emoji:
        post.reactions[core.world.bot_id] = emoji
    core.show(post, "edit")
    return True


def set_chat_member_tag(core: Core, args: Arguments) -> bool:
    """Write a few words beside the name of an ordinary member."""
    chat = core.target(args)
    if not chat.is_group:
        raise bad_request("method is available only for groups and supergroups")
    persona = core.world.personas.get(args.integer("user_id"))
    if persona is None:
        raise bad_request("user not found")
    if not core.may("can_manage_tags"):
        raise bad_request("CHAT_ADMIN_REQUIRED")
    tag = args.text("tag")
    if utf16_length(tag) > MOST_TAG:
        raise bad_request("TAG_INVALID")
    if EMOJI.search(tag):
        raise bad_request("TAG_EMOJI_NOT_ALLOWED")
    if persona.group_admin:
        raise bad_request("user is an administrator of the chat")
    old = shapes.member(core.world, persona)
    if tag:
        core.world.tags[persona.telegram_id] = tag
    else:
        core.world.tags.pop(persona.telegram_id, None)
    core.live.publish({"kind": "tags", "tags": {str(key): value for key, value in core.world.tags.items()}})
    core.update("chat_member", shapes.member_updated(
        core.world, chat, core.world.bot_id, core.now(), old, shapes.member(core.world, persona)))  # fmt: skip
    return True


METHODS = {
    "pinChatMessage": pin_chat_message,
    "unpinChatMessage": unpin_chat_message,
    "unpinAllChatMessages": unpin_all_chat_messages,
    "setMessageReaction": set_message_reaction,
    "setChatMemberTag": set_chat_member_tag,
}
