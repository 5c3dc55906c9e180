"""`junzi run`: the lab on real LXD, real cards and Telegram's own server."""

from __future__ import annotations

import asyncio
import gc
import logging
import socket

from telegram.error import InvalidToken

from bot.adapters.clock import SystemClock
from bot.adapters.folders import DistantFolders, LocalFolders
from bot.adapters.host_keys import make_host_keys
from bot.adapters.lxd import LxdInstances
from bot.adapters.nvidia_driver import driver_version
from bot.adapters.nvml import NvmlCards
from bot.adapters.oom import CgroupOomKills
from bot.adapters.pci import nvidia_cards
from bot.adapters.ports import bindable
from bot.adapters.ssh_banner import wait_for_ssh
from bot.app import Junzi, Outside
from bot.services.new_users import HostTools
from bot.services.observed import Observed
from bot.settings import Settings

logger = logging.getLogger("junzi")


def outside(settings: Settings) -> Outside:
    """The real ones. Nothing is connected yet: LXD and NVML are looked for when they are asked."""
    clock = SystemClock()
    lxd = settings.lxd

    def cards(observed: Observed) -> NvmlCards:
        return NvmlCards(socket.gethostname(), clock.now, observed.instance_names, project=lxd.project)

    return Outside(
        clock,
        LxdInstances(lxd.endpoint, cert=lxd.cert, key=lxd.key, server_cert=lxd.server_cert, project=lxd.project),
        cards,
        HostTools(make_host_keys, wait_for_ssh, bindable),
        CgroupOomKills(project=lxd.project),
        folders=DistantFolders() if lxd.endpoint.startswith("https://") else LocalFolders(),
        cards_on_bus=nvidia_cards,
        driver_version=driver_version,
    )


async def run_lab(settings: Settings) -> int:
    """Until it is stopped; 1 if it can't begin."""
    if not settings.telegram.token.get_secret_value():
        logger.error("telegram.token is empty: get one from @BotFather, then run `junzi init`")
        return 1
    junzi = Junzi(settings, outside(settings))
    try:
        await junzi.start()
    except InvalidToken:
        logger.error("Telegram refuses telegram.token: copy it again from @BotFather")
        await junzi.stop()
        return 1
    # What was loaded to begin stays for good. Left to itself the collector walks all of it now and then, for a tenth
    # of a second in which nobody is answered.
    gc.freeze()
    try:
        await asyncio.Event().wait()
    finally:
        await junzi.stop()
    return 0
