"""Sending: text, pictures, documents, albums, "typing"."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from bot.demo.server import shapes
from bot.demo.server.arguments import Arguments, whole
from bot.demo.server.chats import Chat, Json, Post
from bot.demo.server.core import Core
from bot.demo.server.detect import tidy
from bot.demo.server.entities import Formatted, utf16_length
from bot.demo.server.errors import bad_request
from bot.demo.server.files import Stored, Upload, document_json, photo_json
from bot.demo.server.html_reader import EntityError, parse_html
from bot.demo.server.markup import reply_markup
from bot.demo.server.methods import receivers
from bot.demo.server.topics import Whereto, topic_for_bot

MOST_TEXT, MOST_CAPTION = 4096, 1024
GENERAL = 1  # only sendChatAction takes General by a number
ACTIONS = frozenset({
    "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "upload_document",
    "choose_sticker", "find_location", "record_video_note", "upload_video_note",
})  # fmt: skip


def checked_entities(entities: list[Json]) -> tuple[Json, ...]:
    """Return entities that a bot gave itself, without those that mean nothing."""
    for entity in entities:
        if not isinstance(entity.get("type"), str):
            raise bad_request("can't parse MessageEntity: Can't find field \"type\"")
        for field in ("offset", "length"):
            if not isinstance(entity.get(field), int) or isinstance(entity[field], bool):
                raise bad_request(f'can\'t parse MessageEntity: Field "{field}" must be of type Number')
    return tuple(entity for entity in entities if entity["offset"] >= 0 and entity["length"] > 0)


def formatted(core: Core, source: str, parse_mode: str, entities: list[Json]) -> Formatted:
    """Parse a text as the bot meant it."""
    mode = parse_mode.lower()
    if mode in ("", "none"):
        return tidy(Formatted(source, checked_entities(entities)))
    if mode != "html":
        # MarkdownV2 is left out on purpose: junzi writes HTML, and half a parser would pass what Telegram refuses.
        raise bad_request("unsupported parse_mode")
    try:
        message = parse_html(source)
    except EntityError as error:
        raise bad_request(f"can't parse entities: {error}") from None
    known = []
    for entity in message.entities:
        if entity["type"] == "text_mention":
            if entity["user"]["id"] not in core.world.personas:
                continue  # a mention of a stranger is plain text
            entity = {**entity, "user": shapes.user(core.world, entity["user"]["id"])}
        known.append(entity)
    return tidy(Formatted(message.text, tuple(known)))


def text_content(core: Core, args: Arguments) -> Json:
    """Return the content of a text message, with Telegram's limits."""
    source = args.text("text")
    if not source:
        raise bad_request("message text is empty")
    message = formatted(core, source, args.text("parse_mode"), args.objects("entities", "MessageEntity"))
    if not message.text:
        raise bad_request("text must be non-empty")
    if utf16_length(message.text) > MOST_TEXT:
        raise bad_request("message is too long")
    content: Json = {"text": message.text}
    if message.entities:
        content["entities"] = list(message.entities)
    options = args.object("link_preview_options", "link preview options")
    if options:
        content["link_preview_options"] = options
    return content


def caption_content(core: Core, args: Arguments) -> Json:
    """Return the caption fields of a message with a picture or file."""
    entities = args.objects("caption_entities", "MessageEntity")
    message = formatted(core, args.text("caption"), args.text("parse_mode"), entities)
    if utf16_length(message.text) > MOST_CAPTION:
        raise bad_request("message caption is too long")
    content: Json = {}
    if message.text:
        content["caption"] = message.text
    if message.entities:
        content["caption_entities"] = list(message.entities)
    if args.flag("show_caption_above_media"):
        content["show_caption_above_media"] = True
    if args.flag("has_spoiler"):
        content["has_media_spoiler"] = True
    return content


def media_content(core: Core, value: Upload | str | None, kind: str) -> Json:
    """Return the picture or document fields; a file_id sends what was sent before."""
    if value is None:
        raise bad_request(f"there is no {kind} in the request")
    if isinstance(value, Upload):
        stored = core.files.add_photo(value) if kind == "photo" else core.files.add_document(value)
        return photo_json(stored) if kind == "photo" else document_json(stored)
    known: Stored | None = core.files.by_id.get(value)
    if known is None:
        raise bad_request(
            "failed to get HTTP URL content" if "://" in value else "wrong file identifier/HTTP URL specified"
        )
    if known.is_photo != (kind == "photo"):
        wanted, got = ("Photo", "Document") if kind == "photo" else ("Document", "Photo")
        raise bad_request(f"can't use file of type {got} as {wanted}")
    return photo_json(known) if kind == "photo" else document_json(known)


@dataclass(frozen=True)
class Reply:
    """What a message answers."""

    post: Post | None = None
    quote: str | None = None


def reply_of(core: Core, args: Arguments, chat: Chat) -> Reply:
    """Return the message that ``reply_parameters`` (or the older parameter) names."""
    parameters = args.object("reply_parameters", "reply parameters")
    ephemeral_id = whole(parameters.get("ephemeral_message_id"))
    if ephemeral_id and core.knows("ephemeral"):
        found = chat.ephemeral.get(ephemeral_id)
    else:
        wanted = whole(parameters.get("message_id")) or args.integer("reply_to_message_id")
        if not wanted:
            return Reply()
        found = chat.posts.get(wanted)
    lenient = parameters.get("allow_sending_without_reply") or args.flag("allow_sending_without_reply")
    if found is None and not lenient:
        raise bad_request("message to be replied not found")
    quote = parameters.get("quote")
    return Reply(found, quote if isinstance(quote, str) else None)


def deliver(core: Core, args: Arguments, contents: list[Json], markup: Json | None = None) -> list[Post]:
    """Check the chat, the reply, the receiver and the flood limits, then send."""
    chat = core.target(args)
    reply = reply_of(core, args, chat)
    topic_id = topic_for_bot(core, chat, Whereto(args.integer("message_thread_id"), reply.post))
    receiver = receivers.receiver_of(core, args, chat)
    core.count(chat, len(contents))
    album = str(secrets.randbits(60)) if len(contents) > 1 else None
    posts = []
    for content in contents:
        post = Post(chat.chat_id, 0, core.world.bot_id, core.now(), content, topic_id=topic_id, reply_to=reply.post,
                    quote=reply.quote, markup=markup, media_group_id=album,
                    silent=args.flag("disable_notification"))  # fmt: skip
        if receiver is not None:
            post.receiver_id, post.replaces = receiver.person_id, receiver.replaces
        posts.append(core.place(post))
    return posts


def send_message(core: Core, args: Arguments) -> Json:
    """Send a text."""
    content = text_content(core, args)
    return shapes.message(core.world, deliver(core, args, [content], reply_markup(args))[0])


def send_photo(core: Core, args: Arguments) -> Json:
    """Send a picture."""
    return _send_media(core, args, "photo")


def send_document(core: Core, args: Arguments) -> Json:
    """Send a file."""
    return _send_media(core, args, "document")


def _send_media(core: Core, args: Arguments, kind: str) -> Json:
    caption, markup = caption_content(core, args), reply_markup(args)
    core.target(args)
    content = {**media_content(core, args.upload(kind), kind), **caption}
    return shapes.message(core.world, deliver(core, args, [content], markup)[0])


def input_media(core: Core, args: Arguments, media: Any) -> Json:
    """Return the content of an InputMedia: the file and its caption."""
    if not isinstance(media, dict) or media.get("type") not in ("photo", "document"):
        raise bad_request("can't parse InputMedia: type must be photo or document")
    caption = caption_content(core, Arguments(media))
    return {**media_content(core, args.attached(str(media.get("media", ""))), media["type"]), **caption}


def send_media_group(core: Core, args: Arguments) -> list[Json]:
    """Send an album of 2 to 10 pictures, or as many documents."""
    media = args.json("media", "media")
    if not isinstance(media, list):
        raise bad_request("expected an Array of InputMedia")
    if not 2 <= len(media) <= 10:
        raise bad_request(f"too {'few' if len(media) < 2 else 'many'} media to send as an album")
    contents = [input_media(core, args, item) for item in media]
    if len({"photo" in content for content in contents}) > 1:
        raise bad_request("document can't be mixed with other media types")
    return [shapes.message(core.world, post) for post in deliver(core, args, contents)]


def send_chat_action(core: Core, args: Arguments) -> bool:
    """Show "typing" for five seconds or until a message arrives; in a topic that is gone nobody sees it."""
    action = args.text("action")
    if action not in ACTIONS:
        raise bad_request("wrong parameter action in request")
    chat = core.target(args)
    topic = args.integer("message_thread_id") or None
    topic = None if topic == GENERAL else topic
    if topic is None or topic in chat.topics:
        core.live.publish({"kind": "typing", "chat": chat.chat_id, "topic": topic, "action": action})
    return True


def send_message_draft(core: Core, args: Arguments) -> bool:
    """Show a text that still grows, in a private chat, for 30 seconds or until a message arrives."""
    chat = core.target(args)
    if chat.is_group:
        raise bad_request("method is available only for private chats")
    if not args.integer("draft_id"):
        raise bad_request("draft_id must be non-zero")
    message = formatted(core, args.text("text"), args.text("parse_mode"), args.objects("entities", "MessageEntity"))
    if utf16_length(message.text) > MOST_TEXT:
        raise bad_request("message is too long")
    core.live.publish({"kind": "draft", "chat": chat.chat_id, "draft": args.integer("draft_id"),
                       "text": message.text, "entities": list(message.entities)})  # fmt: skip
    return True


METHODS = {
    "sendMessageDraft": send_message_draft,
    "sendMessage": send_message,
    "sendPhoto": send_photo,
    "sendDocument": send_document,
    "sendMediaGroup": send_media_group,
    "sendChatAction": send_chat_action,
}
