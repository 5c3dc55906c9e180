"""python-telegram-bot's calls in line, against the local server with Telegram's flood limits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from telegram.ext import ExtBot

from bot.adapters.clock import FastClock
from bot.adapters.telegram_pace import PacedCalls
from bot.demo.server import LocalTelegram, Persona

ANNA = Persona(1, "Anna", "anna", "en")
TOKEN = "1:made-up"
SPEED = 60.0  # a minute of limits passes in a second


class Chat:
    """A bot that keeps the pace, and the group it talks to."""

    def __init__(self, telegram: LocalTelegram, bot: ExtBot[None], paced: PacedCalls) -> None:
        self.telegram, self.bot, self.paced, self.group = telegram, bot, paced, telegram.group_id

    def refused(self) -> int:
        return sum("Too Many Requests" in str(call.error) for call in self.telegram.calls)

    def texts(self) -> list[str]:
        return [message["text"] for message in self.telegram.messages(self.group)]

    def edits(self) -> list[str]:
        done = (c for c in self.telegram.calls if c.method == "editMessageText" and c.error is None)
        return [str(call.parameters["text"]) for call in done]


@pytest.fixture
async def chat(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Chat]:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")  # python-telegram-bot's future form, without its warning
    clock = FastClock(SPEED)
    telegram = LocalTelegram(TOKEN, "junzi_bot", (ANNA,), "lab", clock.now, SPEED)
    url = await telegram.start(port=0)
    paced = PacedCalls(clock)
    bot: ExtBot[None] = ExtBot(TOKEN, base_url=f"{url}/bot", rate_limiter=paced)
    await bot.initialize()
    await telegram.begin(ANNA.telegram_id)
    yield Chat(telegram, bot, paced)
    await bot.shutdown()
    await telegram.stop()


async def test_sixty_messages_at_once_all_arrive_in_their_order_without_one_refusal(chat: Chat) -> None:
    words = [f"message {n}" for n in range(60)]
    await asyncio.gather(*(chat.bot.send_message(chat.group, text) for text in words))
    assert chat.texts() == words
    assert chat.refused() == 0


async def test_ten_edits_that_wait_become_one_and_it_is_the_newest(chat: Chat) -> None:
    board = await chat.bot.send_message(chat.group, "state 0")
    full = [asyncio.create_task(chat.bot.send_message(chat.group, f"message {n}")) for n in range(25)]
    await asyncio.sleep(0.05)
    await asyncio.gather(
        *(chat.bot.edit_message_text(f"state {n}", chat.group, board.message_id) for n in range(1, 11))
    )
    assert chat.edits() == ["state 10"]
    await asyncio.gather(*full)
    assert len(chat.texts()) == 26
    assert chat.refused() == 0


async def test_the_wait_is_known_before_one_joins_the_line_and_others_do_not_wait_with_it(chat: Chat) -> None:
    assert chat.paced.wait_seconds(chat.group) == 0
    full = [asyncio.create_task(chat.bot.send_message(chat.group, f"message {n}")) for n in range(30)]
    await asyncio.sleep(0.05)
    assert 30 < chat.paced.wait_seconds(chat.group) <= 60
    assert chat.paced.wait_seconds(ANNA.telegram_id) == 0
    await asyncio.wait_for(chat.bot.send_message(ANNA.telegram_id, "hello"), 0.5)
    await asyncio.gather(*full)


async def test_a_limit_that_is_tighter_than_we_know_is_waited_for_and_nothing_is_lost(chat: Chat) -> None:
    """Telegram does not publish its limits: a 429 is obeyed, and says nothing about other chats."""
    await chat.bot.send_message(chat.group, "message 0")
    chat.telegram.core.limits.chats[chat.group].level = 60  # the next minute is refused
    await asyncio.gather(*(chat.bot.send_message(chat.group, f"message {n}") for n in range(1, 4)))
    assert chat.refused() >= 1
    assert len(chat.texts()) == 4


async def test_an_edit_that_became_out_of_date_while_a_429_was_waited_for_is_not_tried_again(chat: Chat) -> None:
    board = await chat.bot.send_message(chat.group, "state 0")
    chat.telegram.core.limits.chats[chat.group].level = 30  # the next second is refused
    old = asyncio.create_task(chat.bot.edit_message_text("state 1", chat.group, board.message_id))
    await chat.telegram.wait_for(lambda: chat.refused() == 1)
    await chat.bot.edit_message_text("state 2", chat.group, board.message_id)
    await old
    assert chat.edits() == ["state 2"]


async def test_who_gives_up_waiting_takes_nothing_from_who_waits_for_the_same(chat: Chat) -> None:
    board = await chat.bot.send_message(chat.group, "state 0")
    full = [asyncio.create_task(chat.bot.send_message(chat.group, f"message {n}")) for n in range(25)]
    await asyncio.sleep(0.05)
    first = asyncio.create_task(chat.bot.edit_message_text("state 1", chat.group, board.message_id))
    await asyncio.sleep(0.05)
    second = asyncio.create_task(chat.bot.edit_message_text("state 2", chat.group, board.message_id))
    await asyncio.sleep(0.05)
    first.cancel()
    await second
    assert chat.edits() == ["state 2"]
    await asyncio.gather(*full)
