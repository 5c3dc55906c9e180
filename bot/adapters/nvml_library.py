"""The open library: which cards it lists, which of them it lists no more, and opening it again.

A UUID is what a card is known by here; its index is read anew at every opening, since a lost card leaves no hole.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import pynvml

from bot.adapters.nvml_card import OpenCard, open_card
from bot.adapters.nvml_errors import CardGone, LibraryGone, ask, unread
from bot.adapters.pci import nvidia_cards
from bot.adapters.xid import XidWatch
from bot.domain.card import Card
from bot.domain.sample import CardReading, Unread

log = logging.getLogger("junzi.nvml")

XID_STOP_SECONDS = 2.0  # ten times what a wait takes


class Library:
    """Used by one thread, except `known`, which is replaced as a whole and so can be read by any."""

    def __init__(self, host: str, pci_root: str | Path, now: Callable[[], datetime]) -> None:
        self._host = host
        self.xids = XidWatch(now)
        self._pci_root = pci_root
        self._is_open = False
        self.cards: list[OpenCard] = []
        self.known: dict[str, Card] = {}
        self.warnings: tuple[str, ...] = ()
        self._silent: dict[int, Unread] = {}
        self._expected = 0

    def open(self) -> None:
        """Open it unless it is open. Raises LibraryGone.

        Where there is neither the library nor a card that it could be for, nothing is wrong: there are no cards.
        """
        if self._is_open:
            return
        try:
            pynvml.nvmlInit()
        except pynvml.NVMLError as error:
            is_missing = error.value == pynvml.NVML_ERROR_LIBRARY_NOT_FOUND
            if is_missing and not self.known and not nvidia_cards(self._pci_root):
                return
            raise LibraryGone(unread(error)) from error
        self._is_open = True
        self._list_cards()
        self.known = {**self.known, **{card.card.id.uuid: card.card for card in self.cards}}
        self.warnings = tuple(self._look_around())
        self.xids.start(self.cards)

    def close(self) -> None:
        """Let the driver go; the next `open` starts anew. An error here changes nothing."""
        if not self.xids.stop(XID_STOP_SECONDS):
            log.warning("a wait for XIDs does not return; the driver is left as it is")
        elif self._is_open:
            with suppress(pynvml.NVMLError):
                pynvml.nvmlShutdown()
        self._is_open = False
        self.cards = []

    def misses_cards(self) -> bool:
        """Whether opening anew might bring a card back."""
        return bool(self._silent) or len(self.cards) < max(len(self.known), self._expected)

    def lost_rows(self) -> list[CardReading]:
        """A row for every card that was there since we started and is listed no more."""
        listed = {card.card.id.uuid for card in self.cards}
        unlisted = Unread("lost", "NVML lists it no more")
        return [
            CardReading(card, xid=self.xids.reading(uuid), lost=self._silent.get(card.index, unlisted))
            for uuid, card in self.known.items()
            if uuid not in listed
        ]

    def _list_cards(self) -> None:
        self.cards, self._silent = [], {}
        count = ask(pynvml.nvmlDeviceGetCount)
        if isinstance(count, Unread):
            raise LibraryGone(count)
        for index in range(count):
            try:
                handle = ask(pynvml.nvmlDeviceGetHandleByIndex, index)
                if isinstance(handle, Unread):  # never go on with a handle that was not given (nvitop #139: a crash)
                    raise CardGone(handle)
                self.cards.append(open_card(self._host, handle))
            except CardGone as gone:
                self._silent[index] = gone.unread

    def _look_around(self) -> list[str]:
        """Cards that NVML does not name: silent since before we started, or not the driver's at all."""
        unnamed = len(self._silent) - (len(self.known) - len(self.cards))
        lines = (
            [f"card {index} does not answer: {why.detail}" for index, why in self._silent.items()]
            if unnamed > 0
            else []
        )
        on_bus = nvidia_cards(self._pci_root)
        self._expected = sum(driver == "nvidia" for driver in on_bus.values())
        seen = {card.card.pci_address for card in self.cards}
        unseen = [f"{address} ({driver or 'no driver'})" for address, driver in on_bus.items() if address not in seen]
        if len(on_bus) > len(seen):
            lines.append(f"the PCI bus holds {len(on_bus)} cards, NVML sees {len(seen)}; not seen: {', '.join(unseen)}")
        return lines
