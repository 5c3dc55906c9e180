"""The demo's lab in which nobody trains unless the test says so, and what a test does there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bot.demo.hardware import GIB
from bot.demo.lab import Demo
from tests.stories.audit import audited
from tests.stories.conftest import ADMIN, LISI, WANGWU, WORLDS, Talk

TRAIN = "python train.py --model resnet50"
POLL_SECONDS = 10
STEP_MINUTES = 8


class QuietTalk(Talk):
    """Nothing happens by the clock on the wall: the test lets it pass, and the bot look, with `look`."""

    async def look(self, times: int = 1, *, minutes: float = 0) -> None:
        """So much time passes, then the watch looks and what is owed is sent."""
        assert self.demo.junzi is not None
        lab = self.demo.junzi.lab
        assert lab is not None
        for _ in range(times):
            self.demo.clock.skip(minutes=minutes, seconds=POLL_SECONDS)
            await lab.watch.poll()
            await lab.delivery.deliver()

    async def pass_time(self, minutes: float) -> None:
        """In steps: a longer gap would be time in which nobody looked."""
        for _ in range(int(minutes // STEP_MINUTES)):
            await self.look(minutes=STEP_MINUTES)
        await self.look(minutes=minutes % STEP_MINUTES)

    async def until(self, chat: int, words: str, who: int | None = None) -> dict[str, Any]:
        """Looks a few times, since it takes two polls to be sure, then waits for what is under way."""
        for _ in range(4):
            if any(words in text for text in self.texts(chat, who)):
                break
            await self.look()
        return await super().until(chat, words, who)

    async def becomes(self, chat: int, message: dict[str, Any], words: str) -> dict[str, Any]:
        """Looks a few times, as `until` does."""
        for _ in range(4):
            if self.says(chat, message, words):
                break
            await self.look()
        return await super().becomes(chat, message, words)

    def warned(self, chat: int) -> list[str]:
        """What was said there about a process, whatever became of it."""
        return [text for text in self.texts(chat) if "· 进程 " in text]

    def run(self, who: str, card: int, gib: float = 8, **how: Any) -> int:
        return self.demo.world.start_run(who, card, TRAIN, int(gib * GIB), **how)


@asynccontextmanager
async def quiet_lab(folder: Path, world: str) -> AsyncIterator[QuietTalk]:
    """gpu0 is booked by 李四. The timetable rests: two who deliver at once would send twice."""
    demo = Demo(folder, poll_seconds=POLL_SECONDS, quiet=True, flood_limits=False, **WORLDS[world])
    async with audited(demo):
        talk = QuietTalk(demo)
        for persona in (ADMIN, LISI, WANGWU):
            await Talk.until(talk, persona.telegram_id, "👋")
        assert demo.junzi is not None
        demo.junzi._scheduler.pause()
        yield talk
        talk.check_topics()
