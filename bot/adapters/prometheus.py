"""The door to Prometheus: /metrics on one address, in the text form that prometheus-client writes.

Off unless configured. Served in the bot's own event loop, so that no other thread touches what the loop owns.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable

from aiohttp import web
from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from bot.adapters.metric_families import families
from bot.domain.census import Census

logger = logging.getLogger("junzi.metrics")


class PrometheusEndpoint:
    """`take` counts everything anew for each visit; Prometheus comes every 15 to 60 seconds."""

    def __init__(self, listen: str, take: Callable[[], Awaitable[Census]]) -> None:
        host, _, port = listen.rpartition(":")
        self._host = host.strip("[]")
        self._port = int(port)
        self._take = take
        self._runner: web.AppRunner | None = None
        self._process = CollectorRegistry()
        ProcessCollector(registry=self._process)  # the bot's own memory, processor time and open files
        PlatformCollector(registry=self._process)

    async def start(self) -> str:
        """The address that answers. OSError if it is taken or not ours."""
        application = web.Application()
        application.router.add_get("/metrics", self._metrics)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        try:
            await web.TCPSite(runner, self._host, self._port).start()
        except OSError:
            await runner.cleanup()
            raise
        self._runner = runner
        host, port = runner.addresses[0][:2]
        return f"http://[{host}]:{port}/metrics" if ":" in host else f"http://{host}:{port}/metrics"

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _metrics(self, _request: web.Request) -> web.Response:
        text = exposition(await self._take()) + generate_latest(self._process)
        return web.Response(body=text, headers={"Content-Type": CONTENT_TYPE_LATEST})


class _Counted(Collector):
    """A census that was taken already, as a collector."""

    def __init__(self, census: Census) -> None:
        self._census = census

    def collect(self) -> Iterable[GaugeMetricFamily]:
        return families(self._census)


def exposition(census: Census) -> bytes:
    registry = CollectorRegistry()
    registry.register(_Counted(census))
    return generate_latest(registry)
