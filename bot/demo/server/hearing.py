"""What the bot hears of the group: privacy mode hides what isn't meant for it. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from bot.demo.server.chats import Json, Post, World
from bot.demo.server.entities import utf16_slice


def hears(world: World, post: Post) -> bool:
    """Tell whether the bot gets this message."""
    if not world.chats[post.chat_id].is_group or post.receiver_id is not None:
        return True
    if world.bot_status in ("left", "kicked"):
        return False
    if post.is_service or world.reads_everything or world.bot_status == "administrator":
        return True
    if post.reply_to is not None and post.reply_to.sender_id == world.bot_id:
        return True
    return any(_means_bot(world, kind, word) for kind, word in _marked(post.content))


def _means_bot(world: World, kind: str, word: str) -> bool:
    name = world.bot["username"].lower()
    if kind == "mention":
        return bool(word.lower() == f"@{name}")
    return kind == "bot_command" and word.lower().partition("@")[2] in ("", name)


def _marked(content: Json) -> Iterator[tuple[str, str]]:
    """Yield the kind and the words of each entity."""
    text = content.get("text") or content.get("caption") or ""
    for entity in content.get("entities") or content.get("caption_entities") or ():
        yield entity["type"], utf16_slice(text, entity["offset"], entity["length"])
