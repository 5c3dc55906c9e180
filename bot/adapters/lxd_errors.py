"""What LXD and the way to it say, sorted into junzi's own errors. LXD's errors are text only: read the words.

The words are LXD 5.0.2's, measured, with those of later releases where its source differs.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp
import requests
from pylxd import exceptions

from bot.domain.errors import (
    CardDeviceMissing,
    InstanceBusy,
    InstanceError,
    InstanceExists,
    InstanceNotFound,
    LxdUnreachable,
    PortTaken,
    SourceMissing,
)


class LxdSaidNo(Exception):
    """What `lxd_exec` raises, as pylxd does: LXD's words and the HTTP status."""

    def __init__(self, words: str, status: int) -> None:
        super().__init__(words)
        self.status = status


class EndlessOutput(Exception):
    """A program or a file inside a container gave more than any honest one does."""


# What may come out of pylxd. Its constructor wraps requests' errors, its calls do not.
VENDOR_ERRORS = (
    exceptions.LXDAPIException,
    exceptions.LXDAPIExtensionNotAvailable,
    exceptions.ClientConnectionFailed,
    requests.RequestException,
    aiohttp.ClientError,
    asyncio.TimeoutError,
    LxdSaidNo,
    EndlessOutput,
    OSError,
)
NO_ANSWER = (
    exceptions.ClientConnectionFailed,
    requests.ConnectionError,
    requests.Timeout,
    aiohttp.ClientConnectionError,
    asyncio.TimeoutError,
    ConnectionRefusedError,
    FileNotFoundError,
)

NOT_FOUND = re.compile(r"not ?found", re.IGNORECASE)

# The first that matches counts; what is there already is looked for after what keeps a device from starting.
BY_WORDS: tuple[tuple[re.Pattern[str], type[InstanceError]], ...] = (
    (re.compile(r"requested GPU device|Invalid PCI address \(no device found\)"), CardDeviceMissing),
    # The second is the same trouble, seen from the other of two racing processes: half of the time (measured).
    (re.compile(r"address already in use|Failed to receive fd from listener process"), PortTaken),
    (re.compile(r"Missing source path|source path \S+ doesn't exist"), SourceMissing),
    (re.compile(r"is busy running a|matching non-reusable operation"), InstanceBusy),
    (re.compile(r"already exists|already in use"), InstanceExists),
    (re.compile(r"Instance not found|Failed to fetch instance"), InstanceNotFound),
    (re.compile(r"Missing event connection with target cluster member|connection refused"), LxdUnreachable),
)


@contextmanager
def in_our_words() -> Iterator[None]:
    """Nothing but `InstanceError` gets out of this block for what LXD or the way to it did."""
    try:
        yield
    except VENDOR_ERRORS as error:
        raise instance_error(error) from error


def instance_error(error: Exception) -> InstanceError:
    """The same trouble in junzi's words; str() of it stays LXD's."""
    if isinstance(error, NO_ANSWER):
        return LxdUnreachable(str(error) or type(error).__name__)
    words = words_of(error)
    kind = next((kind for pattern, kind in BY_WORDS if pattern.search(words)), None)
    if kind is None:
        # LXD says 404 of any file that it misses too, also of a device's of the host when it is asked for the cards.
        is_gone = isinstance(error, exceptions.NotFound) and NOT_FOUND.search(words) is not None
        kind = InstanceNotFound if is_gone else InstanceError
    return kind(words)


def words_of(error: Exception) -> str:
    """LXD's words; its answer may be empty, cut off, or no JSON at all."""
    try:
        words = str(error).strip()
    except (AttributeError, KeyError, TypeError, ValueError):
        words = ""
    return words or type(error).__name__


def is_about_the_instance(error: exceptions.NotFound) -> bool:
    """A 404 for a file inside is "Not Found" and no more; one for its container names it."""
    return "nstance" in words_of(error)


def http_status(error: Exception) -> int | None:
    """Of a failed request. A failed operation comes with 200: what failed is in the words."""
    return getattr(getattr(error, "response", None), "status_code", None)
