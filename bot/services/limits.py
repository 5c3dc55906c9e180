"""CPU, memory and disk of a container, at once."""

from __future__ import annotations

import logging

from bot.domain.container import InstanceRecord
from bot.domain.errors import InstanceError
from bot.domain.instance import Instance
from bot.domain.limits import LimitWish, config_for, devices_for, fits, limits_seen, shrinks
from bot.domain.saying import Bytes, Saying
from bot.domain.upkeep import Limited, NotDone
from bot.services.disk_counts import DiskCounts
from bot.services.faults import fault
from bot.services.workshop import By, Workshop

logger = logging.getLogger("junzi.limits")


class LimitService:
    def __init__(self, workshop: Workshop, counts: DiskCounts) -> None:
        self._shop = workshop
        self._counts = counts

    async def seen(self, record: InstanceRecord) -> Limited | NotDone:
        try:
            return await self._seen(record)
        except InstanceError as error:
            return NotDone(fault(error))

    async def _seen(self, record: InstanceRecord) -> Limited:
        instance = await self._shop.instances.get(record.name)
        return Limited(record, limits_seen(instance), await self._counts.used(instance))

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
        used = await self._counts.used(instance, fresh=True)
        if used is None:
            return Saying("limit.unknown_use", {"name": instance.name})
        values = {"used": Bytes(used), "disk": wish.disk}
        return None if fits(used, wish.disk) else Saying("limit.too_small", values)
