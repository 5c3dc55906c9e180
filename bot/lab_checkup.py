"""/doctor: the patient made of the running bot's own eyes and hands, the containers too."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Protocol

from bot.adapters.hops import first_fault, is_loopback, proxy_for
from bot.adapters.server_clock import seconds_ahead
from bot.adapters.telegram_probe import TelegramProbe
from bot.doctor import Patient, examine
from bot.domain.health import Finding, PoolSpace
from bot.ports import Cards, Clock, HostFolders, Instances
from bot.services.new_users import HostTools
from bot.settings import Settings
from storage.checkup import examine as examine_database


class Eyes(Protocol):
    """What of `bot.app.Outside` is needed here."""

    @property
    def clock(self) -> Clock: ...
    @property
    def instances(self) -> Instances: ...
    @property
    def tools(self) -> HostTools: ...
    @property
    def folders(self) -> HostFolders: ...
    @property
    def cards_on_bus(self) -> Callable[[], Mapping[str, str]]: ...
    @property
    def driver_version(self) -> Callable[[], str | None]: ...
    @property
    def last_copy_at(self) -> Callable[[], datetime | None]: ...
    @property
    def library_version(self) -> Callable[[], str | None]: ...


async def examine_lab(settings: Settings, outside: Eyes, cards: Cards) -> Sequence[Finding]:
    telegram = settings.telegram
    on_this_host = is_loopback(telegram.api_url)
    async with TelegramProbe(telegram.token.get_secret_value(), telegram.api_url, telegram.proxy) as probe:
        return await examine(
            Patient(
                settings=settings,
                config_mode=None,
                telegram=probe,
                hops=lambda: first_fault(telegram.api_url, proxy_for(telegram.api_url, telegram.proxy)),
                lxd=_LxdView(outside.instances),
                is_folder=outside.folders.here(),
                sample=cards.sample,
                cards_on_bus=outside.cards_on_bus,
                database=partial(asyncio.to_thread, examine_database, settings.storage.path),
                is_bindable=outside.tools.is_bindable,
                instances=outside.instances,
                driver_version=outside.driver_version,
                library_version=outside.library_version,
                last_copy_at=outside.last_copy_at,
                now=outside.clock.now,
                seconds_ahead=None
                if on_this_host
                else partial(seconds_ahead, outside.clock, telegram.api_url, telegram.proxy),
            )
        )


@dataclass(frozen=True)
class _LxdView:
    """The running bot's LXD, as a check-up asks it."""

    instances: Instances

    async def version(self) -> str:
        return await self.instances.version()

    async def pool_of(self, name: str) -> PoolSpace:
        return await self.instances.pool_space(name)
