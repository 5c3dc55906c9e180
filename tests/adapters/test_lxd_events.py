"""LXD's events: whose they are, and that they are heard again when the channel died."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from aiohttp import web

from bot.adapters import lxd_events
from bot.adapters.lxd_events import changes, container_of
from bot.adapters.lxd_exec import Door


def event(source: str) -> str:
    return json.dumps({"type": "lifecycle", "metadata": {"action": "instance-updated", "source": source}})


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (event("/1.0/instances/lisi"), "lisi"),
        (event("/1.0/instances/lisi?project=lab"), "lisi"),
        (event("/1.0/instances/lisi/snapshots/before"), "lisi"),
        (event("/1.0/containers/lisi"), "lisi"),
        (event("/1.0/networks/lxdbr0"), ""),
        (event("/1.0/instances"), ""),
        ("{}", ""),
        ('{"metadata": null}', ""),
        ("no JSON", ""),
    ],
)
def test_whose_an_event_is(text: str, name: str) -> None:
    assert container_of(text) == name


async def test_a_channel_that_dies_is_opened_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lxd_events, "FIRST_WAIT_SECONDS", 0)
    names = iter(["lisi", "wangwu", "zhangsan"])

    async def serve(request: web.Request) -> web.WebSocketResponse:
        """One event, and then the daemon is restarted."""
        assert request.query == {"type": "lifecycle", "project": "lab"}
        channel = web.WebSocketResponse()
        await channel.prepare(request)
        await channel.send_str(event("/1.0/networks/lxdbr0"))
        await channel.send_str(event(f"/1.0/instances/{next(names)}"))
        await channel.close(code=1006)
        return channel

    app = web.Application()
    app.router.add_get("/1.0/events", serve)
    runner = web.AppRunner(app)
    await runner.setup()
    socket = str(tmp_path / "unix.socket")
    await web.UnixSite(runner, socket).start()
    heard = changes(Door(socket, None, None, "lab"))
    assert [await anext(heard) for _ in range(5)] == ["lisi", "", "wangwu", "", "zhangsan"]
    await heard.aclose()
    await runner.cleanup()


async def test_nobody_there_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 8:
            raise KeyboardInterrupt

    monkeypatch.setattr(lxd_events.asyncio, "sleep", sleep)
    with pytest.raises(KeyboardInterrupt):
        await anext(changes(Door(str(tmp_path / "nobody"), None, None, "default")))
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
