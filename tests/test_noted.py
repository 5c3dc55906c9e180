"""What is written down of an update before it is handled: never a secret, always enough to handle it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from telegram import Update

from bot.noted import noted

PERSON = {"id": 7, "is_bot": False, "first_name": "李思"}
CHAT = {"id": 7, "type": "private", "first_name": "李思"}
SECRET = "k7mp-x3ra-9tqe-bd4h"
LETTER = {"message_id": 5, "date": 1, "chat": CHAT, "text": f"密码 {SECRET}", "rich_message": {"html": SECRET}}


def message(text: str, **more: Any) -> dict[str, Any]:
    return {"message_id": 6, "date": 1, "chat": CHAT, "from": PERSON, "text": text, **more}


def note(kind: str, content: dict[str, Any]) -> str:
    update = Update.de_json({"update_id": 1, kind: content}, None)
    assert update is not None
    return noted(update)


def press(**message: Any) -> dict[str, Any]:
    return {"id": "9", "from": PERSON, "chat_instance": "1", "data": "mycontainer", "message": message}


def test_a_press_is_noted_without_the_words_of_the_message_that_it_stands_under() -> None:
    reply = {"reply_to_message": LETTER, "caption": SECRET, "photo": [], "ephemeral_message_id": 3}
    content = note("callback_query", press(**LETTER, **reply))
    assert SECRET not in content
    again = Update.de_json(json.loads(content), None)
    assert again.callback_query is not None
    assert again.callback_query.data == "mycontainer"
    assert again.effective_message is not None
    assert (again.effective_message.message_id, again.effective_message.chat.id) == (5, 7)
    assert again.effective_message.api_kwargs["ephemeral_message_id"] == 3


def test_a_press_whose_message_is_gone_is_noted_too() -> None:
    query = {"id": "9", "from": PERSON, "chat_instance": "1", "data": "gpus"}
    assert json.loads(note("callback_query", query))["callback_query"]["data"] == "gpus"


def test_a_reply_is_noted_without_what_it_answers() -> None:
    content = note("message", message("谢谢", reply_to_message=LETTER, quote={"text": SECRET, "position": 0}))
    assert SECRET not in content
    assert json.loads(content)["message"]["text"] == "谢谢"


@pytest.mark.parametrize("kind", ["message", "edited_message"])
@pytest.mark.parametrize(
    "text",
    [
        "/start abc",
        "/START abc",
        "/Start@junzi_bot abc",
        "打不开：https://t.me/junzi_bot?start=abc",
        "/sshkey -----BEGIN OPENSSH PRIVATE KEY-----\nabc",
    ],
)
def test_a_claim_code_or_a_private_key_is_not_noted_at_all(kind: str, text: str) -> None:
    assert note(kind, message(text)) == ""
