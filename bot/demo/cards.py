"""The made-up lab's cards behind the same door as the real ones (`bot.ports.Cards`)."""

from __future__ import annotations

from bot.demo.runs import Run
from bot.demo.simulation import World
from bot.domain.sample import CardReading, InInstance, OnHost, Process, Sample, Unread

DRIVER_BYTES = 3 << 20  # what a card without a process shows as used


class MadeUpCards:
    """What NVML and /proc would say of the made-up lab."""

    def __init__(self, world: World, *, project: str = "default") -> None:
        self._world = world
        self._project = project

    async def sample(self) -> Sample:
        world = self._world
        now, runs = world.catch_up(), world.runs()
        if world.trouble is not None:
            return Sample(world.host, now, trouble=world.trouble)
        return Sample(world.host, now, tuple(self._row(index, runs) for index in range(len(world.cards))))

    async def close(self) -> None:
        """Nothing to give back."""

    def _row(self, index: int, runs: tuple[Run, ...]) -> CardReading:
        world, card = self._world, self._world.cards[index]
        now = world.catch_up()
        if index in world.lost:
            return CardReading(card, xid=world.xids.get(index), lost=world.lost[index])
        here = [run for run in runs if run.card_index == index]
        used = sum(run.memory_at(now) for run in here) + world.leaked_bytes.get(index, 0) + DRIVER_BYTES
        total = world.makes[index].memory_bytes
        return CardReading(
            card=card,
            memory_used_bytes=min(used, total),
            memory_total_bytes=total,
            load_percent=world.load_percent(index, now),
            temperature_celsius=world.temperature_celsius(index),
            power_watts=world.power_watts(index, now),
            processes=tuple(self._process(run) for run in here),
            throttled_by=frozenset(),
            ecc_uncorrected=Unread("not_supported") if "GeForce" in card.model else 0,
            xid=world.xids.get(index),
        )

    def _process(self, run: Run) -> Process:
        now = self._world.catch_up()
        return Process(
            pid=run.pid,
            origin=OnHost() if run.instance is None else InInstance(run.instance, self._project),
            memory_bytes=run.memory_at(now),
            sm_percent=self._world.sm_percent(run, now),
            command=run.command,
            started_at=run.started_at,
            process_group=run.process_group,
            session=run.process_group,
            folder=run.folder,
            environment=run.environment,
            session_name=run.session_name,
        )
