"""The command menu: setMyCommands and its kin."""

from __future__ import annotations

import re
from typing import Any

from bot.demo.server.arguments import Arguments, whole
from bot.demo.server.chats import Json
from bot.demo.server.core import Core
from bot.demo.server.errors import bad_request

NAME = re.compile(r"[a-z0-9_]{1,32}")
PLAIN_SCOPES = ("default", "all_private_chats", "all_group_chats", "all_chat_administrators")


def _place(core: Core, args: Arguments) -> tuple[str, str]:
    """Return the scope and language a call speaks of."""
    scope = args.object("scope", "BotCommandScope") or {"type": "default"}
    language = args.text("language_code")
    if language and not re.fullmatch(r"[a-z]{2}", language):
        raise bad_request("invalid language code specified")
    kind = scope.get("type", "")
    if kind in PLAIN_SCOPES:
        return kind, language
    if kind not in ("chat", "chat_administrators", "chat_member"):
        raise bad_request("can't parse BotCommandScope: Unsupported type specified")
    chat = core.known_chat(Arguments({"chat_id": scope.get("chat_id")}))
    if kind != "chat" and not chat.is_group:
        raise bad_request("chat not found")
    if kind != "chat_member":
        return f"{kind}:{chat.chat_id}", language
    user_id = whole(scope.get("user_id"))
    if user_id not in core.world.personas:
        raise bad_request("user not found")
    return f"{kind}:{chat.chat_id}:{user_id}", language


def _checked(command: Any) -> Json:
    """Return one command, or refuse it in Telegram's words."""
    if not isinstance(command, dict):
        raise bad_request("can't parse BotCommand: expected an Object")
    name = str(command.get("command", "")).strip().removeprefix("/")
    description = str(command.get("description", "")).strip()
    if not name:
        raise bad_request("command must be non-empty")
    if len(name) > 32:
        raise bad_request("command length must not exceed 32")
    if not description:
        raise bad_request("command description must be non-empty")
    if len(description) > 256:
        raise bad_request("command description length must not exceed 256")
    if not NAME.fullmatch(name):
        raise bad_request("BOT_COMMAND_INVALID")
    checked: Json = {"command": name, "description": description}
    if command.get("is_ephemeral"):
        checked["is_ephemeral"] = True
    return checked


def set_my_commands(core: Core, args: Arguments) -> bool:
    """Replace the menu of one scope and language."""
    commands = args.json("commands", "commands")
    if not isinstance(commands, list):
        raise bad_request("expected an Array of BotCommand")
    place = _place(core, args)
    checked = [_checked(command) for command in commands]
    if len(checked) > 100:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    if not core.knows("ephemeral"):
        checked = [{key: c[key] for key in ("command", "description")} for c in checked]
    core.commands[place] = checked
    core.live.publish({"kind": "commands"})
    return True


def get_my_commands(core: Core, args: Arguments) -> list[Json]:
    """Return the menu of exactly one scope and language."""
    return core.commands.get(_place(core, args), [])


def delete_my_commands(core: Core, args: Arguments) -> bool:
    """Let a wider scope show through again."""
    core.commands.pop(_place(core, args), None)
    core.live.publish({"kind": "commands"})
    return True


def set_my_description(core: Core, args: Arguments) -> bool:
    """Write what a person reads before they press Start, by language."""
    text = args.text("description")
    if len(text) > 512:
        raise bad_request("bot description is too long")
    core.descriptions[args.text("language_code")] = text
    core.live.publish({"kind": "commands"})
    return True


def get_my_description(core: Core, args: Arguments) -> Json:
    """Return the description in a language, or the one for everybody."""
    language = args.text("language_code")
    return {"description": core.descriptions.get(language) or core.descriptions.get("", "")}


def accepted(_core: Core, _args: Arguments) -> bool:
    """Take a setting that shows nowhere in the demo."""
    return True


METHODS = {
    "setMyCommands": set_my_commands,
    "getMyCommands": get_my_commands,
    "deleteMyCommands": delete_my_commands,
    "setMyDescription": set_my_description,
    "getMyDescription": get_my_description,
    "setMyShortDescription": accepted,
    "setMyDefaultAdministratorRights": accepted,
    "setChatMenuButton": accepted,
}
