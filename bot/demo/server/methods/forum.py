"""Topics of a forum group. Telegram's words are known for the first two refusals, guesses for the others."""

from __future__ import annotations

from bot.demo.server import topics
from bot.demo.server.arguments import Arguments
from bot.demo.server.chats import Json, Topic
from bot.demo.server.core import Core
from bot.demo.server.entities import utf16_length
from bot.demo.server.errors import bad_request


def _check(core: Core, args: Arguments) -> None:
    if not core.target(args).is_forum:
        raise bad_request("the chat is not a forum")
    if not core.may("can_manage_topics"):
        raise bad_request("not enough rights to create a topic")


def _topic(core: Core, args: Arguments) -> Topic:
    _check(core, args)
    topic = core.world.group.topics.get(args.integer("message_thread_id"))
    if topic is None:
        raise bad_request("TOPIC_ID_INVALID")
    return topic


def create_forum_topic(core: Core, args: Arguments) -> Json:
    """Begin a topic."""
    _check(core, args)
    if not 1 <= utf16_length(args.text("name")) <= topics.MOST_NAME:
        raise bad_request("topic name must be non-empty" if not args.text("name") else "topic name is too long")
    topic = topics.begin(core, core.world.bot_id, args.text("name"), args.integer("icon_color"))
    return {"message_thread_id": topic.topic_id, "name": topic.name, "icon_color": topic.colour}


def close_forum_topic(core: Core, args: Arguments) -> bool:
    """Close a topic: only administrators who manage topics may write there."""
    return _turn(core, args, closed=True)


def reopen_forum_topic(core: Core, args: Arguments) -> bool:
    """Open a closed topic."""
    return _turn(core, args, closed=False)


def _turn(core: Core, args: Arguments, *, closed: bool) -> bool:
    topic = _topic(core, args)
    if topic.closed == closed:
        raise bad_request("TOPIC_NOT_MODIFIED")
    topics.close(core, core.world.bot_id, topic, closed=closed)
    return True


def delete_forum_topic(core: Core, args: Arguments) -> bool:
    """Delete a topic with all its messages."""
    topics.delete(core, _topic(core, args))
    return True


METHODS = {
    "createForumTopic": create_forum_topic,
    "closeForumTopic": close_forum_topic,
    "reopenForumTopic": reopen_forum_topic,
    "deleteForumTopic": delete_forum_topic,
}
