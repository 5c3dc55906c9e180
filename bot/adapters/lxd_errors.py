"""What LXD and the way to it say, sorted into junzi's own errors. LXD's errors are text only: read the words.

The words are LXD 5.0.2's, measured, with those of later releases where its source differs.
"""

from __future__ import annotations

import re

import requests
from pylxd import exceptions
from ws4py.exc import WebSocketException  # type: ignore[import-untyped]

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

# What may come out of pylxd. Its constructor wraps requests' errors, its calls do not; a websocket has its own.
VENDOR_ERRORS = (
    exceptions.LXDAPIException,
    exceptions.LXDAPIExtensionNotAvailable,
    exceptions.ClientConnectionFailed,
    requests.RequestException,
    WebSocketException,
    OSError,
)
NO_ANSWER = (
    exceptions.ClientConnectionFailed,
    requests.ConnectionError,
    requests.Timeout,
    ConnectionRefusedError,
    FileNotFoundError,
)

# The first that matches counts; what is there already is looked for after what keeps a device from starting.
BY_WORDS: tuple[tuple[re.Pattern[str], type[InstanceError]], ...] = (
    (re.compile(r"requested GPU device|Invalid PCI address \(no device found\)"), CardDeviceMissing),
    (re.compile(r"address already in use"), PortTaken),
    (re.compile(r"Missing source path|source path \S+ doesn't exist"), SourceMissing),
    (re.compile(r"is busy running a|matching non-reusable operation"), InstanceBusy),
    (re.compile(r"already exists|already in use"), InstanceExists),
    (re.compile(r"Instance not found|Failed to fetch instance"), InstanceNotFound),
    (re.compile(r"Missing event connection with target cluster member|connection refused"), LxdUnreachable),
)


def instance_error(error: Exception) -> InstanceError:
    """The same trouble in junzi's words; str() of it stays LXD's."""
    if isinstance(error, NO_ANSWER):
        return LxdUnreachable(str(error) or type(error).__name__)
    words = words_of(error)
    kind = next((kind for pattern, kind in BY_WORDS if pattern.search(words)), None)
    if kind is None:
        kind = InstanceNotFound if isinstance(error, exceptions.NotFound) else InstanceError
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
