"""Changing what was sent: edits, deletions, and the answer to a pressed button."""

from __future__ import annotations

from datetime import timedelta

from bot.demo.server import shapes
from bot.demo.server.arguments import Arguments, whole
from bot.demo.server.chats import Chat, Json, Post
from bot.demo.server.core import Core
from bot.demo.server.entities import utf16_length
from bot.demo.server.errors import bad_request
from bot.demo.server.markup import reply_markup
from bot.demo.server.methods import rich_messages
from bot.demo.server.methods.sending import caption_content, input_media, text_content

ANSWER_SECONDS = 60.0
DELETABLE_FOR = timedelta(hours=48)
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current "
    "content and reply markup of the message"
)
CAPTION = ("caption", "caption_entities", "show_caption_above_media", "has_media_spoiler")


def editable(core: Core, args: Arguments) -> Post:
    """Return the bot's own message that a call wants to change."""
    chat = core.target(args)
    post = chat.posts.get(args.integer("message_id"))
    if post is None:
        raise bad_request("message to edit not found")
    if post.sender_id != core.world.bot_id or post.is_service:
        raise bad_request("message can't be edited")
    return post


def change(core: Core, post: Post, content: Json, markup: Json | None) -> Json:
    """Put new content into a message, unless nothing would change."""
    if content == post.content and markup == post.markup:
        raise bad_request(NOT_MODIFIED)
    core.count(core.world.chats[post.chat_id])
    if content != post.content:
        post.edited = core.now()  # a change of buttons alone shows no "edited"
    post.content, post.markup = content, markup
    core.show(post, "edit")
    return shapes.message(core.world, post)


def edit_message_text(core: Core, args: Arguments) -> Json:
    """Change the text; without ``reply_markup`` the buttons go."""
    return change_text(core, args, lambda: editable(core, args))


def change_text(core: Core, args: Arguments, find: rich_messages.Finder) -> Json:
    """Change the text of an ordinary, rich or ephemeral message."""
    rich = rich_messages.content_of(core, args)
    content = rich if rich is not None else text_content(core, args)
    markup = reply_markup(args)
    post = find()
    if "text" not in post.content and "rich_message" not in post.content:
        raise bad_request("there is no text in the message to edit")
    return change(core, post, content, markup)


def edit_message_caption(core: Core, args: Arguments) -> Json:
    """Change the words under a picture or file."""
    return change_caption(core, args, lambda: editable(core, args))


def change_caption(core: Core, args: Arguments, find: rich_messages.Finder) -> Json:
    """Change the caption of an ordinary or ephemeral message."""
    caption, markup = caption_content(core, args), reply_markup(args)
    post = find()
    if "photo" not in post.content and "document" not in post.content:
        raise bad_request("there is no caption in the message to edit")
    kept = {key: value for key, value in post.content.items() if key not in CAPTION}
    return change(core, post, {**kept, **caption}, markup)


def edit_message_media(core: Core, args: Arguments) -> Json:
    """Put another picture or file into a message."""
    return change_media(core, args, lambda: editable(core, args))


def change_media(core: Core, args: Arguments, find: rich_messages.Finder) -> Json:
    """Change the media of an ordinary or ephemeral message."""
    markup = reply_markup(args)
    post = find()
    content = input_media(core, args, args.json("media", "input media"))
    return change(core, post, content, markup)


def edit_message_reply_markup(core: Core, args: Arguments) -> Json:
    """Change only the buttons."""
    markup = reply_markup(args)
    post = editable(core, args)
    return change(core, post, post.content, markup)


def deletable(core: Core, chat: Chat, post: Post) -> bool:
    """Tell whether the bot may delete a message."""
    if chat.is_group and core.may("can_delete_messages"):
        return True
    if core.now() - post.date > DELETABLE_FOR:
        return False
    return not chat.is_group or post.sender_id == core.world.bot_id


def delete_message(core: Core, args: Arguments) -> bool:
    """Delete one message."""
    chat = core.target(args)
    post = chat.posts.get(args.integer("message_id"))
    if post is None:
        raise bad_request("message to delete not found")
    if not deletable(core, chat, post):
        raise bad_request("message can't be deleted")
    core.remove(post)
    return True


def delete_messages(core: Core, args: Arguments) -> bool:
    """Delete up to a hundred messages; those that are gone are skipped."""
    numbers = args.json("message_ids", "message identifiers")
    if not isinstance(numbers, list) or not numbers:
        raise bad_request("message identifiers are not specified")
    if len(numbers) > 100:
        raise bad_request("too many message identifiers specified")
    chat = core.target(args)
    wanted = [whole(number) for number in numbers]
    for post in [chat.posts[number] for number in dict.fromkeys(wanted) if number in chat.posts]:
        if deletable(core, chat, post):
            core.remove(post)
    return True


def answer_callback_query(core: Core, args: Arguments) -> bool:
    """Answer a pressed button, once and within a minute."""
    query = core.queries.get(args.text("callback_query_id"))
    if query is None or query.answer is not None or core.seconds_since(query.at) > ANSWER_SECONDS:
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    if utf16_length(args.text("text")) > 200:
        raise bad_request("MESSAGE_TOO_LONG")
    query.answer = {"text": args.text("text"), "show_alert": args.flag("show_alert"), "url": args.text("url")}
    core.live.publish({"kind": "answer", "query": query.query_id, "person": query.person_id, **query.answer})
    return True


METHODS = {
    "editMessageText": edit_message_text,
    "editMessageCaption": edit_message_caption,
    "editMessageMedia": edit_message_media,
    "editMessageReplyMarkup": edit_message_reply_markup,
    "deleteMessage": delete_message,
    "deleteMessages": delete_messages,
    "answerCallbackQuery": answer_callback_query,
}
