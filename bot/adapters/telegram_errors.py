"""What Telegram's errors mean, in junzi's own words.

junzi         Telegram
NotYet        NetworkError, TimedOut, RetryAfter, 5xx, a group that got another id (until the configuration has it)
Never         Forbidden (blocked, kicked, never started), chat not found, message gone, no right to do that, a method
              that the server does not know
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from telegram.error import (
    BadRequest,
    ChatMigrated,
    EndPointNotFound,
    Forbidden,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from bot.domain.errors import Never, NotYet

UNCHANGED = "message is not modified"
# What a 400 says when a topic of a forum takes no messages of the bot.
NOT_IN_THAT_TOPIC = ("message thread not found", "topic_closed", "topic_deleted")
# What a 400 says when the same call will never succeed.
HOPELESS = (
    "chat not found",
    "message to edit not found",
    "can't be edited",
    "message to pin not found",
    "message to unpin not found",
    "not enough rights",
    "chat_admin_required",
    *NOT_IN_THAT_TOPIC,
    "in the message to edit",  # "there is no text ...", "there is no media ...": the message is of another kind
)


@contextmanager
def telegram_troubles() -> Iterator[None]:
    """Telegram's errors in junzi's words. What is a fault of ours (a broken tag, say) is raised as it is."""
    try:
        yield
    except RetryAfter as exc:
        raise NotYet(str(exc), seconds_of(exc)) from exc
    except (Forbidden, EndPointNotFound) as exc:
        raise Never(str(exc)) from exc
    except BadRequest as exc:  # a NetworkError by inheritance, but trying again won't help
        if is_hopeless(exc):
            raise Never(str(exc)) from exc
        raise
    except (NetworkError, ChatMigrated) as exc:
        raise NotYet(str(exc)) from exc


@contextmanager
def unchanged_is_fine() -> Iterator[None]:
    """Telegram calls an edit that changes nothing an error; the message says what it should."""
    try:
        yield
    except TelegramError as exc:
        if UNCHANGED not in str(exc).lower():
            raise


def seconds_of(exc: RetryAfter) -> float:
    """How long a 429 asks to wait."""
    value = exc.retry_after
    return value if isinstance(value, (int, float)) else value.total_seconds()


def is_about_the_topic(exc: BadRequest) -> bool:
    """The topic is gone or closed, or the group has no topics. Elsewhere in the group the same call works."""
    return any(words in str(exc).lower() for words in NOT_IN_THAT_TOPIC)


def is_hopeless(exc: TelegramError) -> bool:
    return any(words in str(exc).lower() for words in HOPELESS)


def is_unchanged(exc: TelegramError) -> bool:
    return UNCHANGED in str(exc).lower()
