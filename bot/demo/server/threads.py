"""Which thread a message says that it belongs to. Pure."""

from __future__ import annotations

from bot.demo.server.chats import Post, World


def root_of(world: World, post: Post) -> Post | None:
    """Return the service message that began the topic of a message: what Telegram says every message in it answers."""
    chat = world.chats[post.chat_id]
    if not chat.is_forum or post.topic_id is None or post.topic_id == post.message_id:
        return None
    return chat.posts.get(post.topic_id)


def thread_of(world: World, post: Post) -> int | None:
    """Return ``message_thread_id``: the topic, or outside of topics the first message of a chain of replies.

    The latter names no topic: a bot that sends it back is refused.
    """
    chat = world.chats[post.chat_id]
    if chat.is_forum and post.topic_id is not None:
        return post.topic_id
    if not chat.is_group or post.reply_to is None or post.receiver_id is not None:
        return None
    first = post.reply_to
    while first.reply_to is not None:
        first = first.reply_to
    return first.message_id or None
