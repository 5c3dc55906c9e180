"""The one-time link that makes an account a member: as it is given out, and as it is read from a pasted text.

Where browsers can't open t.me, Telegram itself often works: then the link is sent to the bot as it is. Its form is
Telegram's deep link (`?start=`, 1 to 64 of [A-Za-z0-9_-]).
"""

from __future__ import annotations

import re

_LINK = re.compile(r"(?:t\.me/\w{5,32}/?\?|tg://resolve\?domain=\w{5,32}&)start=([A-Za-z0-9_-]{1,64})")
PLAIN_START = "hello"  # the payload of links that only open the chat


def claim_link(bot_name: str, code: str) -> str:
    return f"https://t.me/{bot_name}?start={code}"


def pasted_code(text: str) -> str | None:
    """The code in the first link of a text; None if there is none, or none that claims anything."""
    found = _LINK.search(text)
    return found[1] if found is not None and found[1] != PLAIN_START else None
