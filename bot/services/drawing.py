"""Pictures, drawn off the event loop: the one door through which they leave it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import tzinfo

from bot.domain.bucket import FINE
from bot.domain.member import Member
from bot.domain.past import Past
from bot.pictures.calendar import draw_calendar
from bot.pictures.heatmap import HeatRow, draw_heatmap, heat_words
from bot.pictures.status import draw_status, status_window
from bot.pictures.timeline import calendar_window
from bot.pictures.words import calendar_words, status_words
from bot.ports import Clock, Voice
from bot.services.history import HistoryService
from bot.views.calendar import calendar_rows
from bot.views.status import status_rows


@dataclass(frozen=True)
class Calendar:
    """The picture, and what it was made of."""

    png: bytes
    past: Past


class DrawingService:
    """One picture at a time: a second thread would cost memory and win nothing on a server that has other work."""

    def __init__(self, history: HistoryService, clock: Clock, zone: tzinfo) -> None:
        self._history = history
        self._clock = clock
        self._zone = zone
        self._thread = ThreadPoolExecutor(1, "junzi-draw")

    async def calendar(self, days: int, viewer: Member | None, voice: Voice) -> Calendar:
        """`viewer` None: in a group, where nothing is "mine"."""
        past = await self.agenda(days)
        rows = calendar_rows(past.cards, past.reservations, past.members, viewer, past.window)
        words = calendar_words(voice.plain)
        png = await self._draw(lambda: draw_calendar(rows, past.window, past.now, self._zone, words))
        return Calendar(png, past)

    async def agenda(self, days: int) -> Past:
        """What the calendar of so many days shows."""
        return await self._history.look(calendar_window(self._clock.now(), self._zone, days))

    async def status(self, voice: Voice) -> bytes:
        """The last day of every card."""
        past = await self._history.look(status_window(self._clock.now()), FINE)
        rows, words = status_rows(past), status_words(voice.plain)
        return await self._draw(lambda: draw_status(rows, past.now, self._zone, words))

    async def heatmap(self, rows: Sequence[HeatRow], voice: Voice) -> bytes:
        """A week's busiest hours."""
        words = heat_words(voice.plain)
        return await self._draw(lambda: draw_heatmap(rows, self._zone, words))

    async def _draw(self, work: Callable[[], bytes]) -> bytes:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def close(self) -> None:
        self._thread.shutdown()
