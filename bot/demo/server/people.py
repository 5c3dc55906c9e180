"""What people do in the chats, and which of it the bot hears."""

from __future__ import annotations

import re
import secrets

from bot.demo.server import command_menu, hearing, shapes, topics
from bot.demo.server.chats import Chat, Json, Post, Topic
from bot.demo.server.core import Core, Query
from bot.demo.server.detect import tidy
from bot.demo.server.entities import Formatted, utf16_length
from bot.demo.server.files import Upload, document_json, image_size, photo_json
from bot.demo.server.markup import buttons
from bot.demo.server.rich_walk import rich_buttons

PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}")


class NotPossible(ValueError):
    """Something Telegram's app would not let this person do."""


class People:
    """The doorway for personas; the page and the tests act through it."""

    def __init__(self, core: Core) -> None:
        """Act on this state."""
        self.core = core
        self.world = core.world

    def say(self, person_id: int, chat_id: int, text: str, reply_to: int | None = None,
            topic: int | None = None) -> Post:  # fmt: skip
        """Send a text message; in a forum to a topic, a reply to that of what it answers."""
        message = tidy(Formatted(text))
        if not message.text:
            raise NotPossible("an empty message")
        if utf16_length(message.text) > 4096:
            raise NotPossible("the app splits messages at 4096 characters")
        content: Json = {"text": message.text}
        if message.entities:
            content["entities"] = list(message.entities)
        return self._send(person_id, chat_id, content, reply_to, topic)

    def upload(self, person_id: int, chat_id: int, upload: Upload, caption: str = "",
               reply_to: int | None = None, topic: int | None = None) -> Post:  # fmt: skip
        """Send a file; a picture goes as a photo."""
        files = self.core.files
        is_photo = image_size(upload.data) is not None
        content = photo_json(files.add_photo(upload)) if is_photo else document_json(files.add_document(upload))
        message = tidy(Formatted(caption))
        if message.text:
            content["caption"] = message.text
        if message.entities:
            content["caption_entities"] = list(message.entities)
        return self._send(person_id, chat_id, content, reply_to, topic)

    def start(self, person_id: int, payload: str = "") -> Post:
        """Press Start, by itself or through a t.me link with a payload."""
        if payload and not PAYLOAD.fullmatch(payload):
            raise NotPossible("a payload is 1 to 64 of A-Z a-z 0-9 _ -")
        return self.say(person_id, person_id, f"/start {payload}".strip())

    def edit(self, person_id: int, chat_id: int, message_id: int, text: str) -> Post:
        """Change one's own text message."""
        post = self._post(person_id, chat_id, message_id)
        message = tidy(Formatted(text))
        if post.sender_id != person_id or "text" not in post.content or not message.text:
            raise NotPossible("only one's own text messages can be edited")
        if message.text == post.content["text"]:
            return post
        post.content = {"text": message.text}
        if message.entities:
            post.content["entities"] = list(message.entities)
        post.edited = self.core.now()
        self.core.show(post, "edit")
        if hearing.hears(self.world, post):
            self.core.update("edited_message", shapes.message(self.world, post))
        return post

    def delete(self, person_id: int, chat_id: int, key: str) -> None:
        """Delete a message, one's own or, in private, any; bots hear nothing of it."""
        chat = self._chat(person_id, chat_id)
        post = next((post for post in chat.history() if post.key == key), None)
        if post is None:
            return
        admin = self.world.personas[person_id].group_admin
        if not (post.sender_id == person_id or not chat.is_group or admin or post.receiver_id == person_id):
            raise NotPossible("somebody else's message")
        self.core.remove(post)

    def press(self, person_id: int, chat_id: int, key: str, wanted: str) -> Query | None:
        """Press an inline button, named by its data or its label; None for one that asks the bot nothing."""
        chat = self._chat(person_id, chat_id)
        post = next((post for post in chat.history() if post.key == str(key)), None)
        if post is None or post.receiver_id not in (None, person_id):
            raise NotPossible("the message is gone")
        all_buttons = [*buttons(post.markup), *rich_buttons(post.content)]
        labels = (b for b in all_buttons if wanted in (b.get("callback_data"), b.get("text")))
        button = next(labels, None)
        if button is None:
            raise NotPossible(f"no button {wanted!r}; there are {[b.get('text') for b in all_buttons]}")
        if "callback_data" not in button or "disabled" in button:
            return None
        self._forget_old_queries()
        query = Query(str(secrets.randbits(62)), person_id, post, self.core.now())
        self.core.queries[query.query_id] = query
        self.core.update("callback_query", {
            "id": query.query_id, "from": shapes.user(self.world, person_id),
            "message": shapes.message(self.world, post), "chat_instance": str(abs(chat_id) * 7919),
            "data": button["callback_data"],
        })  # fmt: skip
        return query

    def _forget_old_queries(self) -> None:
        """Drop what can't be answered any more; Telegram says the same of an old and of an unknown query."""
        queries = self.core.queries
        for key in [key for key, query in queries.items() if self.core.seconds_since(query.at) > 600]:
            del queries[key]

    def react(self, person_id: int, chat_id: int, message_id: int, emoji: str | None) -> Post:
        """Set or take back a reaction."""
        post = self._post(person_id, chat_id, message_id)
        old = [{"type": "emoji", "emoji": e} for e in post.reactions.pop(person_id, [])]
        if emoji:
            post.reactions[person_id] = [emoji]
        self.core.show(post, "edit")
        if self.world.chats[chat_id].is_group and self.world.bot_status != "administrator":
            return post  # reactions reach administrators only
        self.core.update("message_reaction", {
            "chat": shapes.chat(self.world, self.world.chats[chat_id]), "message_id": message_id,
            "user": shapes.user(self.world, person_id), "date": shapes.unix(self.core.now()),
            "old_reaction": old, "new_reaction": [{"type": "emoji", "emoji": emoji}] if emoji else [],
        })  # fmt: skip
        return post

    def block(self, person_id: int, *, blocked: bool = True) -> None:
        """Block the bot, or let it speak again."""
        chat = self.world.chats[person_id]
        if chat.blocked == blocked:
            return
        chat.blocked = blocked
        states = [{"status": "kicked" if state else "member", "user": shapes.user(self.world, self.world.bot_id)}
                  | ({"until_date": 0} if state else {}) for state in (not blocked, blocked)]  # fmt: skip
        self.core.update("my_chat_member", shapes.member_updated(
            self.world, chat, person_id, self.core.now(), states[0], states[1]))  # fmt: skip
        self.core.live.publish({"kind": "chat", "chat": person_id, "started": chat.started, "blocked": blocked})

    def change_bot(self, by: int, status: str, rights: set[str] | None = None) -> None:
        """Promote, demote, remove or add the bot in the group."""
        old = shapes.bot_member(self.world)
        self.world.bot_status = status
        self.world.bot_rights = set(shapes.BOT_RIGHTS if rights is None else rights)
        self.core.update("my_chat_member", shapes.member_updated(
            self.world, self.world.group, by, self.core.now(), old, shapes.bot_member(self.world)))  # fmt: skip

    def change_forum(self, *, is_forum: bool) -> None:
        """Turn the group's topics on or off, as its owner may; what was written in them stays."""
        if is_forum:
            self.world.open_forum()
        self.world.group.is_forum = is_forum
        self.core.show_topics(self.world.group)

    def begin_topic(self, person_id: int, name: str) -> Topic:
        """Begin a topic in the group."""
        if not self.world.group.is_forum:
            raise NotPossible("the group has no topics")
        return topics.begin(self.core, person_id, name)

    def close_general(self, *, closed: bool = True) -> None:
        """Close General, or open it again."""
        self.world.group.general_closed = closed
        self.core.show_topics(self.world.group)

    def close_topic(self, person_id: int, topic_id: int, *, closed: bool = True) -> None:
        """Close a topic, or open it again."""
        topics.close(self.core, person_id, self._topic(person_id, topic_id), closed=closed)

    def delete_topic(self, person_id: int, topic_id: int) -> None:
        """Delete a topic with its messages."""
        topics.delete(self.core, self._topic(person_id, topic_id))

    def _topic(self, person_id: int, topic_id: int) -> Topic:
        if not self.world.personas[person_id].group_admin:
            raise NotPossible("only an administrator of the group may")
        if topic_id not in self.world.group.topics:
            raise NotPossible("the topic is gone")
        return self.world.group.topics[topic_id]

    def _topic_of(self, person_id: int, chat: Chat, reply: Post | None, topic_id: int | None) -> int | None:
        if not chat.is_forum:
            return None
        number = topic_id if reply is None else reply.topic_id
        if number is not None and number not in chat.topics:
            raise NotPossible("the topic is gone")
        if topics.is_closed(chat, number) and not self.world.personas[person_id].group_admin:
            raise NotPossible("the topic is closed")
        return number

    def _send(
        self, person_id: int, chat_id: int, content: Json, reply_to: int | None, topic: int | None = None
    ) -> Post:
        chat = self._chat(person_id, chat_id)
        reply = chat.posts.get(reply_to or 0)
        topic_id = self._topic_of(person_id, chat, reply, topic)
        if chat.blocked:
            self.block(person_id, blocked=False)
        if not chat.is_group and not chat.started:
            chat.started = True
            self.core.live.publish({"kind": "chat", "chat": chat_id, "started": True, "blocked": False})
        post = Post(chat_id, 0, person_id, self.core.now(), content, topic_id=topic_id, reply_to=reply)
        if chat.is_group and self.core.knows("ephemeral") and self._is_ephemeral_command(person_id, content):
            post.receiver_id = person_id
        self.core.place(post)
        self.core.hear(post)
        return post

    def _is_ephemeral_command(self, person_id: int, content: Json) -> bool:
        """Tell whether this is a command that the menu marks as seen by the bot alone."""
        if not content.get("text", "").startswith("/"):
            return False
        name, _, addressee = content["text"].split()[0][1:].partition("@")
        if addressee.lower() not in ("", self.world.bot["username"].lower()):
            return False
        menu = command_menu.effective(self.core, self.world.group, self.world.personas[person_id])
        return any(command["command"] == name and command.get("is_ephemeral") for command in menu)

    def _chat(self, person_id: int, chat_id: int) -> Chat:
        if person_id not in self.world.personas:
            raise NotPossible(f"nobody has the id {person_id}")
        if chat_id not in (person_id, self.world.group.chat_id):
            raise NotPossible("somebody else's private chat")
        return self.world.chats[chat_id]

    def _post(self, person_id: int, chat_id: int, message_id: int) -> Post:
        post = self._chat(person_id, chat_id).posts.get(message_id)
        if post is None:
            raise NotPossible("the message is gone")
        return post
