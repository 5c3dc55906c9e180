"""Changing a container's devices and configuration without losing what somebody else changed meanwhile."""

from __future__ import annotations

import copy
import logging
import time
from collections.abc import Callable
from typing import Any

from pylxd import Client
from pylxd.exceptions import LXDAPIException

from bot.adapters.lxd_errors import http_status, instance_error
from bot.domain.errors import InstanceBusy

logger = logging.getLogger("junzi.lxd")

Devices = dict[str, dict[str, str]]
Config = dict[str, str]
Edit = Callable[[Devices, Config], None]

PATIENCE_SECONDS = 10.0
PAUSE_SECONDS = 0.05


def change(client: Client, name: str, edit: Edit) -> None:
    """Read, edit, write if nobody wrote in between (ETag), else again; an edit that changes nothing writes nothing.

    pylxd's own save() sends no ETag: of two changes read at the same time the first is lost (measured, 2.4.2).
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not _changed(client, name, edit, last_try=time.monotonic() > deadline):
        time.sleep(PAUSE_SECONDS)


def _changed(client: Client, name: str, edit: Edit, *, last_try: bool) -> bool:
    api = client.api.instances[name]
    response = api.get()
    before = response.json()["metadata"]
    wanted = copy.deepcopy(before)
    edit(wanted["devices"], wanted["config"])
    if wanted == before:
        return True
    try:
        answer = api.put(json=wanted, headers={"If-Match": response.headers["ETag"]})
        client.operations.wait_for_operation(answer.json()["operation"])
    except LXDAPIException as error:
        if _somebody_was_faster(error) and not last_try:
            return False
        if not _there_all_the_same(client, name, wanted):
            raise
        logger.warning("LXD failed and changed %s all the same: %s", name, error)
    return True


def _somebody_was_faster(error: LXDAPIException) -> bool:
    """412 = the ETag is stale; the rest is another operation on the same container."""
    return http_status(error) == 412 or isinstance(instance_error(error), InstanceBusy)


def _there_all_the_same(client: Client, name: str, wanted: dict[str, Any]) -> bool:
    """A member's full disk: LXD answers 500 (it could not write backup.yaml), and the change holds (measured)."""
    now = client.api.instances[name].get().json()["metadata"]
    settings = [{k: v for k, v in raw["config"].items() if not k.startswith("volatile.")} for raw in (now, wanted)]
    return bool(now["devices"] == wanted["devices"] and settings[0] == settings[1])
