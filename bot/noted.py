"""What the inbox keeps of an update: enough to handle it after a crash, and nothing that was secret in it.

A press carries the whole message whose button was pressed, and a reply the message that it answers. Either may be the
bot's own message with a new password or a claim link; neither is needed to handle the update.
"""

from __future__ import annotations

import json
from typing import Any

from telegram import Update

from bot.domain.claim_link import pasted_code

# Of a message whose button was pressed: where it stands, and what it is.
OF_A_PRESSED_MESSAGE = frozenset(
    {"message_id", "ephemeral_message_id", "date", "chat", "photo", "message_thread_id", "is_topic_message"}
)
# Of what somebody said: all but the messages that came with it.
OTHERS_WORDS = frozenset({"reply_to_message", "external_reply", "quote", "pinned_message"})
PRIVATE_KEY = "PRIVATE KEY-----"


def noted(update: Update) -> str:
    """The update as JSON; "" if it is a secret itself: it is not taken up again, the person sends it once more."""
    if holds_a_secret(update):
        return ""
    content = update.to_dict()
    if (press := content.get("callback_query")) is not None:
        press["message"] = _kept(press.get("message"), OF_A_PRESSED_MESSAGE)
    for kind in ("message", "edited_message"):
        if kind in content:
            content[kind] = _without(content[kind], OTHERS_WORDS)
    return json.dumps(content)


def holds_a_secret(update: Update) -> bool:
    """A claim code, or a private key that somebody took for the public one."""
    message = update.message or update.edited_message
    text = (message.text or message.caption or "") if message is not None else ""
    return text.lower().startswith("/start") or pasted_code(text) is not None or PRIVATE_KEY in text


def _kept(message: dict[str, Any] | None, names: frozenset[str]) -> dict[str, Any] | None:
    return None if message is None else {name: value for name, value in message.items() if name in names}


def _without(message: dict[str, Any], names: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in message.items() if name not in names}
