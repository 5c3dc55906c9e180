"""Real LXD, real cards, the real host. To import this is to load the vendors' libraries, a third of all there is to
load: `bot.real` does it on a thread, while Telegram is asked."""

from __future__ import annotations

import socket

from bot.adapters.folders import DistantFolders, LocalFolders
from bot.adapters.host_keys import make_host_keys
from bot.adapters.lxd import LxdInstances
from bot.adapters.nightly_copy import last_copy_at
from bot.adapters.nvidia_driver import driver_version, library_version
from bot.adapters.nvml import NvmlCards
from bot.adapters.oom import CgroupOomKills
from bot.adapters.pci import nvidia_cards
from bot.adapters.ports import bindable
from bot.adapters.ssh_banner import wait_for_ssh
from bot.app import Outside
from bot.ports import Clock
from bot.services.new_users import HostTools
from bot.services.observed import Observed
from bot.settings import Settings


def real_outside(settings: Settings, clock: Clock) -> Outside:
    """The real ones. Nothing is connected yet: LXD and NVML are looked for when they are asked."""
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
        library_version=library_version,
        last_copy_at=last_copy_at,
    )
