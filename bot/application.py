"""python-telegram-bot's Application, so that nothing a person said is lost.

PTB confirms updates to Telegram's server by its next getUpdates, which can be before a handler has run. So every
update is written to the inbox before it is confirmed, and marked when its handlers are done. What an earlier process
left unmarked is handled at the next start; an update that is delivered twice is handled once.

The handlers start while the disk still turns: writes are done in the order they are asked for, so whatever a handler
writes comes after the note of why. A process that dies before the note is on disk has neither confirmed nor written
anything, and Telegram delivers again.
"""

from __future__ import annotations

import asyncio
import json
import logging
import ssl
from collections.abc import Awaitable
from functools import cache
from typing import Any

import httpx
from telegram import Update
from telegram.error import InvalidToken, NetworkError, TelegramError
from telegram.ext import Application, ContextTypes
from telegram.request import HTTPXRequest

from bot.adapters.hops import is_loopback
from bot.adapters.telegram_pace import PacedCalls
from bot.books import Books, Store
from bot.context import JunziContext, PTBApplication
from bot.noted import noted
from bot.ports import Clock
from bot.settings import Settings
from bot.turns import FairTurns

logger = logging.getLogger("junzi.inbox")

MOST_ATTEMPTS = 3
ALLOWED_UPDATES = ["message", "edited_message", "callback_query", "my_chat_member"]


class InboxQueue(asyncio.Queue[object]):
    """PTB puts updates here as they arrive, and confirms them after `put` has returned: when they are on disk.

    A full disk or a locked database must not end the polling (an exception that is not Telegram's does, for good): it
    is told as one of Telegram's, after which PTB asks again and again, and gets the same updates.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        super().__init__()
        self._store = store
        self._clock = clock
        self._unwritten: set[int] = set()  # in the queue already, but not on disk
        self._handled: set[int] = set()  # but not marked so

    async def put(self, item: object) -> None:
        if not isinstance(item, Update):
            await super().put(item)
            return
        try:
            await self._take(item)
        except Exception as exc:
            logger.exception("update %d can't be written down; it is asked for again", item.update_id)
            raise TelegramError("the inbox can't be written") from exc

    async def _take(self, update: Update) -> None:
        is_queued = update.update_id in self._unwritten
        if not is_queued and await self._store.read(lambda books: books.inbox.knows(update.update_id)):
            logger.info("update %d was delivered before; it is not handled again", update.update_id)
            return
        on_disk = self._write_down(update)
        if not is_queued:
            self._unwritten.add(update.update_id)
            await super().put(update)
        await on_disk
        self._unwritten.discard(update.update_id)

    def _write_down(self, update: Update) -> Awaitable[None]:
        now, handled = self._clock.now(), frozenset(self._handled)

        def work(books: Books) -> None:
            books.inbox.note(update.update_id, noted(update), now)
            books.inbox.done(handled, now)

        return self._store.write(work)

    async def mark(self, update: Update) -> None:
        """It was handled. What can't be marked (a full disk) is marked with the next one that is written: else it
        would be done again at the next start, days later perhaps."""
        self._handled.add(update.update_id)
        now, handled = self._clock.now(), frozenset(self._handled)
        # Not lasting: after a power cut it may be handled again, as after any death between answer and mark.
        await self._store.write(lambda books: books.inbox.done(handled, now), lasting=False)
        self._handled -= handled


class InboxApplication(Application[Any, Any, Any, Any, Any, Any]):
    """Marks an update as done when its handlers are, whether they succeeded or the error handler answered for them."""

    async def process_update(self, update: object) -> None:
        await super().process_update(update)
        if isinstance(update, Update):
            assert isinstance(self.update_queue, InboxQueue)  # noqa: S101 - built with one
            try:
                await self.update_queue.mark(update)
            except Exception:
                # The person was answered and nothing went wrong for them; an error raised here would tell them so.
                logger.exception("update %d was handled, which can't be written down yet", update.update_id)


async def take_up_unfinished(application: PTBApplication, store: Store) -> int:
    """Handle what an earlier process noted and did not finish; the number of updates."""
    contents = await store.write(lambda books: books.inbox.take_up(MOST_ATTEMPTS))
    updates = [Update.de_json(json.loads(content), application.bot) for content in contents if content]
    for update in updates:
        logger.info("taking up update %d, which an earlier process did not finish", update.update_id)
        await asyncio.Queue.put(application.update_queue, update)
    return len(updates)


def build_application(settings: Settings, store: Store, clock: Clock, paced: PacedCalls) -> PTBApplication:
    telegram = settings.telegram
    builder = (
        Application.builder()
        .application_class(InboxApplication)
        .token(telegram.token.get_secret_value())
        .base_url(f"{telegram.api_url}/bot")
        .base_file_url(f"{telegram.api_url}/file/bot")
        .rate_limiter(paced)
        .context_types(ContextTypes(context=JunziContext))
        .update_queue(InboxQueue(store, clock))
        .concurrent_updates(FairTurns())
        .request(request(telegram.api_url, telegram.proxy, connections=256))
        .get_updates_request(request(telegram.api_url, telegram.proxy, connections=1))
    )
    return builder.build()


def request(api_url: str, proxy: str, *, connections: int) -> HTTPXRequest:
    """Polls, calls, files and downloads all go the same way. A server on this very machine goes past any proxy that
    the environment names."""
    return HTTPXRequest(
        connection_pool_size=connections,
        proxy=proxy or None,
        httpx_kwargs={"trust_env": not is_loopback(api_url), "verify": authorities()},
    )


@cache
def authorities() -> ssl.SSLContext:
    """Whom TLS trusts. To read the list takes longer than a call to Telegram does, so it is read once for all."""
    return httpx.create_ssl_context()


async def connect(application: PTBApplication) -> None:
    """Wait for Telegram for as long as it takes: a lab behind a proxy starts its server before the proxy is up."""
    wait = 1.0
    while True:
        try:
            await application.initialize()
        except InvalidToken:
            raise
        except NetworkError as exc:
            logger.warning("Telegram can't be reached (%s); trying again in %.0f s", exc, wait)
            await asyncio.sleep(wait)
            wait = min(wait * 2, 60)
        else:
            return
