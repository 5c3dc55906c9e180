"""`junzi demo`: the real bot in a made-up lab, with a chat page to sit in it.

Real: handlers, services, ledger, timetable and python-telegram-bot over HTTP. Made up: Telegram's server, LXD, the
cards and the people's training runs. Nothing of it outlives the process.
"""

from __future__ import annotations

import asyncio
import logging
import tempfile
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

from pydantic import SecretStr

from bot.adapters.clock import FastClock
from bot.adapters.host_keys import make_host_keys
from bot.app import Junzi, Outside
from bot.books import Books
from bot.demo.cards import MadeUpCards
from bot.demo.cast import (
    ADMIN,
    BOT_NAME,
    BOT_TITLE,
    ENGLISH_PERSONAS,
    ENGLISH_ZONE,
    GROUP_TITLE,
    LISI,
    PERSONAS,
    TOPICS,
    WANGWU,
    ZONE,
    hints,
)
from bot.demo.host import MadeUpFolders
from bot.demo.lxd import MadeUpInstances
from bot.demo.runs import opening_acts
from bot.demo.server import LocalTelegram, Persona
from bot.demo.simulation import World
from bot.domain.container import InstanceRecord, InstanceState
from bot.domain.instance import Dataset, all_cards_device, dataset_device, proxy_to_ssh
from bot.domain.member import Role
from bot.domain.reservation import Request
from bot.domain.window import Window
from bot.ports import Clock
from bot.services.new_users import HostTools
from bot.settings import GpuSection, LabSection, LxdSection, Settings, StorageSection, TelegramSection

logger = logging.getLogger("junzi.demo")

TOKEN = "1:made-up"  # noqa: S105 - the local server's; it opens nothing
HOST = "gpu-lab"
DATASETS = Dataset("/srv/datasets", "/mnt/datasets")


class Demo:
    """The whole made-up lab; tests start it on any free port and a fast clock. `quiet`: nobody trains unasked."""

    def __init__(
        self,
        folder: Path,
        *,
        speed: float = 1.0,
        poll_seconds: float = 10,
        quiet: bool = False,
        people: Sequence[Persona] = PERSONAS,
        zone: str = ZONE,
        rich: Literal["auto", "off"] = "auto",
        language: Literal["auto", "zh", "en"] = "auto",
        **server: Any,
    ) -> None:
        self.clock = FastClock(speed)
        self.telegram = LocalTelegram(
            TOKEN,
            BOT_NAME,
            people,
            GROUP_TITLE,
            self.clock.now,
            speed,
            bot_title=BOT_TITLE,
            hints=hints(zone),
            zone=zone,
            spare_topics=TOPICS,
            **server,
        )
        self.telegram.switches.restart = self.restart
        self.lxd = MadeUpInstances(clock=self.clock)
        acts = () if quiet else opening_acts("lisi", "wangwu")
        regulars = () if quiet else ("wangwu",)
        self.world = World(self.clock.now, self._running, host=HOST, acts=acts, regulars=regulars)
        self._folder = folder
        self._zone = zone
        self._rich = rich
        self._language = language
        self._poll_seconds = poll_seconds
        self._speed = speed
        self._restarting = asyncio.Lock()
        self.junzi: Junzi | None = None

    async def start(self, port: int = 8765) -> str:
        """The address of the chat page."""
        try:
            return await self._start(port)
        except BaseException:
            await self.stop()
            raise

    async def _start(self, port: int) -> str:
        url = await self.telegram.start(port=port)
        self.junzi = Junzi(self._settings(url), self.clock, self._outside)
        await self._plant()
        for persona in (ADMIN, LISI, WANGWU):
            await self.telegram.begin(persona.telegram_id)
        await self.junzi.start()
        return url

    async def restart(self) -> None:
        """As `systemctl restart junzi` does it: the configuration is read anew, the database stays."""
        assert self.junzi is not None  # noqa: S101
        async with self._restarting:
            await self.junzi.stop()
            self.junzi = Junzi(self._settings(self.telegram.url), self.clock, self._outside)
            await self.junzi.start()

    async def stop(self) -> None:
        if self.junzi is not None:
            await self.junzi.stop()
        await self.telegram.stop()

    def _settings(self, url: str) -> Settings:
        return Settings(
            telegram=TelegramSection(
                token=SecretStr(TOKEN),
                api_url=url,
                group=self.telegram.group_id,
                admins=(ADMIN.telegram_id,),
                rich=self._rich,
                language=self._language,
                topic=self._topic(),
            ),
            lab=LabSection(name="GPU Lab", host="gpu-lab.example", timezone=self._zone),
            lxd=LxdSection(datasets=(f"{DATASETS.source}:{DATASETS.path}",)),
            gpu=GpuSection(poll_seconds=self._poll_seconds),
            storage=StorageSection(path=self._folder / "junzi.db"),
        )

    def _topic(self) -> int | None:
        """As the admin would set it: of a group with topics, the first."""
        group = self.telegram.core.world.group
        return next(iter(group.topics), None) if group.is_forum else None

    def _outside(self) -> Outside:
        tools = HostTools(make_host_keys, self._wait_for_ssh, _always)
        folders = MadeUpFolders(self.lxd.host)
        cards = MadeUpCards(self.world)
        return Outside(self.clock, self.lxd, lambda _observed: cards, tools, self.world, self._speed, folders)

    def _running(self) -> frozenset[str]:
        return self.lxd.running()

    async def _wait_for_ssh(self, port: int) -> bool:
        """A made-up container boots in a second or two; each look takes a moment of its own."""
        for _ in range(100):
            if await self.lxd.wait_for_ssh(port):
                return True
        return False

    async def _plant(self) -> None:
        """The lab as it was yesterday: two students with containers, and gpu0 promised to one of them."""
        assert self.junzi is not None  # noqa: S101
        for port, persona in ((10001, LISI), (10002, WANGWU)):
            devices = {"ssh": proxy_to_ssh(port), "gpu": all_cards_device(), "data": dataset_device(DATASETS)}
            name = persona.username or ""
            self.lxd.plant(name, devices=devices, running=True).be(name)
            await self.lxd.run(name, ["useradd", "-m", "-d", f"/home/{name}", "-s", "/bin/bash", "-G", "sudo", name])
        self.junzi.database.write_now(lambda books: _remember(books, self.clock, self.world))


async def _always(_port: int) -> bool:
    return True


def _remember(books: Books, clock: Clock, world: World) -> None:
    now = clock.now()
    books.cards.see(world.cards, now)
    for port, persona in ((10001, LISI), (10002, WANGWU)):
        name = persona.username or ""
        member = books.members.add(name, Role.STUDENT, now - timedelta(days=30))
        books.members.bind(member.id, persona.telegram_id, persona.name, persona.language_code)
        record = InstanceRecord("local", name, member.id, port, "template", InstanceState.READY, "planted", now)
        books.instances.add(record)
        if persona is LISI:
            window = Window(now - timedelta(hours=1), now + timedelta(hours=47))
            books.ledger.add(Request(member, (world.cards[0],), window, None, "ViT ablation"), now, origin=None)


async def run_demo(port: int, speed: float, *, language: Literal["zh", "en"] = "zh", on_ready: Any = None) -> None:
    """Until it is stopped. `language`: the group's, and everybody's at first."""
    people, zone = (ENGLISH_PERSONAS, ENGLISH_ZONE) if language == "en" else (PERSONAS, ZONE)
    with tempfile.TemporaryDirectory(prefix="junzi-demo-") as folder:
        demo = Demo(Path(folder), speed=speed, people=people, zone=zone)
        url = await demo.start(port)
        try:
            if on_ready is not None:
                on_ready(url)
            await asyncio.Event().wait()
        finally:
            await demo.stop()
