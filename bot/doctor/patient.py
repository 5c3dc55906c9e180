"""What a check-up may look at. Every probe either answers or raises what its docstring says."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.ability import Abilities
from bot.domain.errors import InstanceError
from bot.domain.health import BotAccount, DatabaseState, GroupView, HopFault, PoolSpace
from bot.domain.instance import Instance
from bot.domain.sample import Sample
from bot.ports import Instances
from bot.settings import Settings


class TelegramView(Protocol):
    """May raise `bot.domain.health.TelegramTrouble`."""

    async def me(self) -> BotAccount: ...
    async def group(self, chat_id: int, bot_id: int) -> GroupView: ...
    async def abilities(self, chat_id: int) -> Abilities: ...


class LxdView(Protocol):
    """May raise `bot.domain.errors.InstanceError`."""

    async def version(self) -> str: ...
    async def pool_of(self, name: str) -> PoolSpace: ...


@dataclass(frozen=True)
class Patient:
    settings: Settings
    config_mode: int | None  # the permission bits of the file; None if there is none
    telegram: TelegramView | None  # None without a token
    hops: Callable[[], Awaitable[HopFault | None]]
    lxd: LxdView
    is_folder: Callable[[str], bool | None] | None  # None if LXD runs on another machine, whose folders we can't see
    sample: Callable[[], Awaitable[Sample]]
    cards_on_bus: Callable[[], Mapping[str, str]]  # PCI address to driver
    database: Callable[[], Awaitable[DatabaseState]]
    is_bindable: Callable[[int], Awaitable[bool]]
    now: Callable[[], datetime]
    instances: Instances | None = None  # None: the containers themselves are not looked at
    driver_version: Callable[[], str | None] = lambda: None  # that the host's kernel has loaded
    library_version: Callable[[], str | None] = lambda: None  # that a program which starts now would load
    last_copy_at: Callable[[], datetime | None] = lambda: None  # of the database; None where none are made
    seconds_ahead: Callable[[], Awaitable[float | None]] | None = None  # of Telegram's clock

    async def containers(self) -> Sequence[Instance]:
        """Nothing if they can't be looked at: the checks of LXD and of the containers tell why."""
        try:
            return await self.instances.list() if self.instances is not None else ()
        except InstanceError:
            return ()
