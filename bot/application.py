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
from typing import Any

from telegram import Update
from telegram.error import InvalidToken, NetworkError
from telegram.ext import Application, ContextTypes
from telegram.request import HTTPXRequest

from bot.adapters.hops import is_loopback
from bot.adapters.telegram_pace import PacedCalls
from bot.books import Store
from bot.context import JunziContext, PTBApplication
from bot.noted import noted
from bot.ports import Clock
from bot.settings import Settings
from bot.turns import FairTurns

logger = logging.getLogger("junzi.inbox")

MOST_ATTEMPTS = 3
ALLOWED_UPDATES = ["message", "edited_message", "callback_query", "my_chat_member"]


class InboxQueue(asyncio.Queue[object]):
    """PTB puts updates here as they arrive, and confirms them after `put` has returned: when they are on disk."""

    def __init__(self, store: Store, clock: Clock) -> None:
        super().__init__()
        self._store = store
        self._clock = clock

    async def put(self, item: object) -> None:
        if not isinstance(item, Update):
            await super().put(item)
            return
        if await self._store.read(lambda books: books.inbox.knows(item.update_id)):
            logger.info("update %d was delivered before; it is not handled again", item.update_id)
            return
        now = self._clock.now()
        on_disk = self._store.write(lambda books: books.inbox.note(item.update_id, noted(item), now))
        await super().put(item)
        await on_disk


class InboxApplication(Application[Any, Any, Any, Any, Any, Any]):
    """Marks an update as done when its handlers are, whether they succeeded or the error handler answered for them."""

    async def process_update(self, update: object) -> None:
        await super().process_update(update)
        if isinstance(update, Update):
            lab = self.bot_data["lab"]
            now = lab.clock.now()
            # Not lasting: after a power cut it may be handled again, as after any death between answer and mark.
            await lab.store.write(lambda books: books.inbox.done(update.update_id, now), lasting=False)


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
        httpx_kwargs={"trust_env": not is_loopback(api_url)},
    )


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
