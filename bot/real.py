"""`junzi run`: the lab on real LXD, real cards and Telegram's own server."""

from __future__ import annotations

import asyncio
import gc
import logging
import sqlite3

from telegram.error import InvalidToken

from bot.adapters.clock import SystemClock
from bot.app import Junzi, Outside
from bot.settings import Settings
from storage.database import NewerDatabase

logger = logging.getLogger("junzi")


async def run_lab(settings: Settings) -> int:
    """Until it is stopped; 1 if it can't begin."""
    if not settings.telegram.token.get_secret_value():
        logger.error("telegram.token is empty: get one from @BotFather, then run `junzi init`")
        return 1
    clock = SystemClock()

    def load() -> Outside:
        from bot.real_outside import real_outside  # on this thread, at this time: see there

        return real_outside(settings, clock)

    try:
        junzi = Junzi(settings, clock, load)
    except NewerDatabase as error:
        logger.error(
            "the database %s was written by a newer junzi (%s): install that version again, or put back the copy that "
            "was made before the upgrade",
            *(settings.storage.path, error),
        )
        return 1
    except sqlite3.DatabaseError as error:
        logger.error("the database %s can't be used: %s. %s", settings.storage.path, error, _remedy(settings, error))
        return 1
    except OSError as error:
        logger.error("the database %s can't be opened: %s. %s", settings.storage.path, error, _folder(settings))
        return 1
    try:
        await junzi.start()
        # What was loaded to begin stays for good. Left to itself the collector walks all of it now and then, for a
        # tenth of a second in which nobody is answered.
        gc.freeze()
        await asyncio.Event().wait()
    except InvalidToken:
        logger.error("Telegram refuses telegram.token: copy it again from @BotFather")
    finally:
        await junzi.stop()
    return 1


def _remedy(settings: Settings, error: sqlite3.Error) -> str:
    """OperationalError: SQLite could not get at it. Its base class alone: what is in it is no database any more."""
    if isinstance(error, sqlite3.OperationalError):
        return _folder(settings)
    return "Keep the file aside and put the newest copy made by `junzi backup` in its place (deployment guide, 8)"


def _folder(settings: Settings) -> str:
    return (
        "As a service, junzi may write to /var/lib/junzi; for another folder: sudo systemctl edit junzi, two lines, "
        f"[Service] and ReadWritePaths={settings.storage.path.parent}"
    )
