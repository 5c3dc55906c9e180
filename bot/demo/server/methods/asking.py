"""Questions: who am I, who is in this chat, where is this file."""

from __future__ import annotations

from bot.demo.server import shapes
from bot.demo.server.arguments import Arguments
from bot.demo.server.chats import Json
from bot.demo.server.core import Core
from bot.demo.server.errors import bad_request
from bot.demo.server.files import MOST_DOWNLOAD_BYTES


def get_me(core: Core, _args: Arguments) -> Json:
    """Tell the bot about itself; ``can_read_all_group_messages`` is privacy mode off."""
    return {
        **core.world.bot,
        "can_join_groups": True,
        "can_read_all_group_messages": core.world.reads_everything,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def get_chat(core: Core, args: Arguments) -> Json:
    """Tell about a chat."""
    chat = core.known_chat(args)
    if chat.is_group:
        core.target(args)
    return shapes.full_chat(core.world, chat)


def get_chat_member(core: Core, args: Arguments) -> Json:
    """Tell about somebody in the group."""
    chat = core.known_chat(args)
    if not chat.is_group:
        raise (
            bad_request("chat not found")
            if args.integer("user_id") != chat.chat_id
            else bad_request("there are no administrators in the private chat")
        )
    core.target(args)
    user_id = args.integer("user_id")
    if user_id == core.world.bot_id:
        return shapes.bot_member(core.world)
    persona = core.world.personas.get(user_id)
    if persona is None:
        raise bad_request("invalid user_id specified" if user_id <= 0 else "member not found")
    return shapes.member(core.world, persona)


def get_chat_administrators(core: Core, args: Arguments) -> list[Json]:
    """Tell who administers the group."""
    chat = core.target(args)
    if not chat.is_group:
        raise bad_request("there are no administrators in the private chat")
    people = [shapes.member(core.world, persona) for persona in core.world.admins()]
    if core.world.bot_status == "administrator":
        people.append(shapes.bot_member(core.world))
    return people


def get_chat_member_count(core: Core, args: Arguments) -> int:
    """Count the people of a chat."""
    chat = core.target(args)
    return len(core.world.personas) + 1 if chat.is_group else 2


def get_file(core: Core, args: Arguments) -> Json:
    """Tell where a file can be downloaded."""
    stored = core.files.by_id.get(args.text("file_id"))
    if stored is None:
        raise bad_request("invalid file_id" if args.text("file_id") else "file_id not specified")
    if stored.size > MOST_DOWNLOAD_BYTES:
        raise bad_request("file is too big")
    return {"file_id": stored.file_id, "file_unique_id": stored.unique_id, "file_size": stored.size,
            "file_path": stored.path}  # fmt: skip


METHODS = {
    "getMe": get_me,
    "getChat": get_chat,
    "getChatMember": get_chat_member,
    "getChatAdministrators": get_chat_administrators,
    "getChatMemberCount": get_chat_member_count,
    "getFile": get_file,
}
