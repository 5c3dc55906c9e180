"""Snapshots of a container, and giving it another name."""

from __future__ import annotations

from collections.abc import Sequence

from pylxd import Client
from pylxd.exceptions import LXDAPIException
from requests import Response

from bot.adapters.lxd_errors import instance_error, words_of
from bot.adapters.lxd_reading import read_snapshot
from bot.domain.errors import InstanceError, InstanceExists, InstanceNotFound
from bot.domain.instance import Snapshot

READ_SECONDS = 30.0

# Go's zero. Left out, LXD would take the expiry that is set for its scheduled snapshots.
NEVER = "0001-01-01T00:00:00Z"


def rename(client: Client, name: str, new_name: str) -> None:
    """An empty name would be replaced by one that LXD invents."""
    if not new_name:
        raise InstanceError("Invalid instance name: it is empty")
    _wait(client, client.api.instances[name].post(json={"name": new_name}))


def snapshot(client: Client, name: str, snapshot_name: str) -> None:
    try:
        request = {"name": snapshot_name, "stateful": False, "expires_at": NEVER}
        _wait(client, client.api.instances[name].snapshots.post(json=request))
    except LXDAPIException as error:
        if "already exists" in words_of(error) or "already in use" in words_of(error):
            raise InstanceExists(words_of(error)) from error
        raise


def read_snapshots(client: Client, name: str) -> Sequence[Snapshot]:
    answer = client.api.instances[name].snapshots.get(params={"recursion": 1}, timeout=READ_SECONDS).json()
    found = [read_snapshot(raw) for raw in answer["metadata"] or ()]
    return sorted(found, key=lambda s: (s.created_at.timestamp() if s.created_at else 0, s.name))


def restore(client: Client, name: str, snapshot_name: str) -> None:
    """LXD stops it, and a restore that fails leaves it stopped (measured)."""
    api = client.api.instances[name]
    api.snapshots[snapshot_name].get(timeout=READ_SECONDS)  # its 404 says more than the operation's failure
    _wait(client, api.put(json={"restore": snapshot_name}))


def delete_snapshot(client: Client, name: str, snapshot_name: str) -> None:
    try:
        _wait(client, client.api.instances[name].snapshots[snapshot_name].delete())
    except LXDAPIException as error:
        if not isinstance(instance_error(error), InstanceNotFound):
            raise
        client.api.instances[name].get(timeout=READ_SECONDS)  # the snapshot is gone; the container must be there


def _wait(client: Client, response: Response) -> None:
    client.operations.wait_for_operation(response.json()["operation"])
