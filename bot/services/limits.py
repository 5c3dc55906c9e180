"""CPU, memory and disk of a container, at once."""

from __future__ import annotations

import logging

from bot.domain.container import InstanceRecord
from bot.domain.errors import InstanceError
from bot.domain.instance import Instance
from bot.domain.limits import LimitWish, config_for, devices_for, fits, limits_seen, shrinks
from bot.domain.saying import Bytes, Saying
from bot.domain.upkeep import Limited, NotDone
from bot.services.faults import fault
from bot.services.workshop import By, Workshop

logger = logging.getLogger("junzi.limits")

COUNT_SECONDS = 60


class LimitService:
    def __init__(self, workshop: Workshop) -> None:
        self._shop = workshop

    async def seen(self, record: InstanceRecord) -> Limited | NotDone:
        try:
            return await self._seen(record)
        except InstanceError as error:
            return NotDone(fault(error))

    async def _seen(self, record: InstanceRecord) -> Limited:
        used = (await self._shop.instances.usage(record.name)).disk_bytes
        return Limited(record, limits_seen(await self._shop.instances.get(record.name)), used)

    async def limit(self, record: InstanceRecord, wish: LimitWish, by: By) -> Limited | NotDone:
        async def work() -> Limited | NotDone:
            instance = await self._shop.instances.get(record.name)
            refusal = await self._refusal(wish, instance)
            if refusal is not None:
                return NotDone(refusal)
            changes = devices_for(wish, instance)
            await self._shop.instances.reconfigure(record.name, devices=changes, config=config_for(wish))
            return await self._seen(record)

        detail = {"cpu": wish.cpu, "memory": wish.memory, "disk": wish.disk}
        return await self._shop.alone("limit", record, by, work, detail)

    async def _refusal(self, wish: LimitWish, instance: Instance) -> Saying | None:
        """Only what surely fits is asked of LXD: an unknown use is no small use."""
        if not wish.disk or not shrinks(wish, instance):
            return None
        used = await self._used(instance)
        if used is None:
            return Saying("limit.unknown_use", {"name": instance.name})
        values = {"used": Bytes(used), "disk": wish.disk}
        return None if fits(used, wish.disk) else Saying("limit.too_small", values)

    async def _used(self, instance: Instance) -> int | None:
        """LXD's figure, or a count inside (its pool may not know before there is a limit)."""
        used = (await self._shop.instances.usage(instance.name)).disk_bytes
        if used is not None or not instance.is_running:
            return used
        command = ["du", "-sx", "--block-size=1", "/"]
        counted = await self._shop.instances.run(instance.name, command, timeout_seconds=COUNT_SECONDS)
        figure = counted.stdout.partition("\t")[0].strip()
        return int(figure) if counted.exit_code in (0, 1) and figure.isdecimal() else None
