"""Inline keyboards: what Telegram takes and what it refuses. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bot.demo.server.arguments import Arguments
from bot.demo.server.chats import Json
from bot.demo.server.errors import ApiError, bad_request

MOST_BUTTONS = 100
STYLES = ("danger", "success", "primary")
ACTIONS = (
    "url", "callback_data", "callback_game", "pay", "switch_inline_query", "switch_inline_query_chosen_chat",
    "switch_inline_query_current_chat", "login_url", "web_app", "copy_text", "disabled",
)  # fmt: skip


def reply_markup(args: Arguments) -> Json | None:
    """Return the checked ``reply_markup`` of a call."""
    value = args.json("reply_markup", "reply keyboard markup")
    if value is None:
        return None
    if not isinstance(value, dict):
        raise bad_request("object expected as reply markup")
    rows = value.get("inline_keyboard")
    if rows is None:
        return value
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request('field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays')
    kept = [[checked_button(button) for button in row] for row in rows if row]
    if sum(len(row) for row in kept) > MOST_BUTTONS:
        raise bad_request("reply markup is too long")
    return {"inline_keyboard": kept} if kept else None


def checked_button(button: Any) -> Json:
    """Return the button, or refuse it in Telegram's words."""
    if not isinstance(button, dict):
        raise _unreadable("InlineKeyboardButton must be an Object")
    if not isinstance(button.get("text"), str):
        raise _unreadable('Can\'t find field "text"')
    if not button["text"].strip():
        raise bad_request("inline keyboard button text can't be empty")
    if button.get("style") not in (None, "", *STYLES):
        raise _unreadable("Invalid button style specified")
    if not any(action in button for action in ACTIONS):
        raise _unreadable("Text buttons are unallowed in the inline keyboard")
    check_action(button)
    return {key: value for key, value in button.items() if value not in (None, "")}


def check_action(button: Json) -> None:
    """Check what pressing would do: data of 1 to 64 bytes, a copied text of 1 to 256 characters, a real link."""
    data = button.get("callback_data")
    if data is not None and not 1 <= len(str(data).encode()) <= 64:
        raise bad_request("BUTTON_DATA_INVALID")
    copy = button.get("copy_text")
    if copy is not None and not (isinstance(copy, dict) and 1 <= len(str(copy.get("text", ""))) <= 256):
        raise bad_request("BUTTON_COPY_TEXT_INVALID")
    url = button.get("url")
    if url is not None and not (isinstance(url, str) and ("://" in url or "." in url)):
        raise bad_request("BUTTON_URL_INVALID")


def _unreadable(why: str) -> ApiError:
    return bad_request(f"can't parse inline keyboard button: {why}")


def buttons(markup: Json | None) -> Iterator[Json]:
    """Yield the inline buttons of a message."""
    for row in (markup or {}).get("inline_keyboard", ()):
        yield from row
