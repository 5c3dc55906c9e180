"""Whose answer is it that a button was pressed under?"""

from __future__ import annotations

from typing import Any

import pytest
from telegram import Update
from telegram.ext import Application

from bot.context import JunziContext

GROUP = {"id": -1001, "type": "supergroup", "title": "lab", "is_forum": True}
BOSS = {"id": 1001, "is_bot": False, "first_name": "Wang"}
BOT = {"id": 7, "is_bot": True, "first_name": "junzi"}


def pressed_by_boss(answered: dict[str, Any] | None) -> JunziContext:
    """A button under a message of the bot's that answers this one of the boss's."""
    message = {"message_id": 5, "date": 0, "chat": GROUP, "from": BOT, "text": "x"}
    if answered is not None:
        message["reply_to_message"] = {"message_id": 2, "date": 0, "chat": GROUP, "from": BOSS, **answered}
    query = {"id": "1", "from": BOSS, "message": message, "chat_instance": "1", "data": "new"}
    context = JunziContext(Application.builder().token("1:x").build())
    update = Update.de_json({"update_id": 1, "callback_query": query}, context.bot)
    assert update is not None
    context.incoming = update
    return context


@pytest.mark.parametrize(
    ("answered", "own"),
    [
        ({"text": "/mine"}, True),
        (None, False),
        # Telegram says of every message in a topic that it answers the one by which the topic began.
        ({"forum_topic_created": {"name": "cards", "icon_color": 1}}, False),
    ],
)
def test_an_answer_to_what_one_said_is_ones_own_and_the_beginning_of_a_topic_is_nothing_said(
    answered: dict[str, Any] | None, own: bool
) -> None:
    assert pressed_by_boss(answered).pressed_own is own
