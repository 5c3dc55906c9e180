"""Asking somebody at a terminal, or taking what the options and the environment say."""

from __future__ import annotations

import getpass
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from bot.ports import Voice


class GivenUp(Exception):
    """There is nobody to ask again; why has been said."""


class Talk(Protocol):
    """`ask` returns the answer, or the default for an empty one; `can_retry` tells whether asking again makes sense."""

    can_retry: bool

    def ask(self, question: str, default: str = "", *, secret: bool = False) -> str: ...
    def say(self, key: str, **values: object) -> None: ...


class Terminal:
    can_retry = True

    def __init__(self, voice: Voice) -> None:
        self._voice = voice

    def ask(self, question: str, default: str = "", *, secret: bool = False) -> str:
        prompt = self._voice.plain(f"init.{question}")
        shown = "" if not default else " [***]" if secret else f" [{default}]"
        read = getpass.getpass if secret else input
        with _ctrl_c_ends_it():
            return read(f"{prompt}{shown}: ").strip() or default

    def say(self, key: str, **values: object) -> None:
        print(self._voice.plain(key, **values))


@contextmanager
def _ctrl_c_ends_it() -> Iterator[None]:
    """While somebody types: asyncio's own handler (Python 3.11) only notes the first Ctrl-C, and goes on waiting."""
    if threading.current_thread() is not threading.main_thread():  # no signal comes to another one
        yield
        return
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


class Given:
    """Every question answers itself with what was given."""

    can_retry = False

    def __init__(self, voice: Voice) -> None:
        self._voice = voice

    def ask(self, question: str, default: str = "", *, secret: bool = False) -> str:  # noqa: ARG002
        return default

    def say(self, key: str, **values: object) -> None:
        print(self._voice.plain(key, **values))
