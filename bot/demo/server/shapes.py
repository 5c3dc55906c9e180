"""The Bot API's objects: how chats, people and messages look on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.demo.server import threads
from bot.demo.server.chats import Chat, Json, Post, World
from bot.demo.server.personas import Persona, user_json

ADMIN_RIGHTS = (
    "can_manage_chat", "can_delete_messages", "can_manage_video_chats", "can_restrict_members",
    "can_promote_members", "can_change_info", "can_invite_users", "can_post_stories", "can_edit_stories",
    "can_delete_stories", "can_send_welcome_messages", "can_pin_messages", "can_manage_topics", "can_manage_tags",
)  # fmt: skip
# What a lab gives its bot.
BOT_RIGHTS = frozenset(
    {"can_manage_chat", "can_delete_messages", "can_invite_users", "can_pin_messages", "can_manage_tags"}
)


def unix(moment: datetime) -> int:
    """Return the Bot API's way to write a time."""
    return int(moment.timestamp())


def user(world: World, user_id: int) -> Json:
    """Return a User, the bot included."""
    if user_id == world.bot_id:
        return {key: world.bot[key] for key in ("id", "is_bot", "first_name", "username")}
    return user_json(world.personas[user_id])


def chat(world: World, where: Chat) -> Json:
    """Return a Chat."""
    if where.person_id is None:
        forum = {"is_forum": True} if where.is_forum else {}
        return {"id": where.chat_id, "type": "supergroup", "title": where.title, **forum}
    person = user_json(world.personas[where.person_id])
    names: Json = {key: person[key] for key in ("first_name", "last_name", "username") if key in person}
    return {"id": where.chat_id, "type": "private", **names}


def full_chat(world: World, where: Chat) -> Json:
    """Return a ChatFullInfo."""
    full = {
        **chat(world, where),
        "accent_color_id": abs(where.chat_id) % 7,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(
            ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"),
            False,
        ),
    }
    if where.is_group:
        full["permissions"] = {"can_send_messages": True, "can_send_photos": True, "can_send_documents": True,
                               "can_send_other_messages": True, "can_invite_users": True}  # fmt: skip
    if where.pinned:
        full["pinned_message"] = message(world, where.posts[where.pinned[-1]], with_reply=False)
    return full


def message(world: World, post: Post, *, with_reply: bool = True) -> Json:
    """Return a Message as a bot receives it.

    In a topic, what answers nothing answers the service message that began the topic.
    """
    where = world.chats[post.chat_id]
    shape: Json = {
        "message_id": post.message_id,
        "date": unix(post.date),
        "chat": chat(world, where),
        "from": user(world, post.sender_id),
    }
    if where.is_group and post.sender_id in world.tags:
        shape["sender_tag"] = world.tags[post.sender_id]
    if post.ephemeral_id is not None and post.receiver_id is not None:
        shape["ephemeral_message_id"] = post.ephemeral_id
        shape["receiver_user"] = user(world, post.receiver_id)
    thread = threads.thread_of(world, post)
    if thread is not None:
        shape["message_thread_id"] = thread
    if where.is_forum and post.topic_id is not None:
        shape["is_topic_message"] = True
    answered = post.reply_to or threads.root_of(world, post)
    if answered is not None and not answered.deleted and with_reply:
        shape["reply_to_message"] = message(world, answered, with_reply=False)
    if post.quote:
        shape["quote"] = {"text": post.quote, "position": 0, "is_manual": True}
    if post.edited is not None:
        shape["edit_date"] = unix(post.edited)
    if post.media_group_id:
        shape["media_group_id"] = post.media_group_id
    shape.update(post.content)
    if "pinned_message" in shape:
        pinned = shape["pinned_message"]
        shape["pinned_message"] = message(world, pinned, with_reply=False)
    if post.markup and "inline_keyboard" in post.markup:
        shape["reply_markup"] = post.markup
    return shape


def page_message(world: World, post: Post) -> Json:
    """Return a Message with what the page needs beside it."""
    replied = post.reply_to
    shape = message(world, post, with_reply=replied is not None)
    shape.pop("chat")
    return {
        **shape,
        "key": post.key,
        "order": post.order,
        "topic": post.topic_id,
        "reply_key": replied.key if replied is not None and not replied.deleted else None,
        "reactions": [{"user": who, "emoji": emoji} for who, all_ in post.reactions.items() for emoji in all_],
        "receiver": post.receiver_id,
        "replaces": post.replaces,
        "silent": post.silent,
    }


def page_topics(where: Chat) -> Json:
    """Return a chat's topics as the page shows them."""
    topics = [{"id": t.topic_id, "name": t.name, "colour": t.colour, "closed": t.closed} for t in where.topics.values()]
    return {"forum": where.is_forum, "topics": topics, "general_closed": where.general_closed}


def member(world: World, persona: Persona) -> Json:
    """Return the ChatMember of a person in the group."""
    shape: Json = {"user": user_json(persona)}
    owner = next(world.admins(), None)
    if owner is not None and owner.telegram_id == persona.telegram_id:
        return {"status": "creator", **shape, "is_anonymous": False}
    if persona.group_admin:
        return {"status": "administrator", **shape, "can_be_edited": False, "is_anonymous": False,
                **dict.fromkeys(ADMIN_RIGHTS, True)}  # fmt: skip
    if persona.telegram_id in world.tags:
        shape["tag"] = world.tags[persona.telegram_id]
    return {"status": "member", **shape}


def bot_member(world: World) -> Json:
    """Return the ChatMember of the bot in the group."""
    shape: Json = {"status": world.bot_status, "user": user(world, world.bot_id)}
    if world.bot_status == "administrator":
        rights = {right: right in world.bot_rights for right in ADMIN_RIGHTS}
        shape.update(can_be_edited=False, is_anonymous=False, **rights)
    if world.bot_status == "kicked":
        shape["until_date"] = 0
    return shape


def member_updated(world: World, where: Chat, by: int, now: datetime, old: Json, new: Json) -> dict[str, Any]:
    """Return a ChatMemberUpdated."""
    return {
        "chat": chat(world, where),
        "from": user(world, by),
        "date": unix(now),
        "old_chat_member": old,
        "new_chat_member": new,
    }
