"""Changing messages that one person alone sees (Bot API 10.2); unlike other edits, these answer True."""

from __future__ import annotations

from bot.demo.server.arguments import Arguments
from bot.demo.server.chats import Post
from bot.demo.server.core import Core
from bot.demo.server.errors import bad_request, method_not_found
from bot.demo.server.markup import reply_markup
from bot.demo.server.methods import changing


def _find(core: Core, args: Arguments) -> Post:
    """Return the bot's ephemeral message that a call names."""
    if not core.knows("ephemeral"):
        raise method_not_found()
    chat = core.target(args)
    post = chat.ephemeral.get(args.integer("ephemeral_message_id"))
    if post is None or post.receiver_id != args.integer("receiver_user_id"):
        raise bad_request("message to edit not found")
    if post.sender_id != core.world.bot_id:
        raise bad_request("message can't be edited")
    return post


def edit_text(core: Core, args: Arguments) -> bool:
    """Change the text."""
    _find(core, args)
    changing.change_text(core, args, lambda: _find(core, args))
    return True


def edit_caption(core: Core, args: Arguments) -> bool:
    """Change the caption."""
    _find(core, args)
    changing.change_caption(core, args, lambda: _find(core, args))
    return True


def edit_media(core: Core, args: Arguments) -> bool:
    """Change the picture or file."""
    _find(core, args)
    changing.change_media(core, args, lambda: _find(core, args))
    return True


def edit_markup(core: Core, args: Arguments) -> bool:
    """Change the buttons."""
    post = _find(core, args)
    changing.change(core, post, post.content, reply_markup(args))
    return True


def delete(core: Core, args: Arguments) -> bool:
    """Delete the message, or the command it answered."""
    if not core.knows("ephemeral"):
        raise method_not_found()
    post = core.target(args).ephemeral.get(args.integer("ephemeral_message_id"))
    if post is None or post.receiver_id != args.integer("receiver_user_id"):
        raise bad_request("message to delete not found")
    core.remove(post)
    return True


METHODS = {
    "editEphemeralMessageText": edit_text,
    "editEphemeralMessageCaption": edit_caption,
    "editEphemeralMessageMedia": edit_media,
    "editEphemeralMessageReplyMarkup": edit_markup,
    "deleteEphemeralMessage": delete,
}
