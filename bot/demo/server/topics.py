"""The topics of a forum group: which exist, and where a message lands. Telegram's rules, as far as a bot meets them.

A topic's number is that of the service message that began it. General has none: a call that names it, as 1, is refused.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.demo.server.chats import Chat, Post, Topic
from bot.demo.server.core import Core
from bot.demo.server.errors import bad_request

COLOURS = (0x6FB9F0, 0xFFD67E, 0xCB86DB, 0x8EEE98, 0xFF93B2, 0xFB6F5F)
MOST_NAME = 128


@dataclass(frozen=True)
class Whereto:
    """Where a bot wants to write: the topic it names, and the message it answers."""

    wanted: int = 0
    reply: Post | None = None


def topic_for_bot(core: Core, chat: Chat, whereto: Whereto) -> int | None:
    """Return the topic a bot's message lands in, None for General and for chats without topics.

    A reply lands beside what it answers, unless the call names a topic of its own.
    """
    if whereto.wanted and not (chat.is_forum and whereto.wanted in chat.topics):
        raise bad_request("message thread not found")
    if not chat.is_forum:
        return None
    number = whereto.wanted or (whereto.reply.topic_id if whereto.reply is not None else None)
    if is_closed(chat, number) and not core.may("can_manage_topics"):
        raise bad_request("TOPIC_CLOSED")
    return number


def is_closed(chat: Chat, topic_id: int | None) -> bool:
    """Tell whether only administrators may write there. A topic that was deleted takes its messages with it."""
    if topic_id is None:
        return chat.general_closed
    topic = chat.topics.get(topic_id)
    return topic is not None and topic.closed


def begin(core: Core, by: int, name: str, colour: int = 0) -> Topic:
    """Begin a topic in the group, with the service message that gives it its number."""
    chat = core.world.group
    colour = colour or COLOURS[len(chat.topics) % len(COLOURS)]
    note = Post(chat.chat_id, 0, by, core.now(), {"forum_topic_created": {"name": name, "icon_color": colour}})
    core.world.place(note)
    note.topic_id = note.message_id
    topic = Topic(note.message_id, name, colour)
    chat.topics[topic.topic_id] = topic
    core.show_topics(chat)
    core.show(note, "post")
    core.hear(note)
    return topic


def close(core: Core, by: int, topic: Topic, *, closed: bool = True) -> None:
    """Close a topic, or open it again; a service message in it says so."""
    if topic.closed == closed:
        return
    topic.closed = closed
    kind = "forum_topic_closed" if closed else "forum_topic_reopened"
    chat = core.world.group
    note = Post(chat.chat_id, 0, by, core.now(), {kind: {}}, topic_id=topic.topic_id)
    core.show_topics(chat)
    core.place(note)
    core.hear(note)


def delete(core: Core, topic: Topic) -> None:
    """Delete a topic with everything in it; nobody is told."""
    chat = core.world.group
    for post in [post for post in chat.history() if post.topic_id == topic.topic_id]:
        core.remove(post)
    chat.topics.pop(topic.topic_id, None)
    core.show_topics(chat)
