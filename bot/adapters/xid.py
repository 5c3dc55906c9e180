"""XIDs: what the driver itself reports as gone wrong on a card, awaited on a thread of its own.

NVML tells of them only to whoever waits at that moment, and gives no time: the time here is when we heard of it. What
happened before we listened, or while NVML is being opened anew, is in the kernel's log alone. Check by hand:
sudo dmesg | grep -i xid

A wait must never be under way while NVML is shut down or its event set freed: the thread frees its own set, and
`stop` says whether it is through.
"""

from __future__ import annotations

import ctypes
import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import pynvml

from bot.adapters.nvml_card import OpenCard, text
from bot.adapters.nvml_errors import OF_THE_LIBRARY, unread
from bot.domain.sample import Reading, Unread, Xid

log = logging.getLogger("junzi.nvml")

WAIT_MILLISECONDS = 200  # as long as a shutdown may have to wait for the thread
PAUSE_SECONDS = 1.0  # after a wait that failed at once, as with a card that is lost
LOG_AGAIN_AFTER = timedelta(minutes=10)  # a broken program may cause thousands of the same
NOT_HEARD = Unread("error", "nobody listens for XIDs")


class XidWatch:
    """`start` and `stop` are for one thread; `reading` is for any. What was heard is kept over a `stop`."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._last: dict[str, Xid] = {}
        self._refused: dict[str, Unread] = {}
        self._trouble: Unread | None = NOT_HEARD
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()

    def start(self, cards: Iterable[OpenCard]) -> None:
        """Listen to these. What a card or the driver can't do is what `reading` says, and no error."""
        if self._thread is not None:  # one that hangs in the driver; a second would only join it
            return
        try:
            event_set = pynvml.nvmlEventSetCreate()
        except pynvml.NVMLError as error:
            self._trouble = unread(error)
            return
        self._refused, heard = {}, {}
        for card in cards:
            try:
                pynvml.nvmlDeviceRegisterEvents(card.handle, pynvml.nvmlEventTypeXidCriticalError, event_set)
            except pynvml.NVMLError as error:
                self._refused[card.card.id.uuid] = unread(error)
            else:
                heard[_address(card.handle)] = card.card.id.uuid
        self._trouble, self._stop = None, threading.Event()
        arguments = (event_set, heard, self._stop)
        self._thread = threading.Thread(target=self._listen, args=arguments, name="junzi-xid", daemon=True)
        self._thread.start()

    def stop(self, seconds: float) -> bool:
        """Whether nobody waits in the driver any more."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(seconds)
            if self._thread.is_alive():
                return False
        self._thread, self._trouble = None, NOT_HEARD
        return True

    def reading(self, uuid: str) -> Reading[Xid | None]:
        """The card's last XID since junzi was started, or None; what was heard stays true though nobody listens now."""
        return self._last.get(uuid) or self._refused.get(uuid) or self._trouble

    def _listen(self, event_set: Any, heard: Mapping[int | None, str], stop: threading.Event) -> None:
        while not stop.is_set():
            try:
                event = pynvml.nvmlEventSetWait_v2(event_set, WAIT_MILLISECONDS)
            except pynvml.NVMLError as error:
                if error.value == pynvml.NVML_ERROR_TIMEOUT:  # nothing happened
                    self._trouble = None
                    continue
                self._trouble = unread(error)
                if error.value in OF_THE_LIBRARY:
                    return  # the set is gone with it; the next poll opens anew
                stop.wait(PAUSE_SECONDS)
            else:
                self._note(event, heard)
        with suppress(pynvml.NVMLError):
            pynvml.nvmlEventSetFree(event_set)

    def _note(self, event: Any, heard: Mapping[int | None, str]) -> None:
        uuid = heard.get(_address(event.device)) or _uuid(event.device)
        if uuid is None or not event.eventType & pynvml.nvmlEventTypeXidCriticalError:
            return
        xid, before = Xid(int(event.eventData), self._now()), self._last.get(uuid)
        self._last[uuid] = xid
        if before is None or before.code != xid.code or xid.at - before.at > LOG_AGAIN_AFTER:
            log.warning("XID %d on %s", xid.code, uuid)


def _address(handle: Any) -> int | None:
    return ctypes.cast(handle, ctypes.c_void_p).value


def _uuid(handle: Any) -> str | None:
    try:
        return text(pynvml.nvmlDeviceGetUUID(handle))
    except pynvml.NVMLError:
        return None
