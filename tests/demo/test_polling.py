"""How updates reach a bot: getUpdates, offsets, allowed_updates, conflicts, tokens."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from urllib.parse import urlsplit

import pytest
from telegram import Bot
from telegram.error import Conflict, EndPointNotFound, InvalidToken

from bot.demo.server import LocalTelegram
from tests.demo.conftest import ADA, BO, PEOPLE, HandClock, Serve, connect


async def test_getme_tells_name_and_privacy_mode(serve: Serve) -> None:
    async with serve(reads_everything=False) as (_, bot):
        me = await bot.get_me()
    assert (me.username, me.is_bot, me.can_read_all_group_messages) == ("lab_bot", True, False)


async def test_an_offset_confirms_what_came_before_it(telegram: LocalTelegram, bot: Bot) -> None:
    await telegram.say(ADA, ADA, "one")
    await telegram.say(ADA, ADA, "two")
    first, second = await bot.get_updates()
    assert [first.message.text, second.message.text] == ["one", "two"]
    again = await bot.get_updates()
    assert [update.update_id for update in again] == [first.update_id, second.update_id]
    (rest,) = await bot.get_updates(offset=first.update_id + 1)
    assert rest.message.text == "two"
    assert await bot.get_updates(offset=second.update_id + 1) == ()


async def test_a_negative_offset_keeps_the_last(telegram: LocalTelegram, bot: Bot) -> None:
    for word in ("one", "two", "three"):
        await telegram.say(ADA, ADA, word)
    (last,) = await bot.get_updates(offset=-1)
    assert last.message.text == "three"
    assert len(await bot.get_updates()) == 1


async def test_a_long_poll_wakes_when_something_happens(telegram: LocalTelegram, bot: Bot) -> None:
    poll = asyncio.ensure_future(bot.get_updates(timeout=20))
    await telegram.wait_for(lambda: telegram.is_polled, 5)
    await telegram.say(ADA, ADA, "hello")
    (update,) = await asyncio.wait_for(poll, 5)
    assert update.message.text == "hello"


async def test_two_polls_end_the_older_with_a_conflict(telegram: LocalTelegram, bot: Bot) -> None:
    async with connect(telegram.url) as twin:
        older = asyncio.ensure_future(bot.get_updates(timeout=20))
        await telegram.wait_for(lambda: telegram.is_polled, 5)
        newer = asyncio.ensure_future(twin.get_updates(timeout=20))
        with pytest.raises(Conflict, match="terminated by other getUpdates request"):
            await older
        await telegram.say(ADA, ADA, "hello")
        assert len(await newer) == 1


async def test_only_wanted_kinds_arrive_and_the_wish_is_remembered(telegram: LocalTelegram, bot: Bot) -> None:
    await bot.get_updates(allowed_updates=["callback_query"])
    await telegram.say(ADA, ADA, "unheard")
    assert await bot.get_updates() == ()
    await bot.get_updates(allowed_updates=[])
    await telegram.say(ADA, ADA, "heard")
    assert len(await bot.get_updates()) == 1


async def test_reactions_come_only_on_request(telegram: LocalTelegram, bot: Bot) -> None:
    message = await telegram.say(BO, telegram.group_id, "hi")
    await telegram.react(ADA, telegram.group_id, message["message_id"], "👀")
    assert [update.message.text for update in await bot.get_updates()] == ["hi"]
    await bot.get_updates(allowed_updates=["message_reaction"])
    await telegram.react(ADA, telegram.group_id, message["message_id"], "👍")
    reaction = (await bot.get_updates())[-1].message_reaction
    assert reaction.user.id == ADA
    assert reaction.new_reaction[0].emoji == "👍"


async def test_updates_wait_for_a_day(telegram: LocalTelegram, bot: Bot, clock: HandClock) -> None:
    await telegram.say(ADA, ADA, "old")
    clock.advance(timedelta(hours=24, seconds=1).total_seconds())
    await telegram.say(ADA, ADA, "new")
    assert [update.message.text for update in await bot.get_updates()] == ["new"]


async def test_dropping_pending_updates_loses_them(telegram: LocalTelegram, bot: Bot) -> None:
    await telegram.say(ADA, ADA, "lost")
    await bot.delete_webhook(drop_pending_updates=True)
    assert await bot.get_updates() == ()


async def test_a_webhook_ends_polling_until_it_is_deleted(telegram: LocalTelegram, bot: Bot) -> None:
    await bot.set_webhook("https://example.org/hook")
    assert (await bot.get_webhook_info()).url == "https://example.org/hook"
    with pytest.raises(Conflict, match="can't use getUpdates method while webhook is active"):
        await bot.get_updates()
    await bot.delete_webhook()
    assert await bot.get_updates() == ()


async def test_a_wrong_token_is_unauthorized(telegram: LocalTelegram) -> None:
    stranger = connect(telegram.url, "7000000001:wrong")
    with pytest.raises(InvalidToken):
        await stranger.initialize()
    await stranger.shutdown()


async def test_an_unknown_method_is_not_found(bot: Bot) -> None:
    with pytest.raises(EndPointNotFound):
        await bot.do_api_request("sendTelepathy", api_kwargs={})


@pytest.mark.parametrize("turns", range(6))
async def test_a_connection_that_comes_at_the_last_moment_is_closed_too(turns: int) -> None:
    """Python 3.13 told of one as an "unclosed transport", in whatever test came next."""
    server = LocalTelegram("7000000001:x", "lab_bot", PEOPLE, "Lab", lambda: datetime.now(timezone.utc))
    url = urlsplit(await server.start(port=0))
    with socket.create_connection((url.hostname, url.port)) as late:
        for _ in range(turns):
            await asyncio.sleep(0)
        await server.stop()
        late.settimeout(5)
        with suppress(ConnectionResetError):
            assert await asyncio.to_thread(late.recv, 1) == b""
