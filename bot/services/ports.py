"""Ports beside SSH: asked for by members, taken from the lab's range, forwarded by a proxy device.

A port is held in the books before LXD hears of it, so that nobody else is given it; then LXD binds it, or another one
is tried. Held and not forwarded (kill -9 between the two): asking again finishes it.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping

from bot.books import Books
from bot.domain.container import InstanceRecord
from bot.domain.errors import InstanceError, PortTaken
from bot.domain.extra_port import (
    MOST_PORTS,
    SSH,
    ExtraPort,
    device_name,
    extra_ports,
    proxy_device,
)
from bot.domain.instance import Instance, listening_ports
from bot.domain.provisioning import choose_port
from bot.domain.saying import Saying
from bot.domain.upkeep import NotDone, PortOpened, PortsSeen
from bot.services.faults import fault
from bot.services.workshop import By, Workshop

logger = logging.getLogger("junzi.ports")

TRIES = 5


class PortService:
    def __init__(self, workshop: Workshop, is_bindable: Callable[[int], Awaitable[bool]]) -> None:
        self._shop = workshop
        self._is_bindable = is_bindable

    async def seen(self, record: InstanceRecord) -> PortsSeen | NotDone:
        try:
            instance = await self._shop.instances.get(record.name)
        except InstanceError as error:
            return NotDone(fault(error))
        user = await self._shop.owner(record)
        return PortsSeen(record, self._shop.host.name, user, extra_ports(instance.expanded_devices))

    async def open(self, record: InstanceRecord, target: int, by: By) -> PortOpened | NotDone:
        """The same port again if it is open already."""
        if target == SSH:
            return NotDone(Saying("port.ssh", {"port": str(record.ssh_port or "")}))
        detail = {"target": target}
        return await self._shop.alone("port", record, by, lambda: self._open(record, target), detail)

    async def _open(self, record: InstanceRecord, target: int) -> PortOpened | NotDone:
        present = {instance.name: instance for instance in await self._shop.instances.list()}
        instance = present.get(record.name) or await self._shop.instances.get(record.name)
        there = {inside: port for port, inside in extra_ports(instance.expanded_devices)}
        if target in there:
            return await self._opened(record, there[target], target, instance)
        if len(there) >= MOST_PORTS:
            return NotDone(Saying("port.too_many", {"count": len(there)}))
        taken = set().union(*(listening_ports(one.expanded_devices) for one in present.values()))
        for _ in range(TRIES):
            port = await self._hold(record, target, taken)
            if port is None:
                return NotDone(Saying("port.none_left", {"first": self._range[0], "last": self._range[-1]}))
            try:
                devices = {device_name(target): proxy_device(port, target)}
                await self._shop.instances.reconfigure(record.name, devices=devices)
            except PortTaken:
                taken.add(port)  # by something that came between the look and the bind
            except InstanceError:
                await self._give_up(record, target)
                raise
            else:
                return await self._opened(record, port, target, instance)
        await self._give_up(record, target)
        return NotDone(Saying("fault.port_taken"))

    async def _opened(self, record: InstanceRecord, port: int, target: int, instance: Instance) -> PortOpened:
        user = await self._shop.owner(record)
        return PortOpened(record, port, target, self._shop.host.name, user, instance.is_running)

    @property
    def _range(self) -> tuple[str, str]:
        return str(self._shop.host.ports[0]), str(self._shop.host.ports[-1])

    async def _hold(self, record: InstanceRecord, target: int, taken: set[int]) -> int | None:
        """The lowest port that nobody holds, nobody forwards and nobody listens on; None if there is none."""
        while True:
            port = await self._shop.store.write(lambda books: self._held(books, record, target, taken))
            if port is None or await self._is_bindable(port):
                return port
            taken.add(port)

    def _held(self, books: Books, record: InstanceRecord, target: int, taken: set[int]) -> int | None:
        """A port that was held for the same target before is given up first: it is then the lowest again, or taken."""
        books.extra_ports.give_up(record.server, record.name, target)
        port = choose_port(self._shop.host.ports, taken | books.instances.ports(record.server))
        if port is not None:
            books.extra_ports.hold(ExtraPort(record.server, record.name, port, target), self._shop.now())
        return port

    async def _give_up(self, record: InstanceRecord, target: int) -> None:
        await self._shop.store.write(lambda books: books.extra_ports.give_up(record.server, record.name, target))

    async def close(self, record: InstanceRecord, target: int, by: By) -> PortsSeen | NotDone:
        """One that was forwarded by hand is closed too: its owner asks for it."""

        async def work() -> PortsSeen | NotDone:
            instance = await self._shop.instances.get(record.name)
            names = [name for name, device in instance.devices.items() if _leads_to(device, target)]
            if not names or target == SSH:
                return NotDone(Saying("port.not_open", {"port": str(target)}))
            await self._shop.instances.reconfigure(record.name, devices=dict.fromkeys(names))
            await self._give_up(record, target)
            return await self.seen(record)

        return await self._shop.alone("port_close", record, by, work, {"target": target})

    async def everybodys(self) -> Mapping[str, Instance] | NotDone:
        """All containers by name, for a table of who has which port."""
        try:
            return {instance.name: instance for instance in await self._shop.instances.list()}
        except InstanceError as error:
            return NotDone(fault(error))


def _leads_to(device: Mapping[str, str], target: int) -> bool:
    return any(inside == target for _, inside in extra_ports({"": device}))
