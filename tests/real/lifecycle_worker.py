"""A junzi that dies: does one thing on a real LXD and kills itself (SIGKILL) when it reaches a given call.

python -m tests.real.lifecycle_worker '{"socket": ..., "database": ..., "action": "archive", "name": "lisi", ...}'
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from bot.adapters.clock import SystemClock
from bot.adapters.host_keys import make_host_keys
from bot.adapters.lxd import LxdInstances
from bot.adapters.ports import bindable
from bot.adapters.ssh_banner import wait_for_ssh
from bot.domain.user_options import UserWish
from bot.services.new_users import HostFacts, HostTools
from storage.database import Database
from tests.real.lxd_lab import TEMPLATE
from tests.services.lifecycle_lab import Services, quiet


class Deadly:
    """The port `Instances` on a real LXD, until the call at which this process is killed."""

    def __init__(self, lxd: LxdInstances, call: str, *, after: bool) -> None:
        self._lxd = lxd
        self._call = call
        self._after = after

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._lxd, name)
        if name != self._call:
            return method

        async def deadly(*arguments: Any, **named: Any) -> Any:
            if self._after:
                await method(*arguments, **named)
            os.kill(os.getpid(), signal.SIGKILL)

        return deadly


def services(lxd: Any, database: Database, first_port: int) -> Services:
    """As a real lab has them."""
    host = HostFacts("127.0.0.1", range(first_port, first_port + 50), TEMPLATE)
    tools = HostTools(make_host_keys, wait_for_ssh, bindable)
    return Services(database, SystemClock(), lxd, host, tools, lambda _books, _now: None)


async def work(order: dict[str, Any]) -> None:
    database = Database(Path(order["database"]))
    lxd = LxdInstances(order["socket"])
    lab = services(Deadly(lxd, order["call"], after=order["after"]), database, order["first_port"])
    boss = database.write_now(lambda books: books.members.by_name("boss"))
    name = order["name"]
    if order["action"] == "adduser":
        await lab.new_users.add(boss, UserWish(name), quiet, "update:1")
    elif order["action"] == "archive":
        await lab.archives.archive(boss, name, quiet, "update:2")
    elif order["action"] == "restoreuser":
        await lab.returning.restore(boss, name, quiet, "update:3")
    else:
        raise SystemExit(f"no such action: {order['action']}")


if __name__ == "__main__":
    asyncio.run(work(json.loads(sys.argv[1])))
